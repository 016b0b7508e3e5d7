// Makes a fresh clone runnable: installs once per lockfile, then hands over to Node 24 (from npm where the machine has less).
// Plain JavaScript without dependencies, because it runs before anything is installed. Owns no command of Synod itself.
//
//   node bootstrap.mjs run FILE [ARGS…]    run a TypeScript file
//   node bootstrap.mjs test [FILES…]       run the tests (all, when no file is named)
//   node bootstrap.mjs check               types, lint and format
//   node bootstrap.mjs page                build the web page anew
//   node bootstrap.mjs bundle              bundle the program, where the bundle of these sources is missing
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { constants, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PNPM = 'pnpm@12.21.0';
const NODE_MIN = [20, 19];
const NODE_MAJOR_RUN = 24;
/**
 * Which tests run beside which: stages one after the other, the lanes of a stage side by side (never more than two test files at once), the
 * jobs of a lane one after the other. A job with `isolation: none` has one process for all its files (test/tidy.test.ts holds what may be in it).
 */
const TEST_STAGES = 'test/stages.json';
/** A test that hangs fails then, long after any that works has ended. */
const TEST_TIMEOUT_MS = 25 * 60_000;

/** Files and folders that the web page is made of. A change of any of them builds it anew. */
const PAGE_INPUTS = [
  'packages/web/src',
  'packages/web/public',
  'packages/web/index.html',
  'packages/web/vite.config.ts',
  'packages/rpc/src/client',
  'pnpm-lock.yaml',
];

const root = dirname(fileURLToPath(import.meta.url));
const windows = process.platform === 'win32';
const binary = (name) => join(root, 'node_modules', '.bin', windows ? `${name}.cmd` : name);
const stampFile = join(root, 'node_modules', '.bootstrap');

main(process.argv.slice(2));

function main([mode, ...args]) {
  requireNode();
  if (!['run', 'test', 'check', 'page', 'bundle'].includes(mode) || (mode === 'run' && args.length === 0)) {
    fail('usage: node bootstrap.mjs run FILE [ARGS…] | test [FILES…] | check | page | bundle', [], 2);
  }
  installOnce();
  const node = findNode();
  if (mode === 'page') process.exit(buildPage(node, pageStamp()) ? 0 : 1);
  if (mode === 'bundle') process.exit(bundleOnce(node) ? 0 : 1);
  if (mode !== 'check') buildPageOnce(node);
  // What starts nodes does so by itself; tests run side by side.
  if (mode === 'test') bundleOnce(node);
  if (mode === 'run') {
    // What `npm start` advises to type: the launcher beside this file.
    process.env.SYNOD_COMMAND ??= join(root, 'synod');
    return handOver(node, args);
  }
  if (mode === 'check') return check();
  void runTests(node, args.length > 0 ? [[[{ concurrency: 2, files: args }]]] : testStages());
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  fail(`Node ${process.versions.node} is too old: Synod needs ${NODE_MIN.join('.')} or newer.`, [
    'Install a current Node from https://nodejs.org and run the same command again.',
  ]);
}

/** Installs when the stamp does not carry the hash of this lockfile on this platform. All output goes to stderr. */
function installOnce() {
  const lockFile = join(root, 'pnpm-lock.yaml');
  if (!existsSync(lockFile))
    fail(`pnpm-lock.yaml is missing in ${root}.`, ['Restore it:  git checkout pnpm-lock.yaml']);
  const platform = `${process.platform}-${process.arch}`;
  const wanted = createHash('sha256').update(readFileSync(lockFile)).update(platform).digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) {
    // The launcher compares times only: a newer stamp lets it skip this file next time.
    utimesSync(stampFile, new Date(), new Date());
    return;
  }
  const startedAt = Date.now();
  process.stderr.write('synod: installing packages (once; about 30 s with a network, no compiler needed)\n');
  const result = spawnSync(
    'npx',
    ['--prefer-offline', '-y', PNPM, 'install', '--frozen-lockfile', '--prefer-offline'],
    { cwd: root, stdio: ['ignore', 2, 2], shell: windows },
  );
  if (result.error) {
    fail(`npx could not be started (${result.error.message}).`, [
      'It comes with npm: install npm and run the same command again.',
    ]);
  }
  if (result.status !== 0) {
    const how = result.signal ? `was stopped by ${result.signal}` : `ended with code ${result.status}`;
    fail(`installing packages failed: ${PNPM} ${how}; its messages stand above.`, [
      "No network? Connect once (or set npm's registry and proxy), then run the same command again: it continues.",
      'Nothing but the folder node_modules was changed.',
    ]);
  }
  writeFileSync(stampFile, wanted);
  process.stderr.write(`synod: packages are installed (${((Date.now() - startedAt) / 1000).toFixed(0)} s)\n`);
}

/** The Node that runs TypeScript: this one when it is new enough, else the one that npm installed. */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_RUN) return process.execPath;
  const installed = windows ? join(root, 'node_modules', 'node', 'bin', 'node.exe') : binary('node');
  if (existsSync(installed)) {
    const probe = spawnSync(installed, ['--version'], { encoding: 'utf8' });
    if (probe.status === 0 && Number(probe.stdout.slice(1).split('.')[0]) >= NODE_MAJOR_RUN) return installed;
  }
  return fail(`Node ${NODE_MAJOR_RUN} is needed to run Synod; this is Node ${process.versions.node}.`, [
    `The copy that npm offers did not install on this platform (${process.platform}-${process.arch}).`,
    `Install Node ${NODE_MAJOR_RUN} or newer from https://nodejs.org and run the same command again.`,
  ]);
}

/** A page that cannot be built stops nothing: a node serves everything else, and says at /ui what is missing. */
function buildPageOnce(node) {
  const stamp = pageStamp();
  const file = join(root, 'packages/web/dist/.stamp');
  if (existsSync(file) && readFileSync(file, 'utf8') === stamp) {
    // The launcher compares times only.
    utimesSync(file, new Date(), new Date());
    return;
  }
  buildPage(node, stamp);
}

function pageStamp() {
  const hash = createHash('sha256');
  for (const path of PAGE_INPUTS.flatMap(filesUnder)) {
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesUnder(path) {
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesUnder(`${path}/${name}`));
}

/** Builds beside the old build and then takes its place, so that a node never serves half of one. */
function buildPage(node, stamp) {
  const startedAt = Date.now();
  const folder = join(root, 'packages', 'web');
  const made = mkdtempSync(join(folder, 'dist.'));
  chmodSync(made, 0o755);
  process.stderr.write('synod: building the web page (once; about 2 s)\n');
  const vite = join(folder, 'node_modules', 'vite', 'bin', 'vite.js');
  const result = spawnSync(node, [vite, 'build', '--outDir', made, '--logLevel', 'error'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  });
  try {
    if (result.status !== 0) {
      process.stderr.write(
        '✖ the web page could not be built; everything else works. Try again:  node bootstrap.mjs page\n',
      );
      return false;
    }
    writeFileSync(join(made, '.stamp'), stamp);
    rmSync(join(folder, 'dist'), { recursive: true, force: true });
    renameSync(made, join(folder, 'dist'));
  } catch (error) {
    // Another start may have put its own build there just now; it is the same.
    if (!existsSync(join(folder, 'dist', 'index.html'))) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  process.stderr.write(`synod: the web page is built (${((Date.now() - startedAt) / 1000).toFixed(1)} s)\n`);
  return true;
}

/** A program that cannot be bundled runs from its sources. */
function bundleOnce(node) {
  const maker = join(root, 'packages/cli/src/bundle/make-main.ts');
  return spawnSync(node, [maker], { stdio: ['ignore', 2, 2] }).status === 0;
}

function testStages() {
  return JSON.parse(readFileSync(join(root, TEST_STAGES), 'utf8'));
}

/** All jobs run, unless a signal ended one. Ends with the exit code of the first that failed. */
async function runTests(node, stages) {
  const { XDG_CACHE_HOME: cache = join(homedir(), '.cache') } = process.env;
  process.env.NODE_COMPILE_CACHE ??= join(cache, 'synod', 'compiled');
  let first = 0;
  for (const lanes of stages) {
    // What two print at once is told line by line: a torn line could hide a summary. A terminal shows it as it comes, in colour.
    const isByLines = lanes.length > 1 && !process.stdout.isTTY;
    const codes = await Promise.all(lanes.map((jobs) => runLane(node, jobs, isByLines)));
    first ||= codes.find((code) => code !== 0) ?? 0;
    if (codes.some((code) => code > 128)) break;
  }
  process.exit(first);
}

async function runLane(node, jobs, isByLines) {
  let first = 0;
  for (const { concurrency = 1, isolation = 'process', files } of jobs) {
    const how = { timeout: TEST_TIMEOUT_MS, concurrency, isolation };
    const argv = ['--test', ...Object.entries(how).map(([name, value]) => `--test-${name}=${value}`), ...files];
    const code = await new Promise((onEnd) => handOver(node, argv, { cwd: root, onEnd, isByLines }));
    if (code > 128) return code;
    first ||= code;
  }
  return first;
}

/** Runs the file in place of this process, as nearly as Node allows: same streams, signals and exit code. */
function handOver(node, argv, { cwd, onEnd = (code) => process.exit(code), isByLines = false } = {}) {
  const stdio = isByLines ? ['inherit', 'pipe', 'pipe'] : 'inherit';
  const child = spawn(node, argv, { stdio, ...(cwd ? { cwd } : {}) });
  if (isByLines) for (const name of ['stdout', 'stderr']) forwardLines(child[name], process[name]);
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  // A terminal's Ctrl-C reaches the child by itself: forwarding it too would deliver it twice.
  process.on('SIGINT', () => terminal || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${node} could not be started (${error.message}).`));
  child.on('close', (code, signal) => onEnd(signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 1)));
}

/** Never half a line. */
function forwardLines(from, to) {
  let rest = '';
  from.setEncoding('utf8');
  from.on('data', (chunk) => {
    const end = chunk.lastIndexOf('\n') + 1;
    if (end > 0) to.write(rest + chunk.slice(0, end));
    rest = end > 0 ? chunk.slice(end) : rest + chunk;
  });
  from.on('end', () => rest === '' || to.write(`${rest}\n`));
}

function check() {
  const steps = [
    ['tsc', ['--noEmit', '-p', '.']],
    ['tsc', ['--noEmit', '-p', 'packages/web']],
    ['biome', ['check', '.']],
  ];
  let failed = false;
  for (const [name, args] of steps) {
    process.stderr.write(`synod: ${name} ${args.join(' ')}\n`);
    const result = spawnSync(binary(name), args, { cwd: root, stdio: 'inherit', shell: windows });
    if (result.error) process.stderr.write(`✖ ${name} could not be started (${result.error.message}).\n`);
    failed ||= result.status !== 0;
  }
  process.exit(failed ? 1 : 0);
}

function fail(what, next = [], code = 1) {
  process.stderr.write(`✖ ${what}\n${next.map((line) => `  ${line}\n`).join('')}`);
  process.exit(code);
}
