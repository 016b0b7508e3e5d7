/**
 * Processor time (user and system, from /proc) of `synod start` on a home that exists: one node alone from its spawn until it
 * serves requests, and all four of a devnet after kill -9 until the next block. Several checkouts are measured in turns on the same homes.
 * Owns no fault but kill -9, and no workload: those are bench/chaos's.
 * Run: node bootstrap.mjs run bench/start/run.ts [--rounds 10] [--against CHECKOUT …]
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { layoutOf, type NodePlace } from '../../packages/cli/src/devnet/layout.ts';
import { logTail } from '../../packages/cli/src/devnet/node-process.ts';
import { parseDevnetOptions } from '../../packages/cli/src/devnet/options.ts';
import { prepareDevnet } from '../../packages/cli/src/devnet/prepare.ts';
import { compileCacheDirectory } from '../../packages/cli/src/settings/paths.ts';
import { freePortBase, root } from '../../test/e2e/devnet-process.ts';
import { quantile, report } from '../table.ts';

const POLL_MS = 10;
const START_MS_MAX = 60_000;
/** Blocks before the first kill, so that there is a chain to load. */
const BLOCKS_BEFORE = 20;

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    against: { type: 'string', multiple: true, default: [] },
    model: { type: 'string', default: 'none' },
  },
});
const checkouts = [root, ...flags.against.map((folder) => resolve(folder))];

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

type Started = { readonly pid: number; readonly spawnedMs: number; end(): Promise<void> };
type Line = { readonly msg: string; readonly height?: number };
type Start = { readonly wallMs: number; readonly processorMs: number };

const directory = mkdtempSync(join(tmpdir(), 'synod-bench-start-'));
const options = parseDevnetOptions(
  { seed: 'start', dataDir: directory, portBase: String(await freePortBase()), model: flags.model },
  process.env,
);
const { nodes } = await prepareDevnet({
  options,
  layout: layoutOf(directory),
  environment: process.env,
  report: () => undefined,
  signal: new AbortController().signal,
});
const places = nodes.map(({ place }) => place);
let newest = 0;
const alone = checkouts.map((): Start[] => []);
const all = checkouts.map((): Start[] => []);

try {
  for (const checkout of checkouts) {
    // A checkout of before there were bundles runs from its sources.
    const maker = join(checkout, 'packages/cli/src/bundle/make-main.ts');
    if (existsSync(maker)) execFileSync(process.execPath, [maker], { stdio: 'inherit' });
  }
  // The first start of each fills the cache of compiled modules, and is not counted.
  for (const checkout of checkouts) await allFour(checkout, BLOCKS_BEFORE);
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const [index, checkout] of checkouts.entries()) {
      alone[index]!.push(await oneAlone(checkout));
      all[index]!.push(await allFour(checkout, 1));
    }
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

report(
  'start',
  checkouts.flatMap((checkout, index) => [
    row(`${checkout}: one alone until it serves`, alone[index]!, null),
    row(`${checkout}: all four, kill -9 → next block`, all[index]!, 3_000),
  ]),
  { checkouts, alone, all },
);

function row(figure: string, starts: readonly Start[], goalMs: number | null) {
  const walls = starts.map(({ wallMs }) => wallMs);
  const median = quantile(walls, 0.5);
  const processor = seconds(
    quantile(
      starts.map(({ processorMs }) => processorMs),
      0.5,
    ),
  );
  return {
    figure,
    value: `${seconds(median)} (${seconds(Math.max(...walls))}); processor ${processor}`,
    goal: goalMs === null ? '–' : `≤ ${seconds(goalMs)}`,
    met: goalMs === null ? null : median <= goalMs,
  };
}

async function oneAlone(checkout: string): Promise<Start> {
  const place = places[0]!;
  const log = tailOf(place);
  const node = start(checkout, place);
  await until(() => log().some(({ msg }) => msg === 'node serves requests'));
  const measured = { wallMs: performance.now() - node.spawnedMs, processorMs: processorMsOf(node.pid) };
  await node.end();
  return measured;
}

/** From the spawn of all until the log of one tells of a block above all that were told before. Ends with kill -9 of all. */
async function allFour(checkout: string, blocks: number): Promise<Start> {
  const logs = places.map(tailOf);
  const spawnedMs = performance.now();
  const started = places.map((place) => start(checkout, place));
  const target = newest + blocks;
  await until(() => {
    const heights = logs.flatMap((log) => log()).map(({ msg, height }) => (msg === 'block applied' ? height! : 0));
    newest = Math.max(newest, ...heights);
    return newest >= target;
  });
  const wallMs = performance.now() - spawnedMs;
  const processorMs = started.reduce((sum, { pid }) => sum + processorMsOf(pid), 0);
  await Promise.all(started.map((node) => node.end()));
  for (const log of logs)
    for (const { msg, height } of log()) if (msg === 'block applied') newest = Math.max(newest, height!);
  return { wallMs, processorMs };
}

function start(checkout: string, place: NodePlace): Started {
  const main = join(checkout, 'packages/cli/src/main.ts');
  const child = spawn(
    process.execPath,
    [main, 'start', '--home', place.home, '--supervised', '--log-file', place.log],
    {
      env: { ...process.env, NODE_COMPILE_CACHE: compileCacheDirectory(process.env), SYNOD_LOG: 'debug' },
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  const spawnedMs = performance.now();
  const exited = once(child, 'exit');
  return {
    pid: child.pid!,
    spawnedMs,
    end: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Each call returns the lines that the node logged since the call before. */
function tailOf({ log }: NodePlace): () => readonly Line[] {
  const bytes = () => (existsSync(log) ? readFileSync(log) : Buffer.alloc(0));
  let offset = bytes().length;
  return () => {
    const fresh = bytes().subarray(offset);
    const whole = fresh.subarray(0, fresh.lastIndexOf(10) + 1);
    offset += whole.length;
    return whole
      .toString()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  };
}

/** Of all threads that live, in nanoseconds' resolution; a thread that ended is not in it. */
function processorMsOf(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.reduce((sum, task) => {
    const [ranNs = '0'] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
    return sum + Number(ranNs) / 1e6;
  }, 0);
}

async function until(isReached: () => boolean): Promise<void> {
  const endMs = performance.now() + START_MS_MAX;
  while (!isReached()) {
    if (performance.now() > endMs) {
      const tails = places.flatMap(({ log }) => logTail(log)).join('\n');
      throw new Error(`not within ${seconds(START_MS_MAX)}. The logs end with:\n${tails}`);
    }
    await delay(POLL_MS);
  }
}
