/** What a terminal, a pipe and a program get: colours only where they are wanted, tables for programs, no questions without an answer. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { confirm } from '../src/terminal/confirm.ts';
import { mode, wantsColours } from '../src/terminal/mode.ts';
import { harmless, shortened, table } from '../src/terminal/output.ts';
import { root } from './command.ts';

const ESCAPE = '\u001b';
const COMMANDS = ['ask --help', 'status', 'aks', 'config path'];

type Environment = Readonly<Record<string, string>>;

/** Both streams of the command, in a terminal of its own or without one. */
function seen(args: string, environment: Environment, isTerminal: boolean): string {
  const { PATH, HOME } = process.env;
  const base = {
    PATH,
    HOME,
    SYNOD_RPC_URL: 'http://127.0.0.1:9',
    SYNOD_DATA_DIR: '/nonexistent',
    SYNOD_CONFIG: 'none',
  };
  const env = { ...base, ...environment };
  const command = `./synod ${args}`;
  const options = { encoding: 'utf8', env, cwd: root, input: '' } as const;
  const ended = isTerminal
    ? spawnSync('script', ['-qec', command, '/dev/null'], options)
    : spawnSync('sh', ['-c', command], options);
  assert.ok(ended.stdout + ended.stderr !== '', `${args} says nothing`);
  return ended.stdout + ended.stderr;
}

const hasScript = spawnSync('script', ['--version']).status === 0;

test('no colours without a terminal, whatever runs around it', () => {
  for (const args of COMMANDS)
    assert.ok(!seen(args, { TERM: 'xterm-256color', CI: 'true' }, false).includes(ESCAPE), args);
  assert.ok(seen('status', { FORCE_COLOR: '1' }, false).includes(ESCAPE), 'unless they are asked for');
});

test('in a terminal, colours end with NO_COLOR, --no-color, TERM=dumb and CLICOLOR=0', (t) => {
  if (!hasScript) return t.diagnostic('the command "script" is not installed: no terminal to look at');
  const terminal = { TERM: 'xterm-256color' };
  assert.ok(seen('status', terminal, true).includes(ESCAPE), 'a message has colour in a terminal');
  const refusals: readonly (readonly [string, Environment])[] = [
    ['', { ...terminal, NO_COLOR: '1' }],
    [' --no-color', terminal],
    [' --no-color', { ...terminal, FORCE_COLOR: '1' }],
    ['', { TERM: 'dumb' }],
    ['', { ...terminal, CLICOLOR: '0' }],
  ];
  for (const [flag, environment] of refusals) {
    assert.ok(!seen(`status${flag}`, environment, true).includes(ESCAPE), `${flag} ${JSON.stringify(environment)}`);
  }
  assert.ok(!seen('status 2>&1 | cat', terminal, true).includes(ESCAPE), 'a pipe gets none');
});

test('who wins about colours', () => {
  const both = { stdout: true, stderr: true };
  assert.equal(wantsColours(false, {}, both), true);
  assert.equal(wantsColours(false, {}, { stdout: true, stderr: false }), false);
  assert.equal(wantsColours(false, { NO_COLOR: '' }, both), true, 'empty is not set');
  for (const NO_COLOR of ['1', '0', 'false'])
    assert.equal(wantsColours(false, { NO_COLOR, FORCE_COLOR: '1' }, both), false, NO_COLOR);
  assert.equal(wantsColours(false, { CLICOLOR_FORCE: '1' }, { stdout: false, stderr: false }), true);
  assert.equal(wantsColours(false, { FORCE_COLOR: '0' }, { stdout: false, stderr: false }), false);
  assert.equal(wantsColours(true, { FORCE_COLOR: '1' }, both), false);
});

test('--plain parts columns by tabs and cuts nothing', (t) => {
  t.after(() => {
    mode.plain = false;
  });
  const rows = [
    ['name', 'a\tb'],
    ['x', ''],
  ];
  assert.deepEqual(table(rows), ['  name  a\tb', '  x']);
  assert.equal(shortened('0123456789', 4), '0123…');
  mode.plain = true;
  assert.deepEqual(table(rows), ['name\ta b', 'x\t']);
  assert.equal(shortened('0123456789', 4), '0123456789');
});

test('--plain reaches a command', () => {
  assert.match(seen('config path --plain --config ./none.toml', {}, false), /^\S+none\.toml\t--config\tnot there$/m);
});

test('a terminal obeys nothing that strangers write but colours', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['\u001b[31mred\u001b[39m\ttab\nnext', '\u001b[31mred\u001b[39m\ttab\nnext'],
    // Clears the screen, sets the title, writes over the line, turns reading round.
    ['\u001b[2J\u001b[H', '·[2J·[H'],
    ['\u001b]0;root\u0007', '·]0;root·'],
    ['no\ryes\b\u009b1A', 'no·yes··1A'],
    ['a\u202eb\u2066c', 'a·b·c'],
    ['straße 東京 👩‍🚀', 'straße 東京 👩‍🚀'],
  ];
  for (const [text, shown] of cases) assert.equal(harmless(text), shown);
});

test('nobody is asked without a terminal, with --no-input or with --json', async (t) => {
  t.after(() => {
    mode.isAsking = true;
  });
  const refused = { code: 'USAGE', message: /Nobody can be asked here: say it with --yes/ };
  await confirm('Do it?', { yes: true, json: false });
  await assert.rejects(confirm('Do it?', { json: true }), refused);
  mode.isAsking = false;
  await assert.rejects(confirm('Do it?', { json: false }), refused);
  assert.match(seen('validator exit val-2', {}, false), /✖ Leaving is for good[\s\S]*--yes/);
});

/** Accepts requests and never answers. */
async function silentServer(t: TestContext): Promise<{ readonly url: string; readonly asked: Promise<void> }> {
  const asked = Promise.withResolvers<void>();
  const server = createServer((request) => {
    request.resume();
    asked.resolve();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: asked.promise };
}

test('Ctrl-C ends a command that waits for a node: 130 or by the signal, and no stack', async (t) => {
  for (const args of [
    ['status', '--watch'],
    ['ask', 'hi'],
    ['expert', 'list'],
  ]) {
    const { url, asked } = await silentServer(t);
    const env = { ...process.env, SYNOD_RPC_URL: url, SYNOD_DATA_DIR: '/nonexistent', NO_COLOR: '1' };
    const child = spawn(join(root, 'synod'), args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
    const ended = new Promise<readonly [number | null, string | null]>((done) =>
      child.once('close', (...how) => done(how)),
    );
    const first = await Promise.race([asked.then(() => 'asked'), ended]);
    assert.equal(first, 'asked', `${args.join(' ')} asks no node: ${text}`);
    child.kill('SIGINT');
    const [code, signal] = await ended;
    assert.ok(code === 130 || signal === 'SIGINT', `${args.join(' ')}: ${code} ${signal} ${text}`);
    assert.doesNotMatch(text, /\n\s+at /, args.join(' '));
  }
});
