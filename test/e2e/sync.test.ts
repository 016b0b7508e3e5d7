/** `synod sync`: a home is brought to the head of a running devnet and stops; `synod start` goes on from it. Real processes on loopback. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, type TestContext, test } from 'node:test';
import { Devnet, freePortBase, runSynod, synod } from './devnet-process.ts';

let devnet: Devnet;
const folder = mkdtempSync(join(tmpdir(), 'synod-sync-'));

before(async () => {
  devnet = await Devnet.start({ flags: ['--block-time', '100ms'] });
  await devnet.until('some blocks', 60_000, async () => (await devnet.height()) >= 15);
});

after(async () => {
  await devnet?.remove();
  rmSync(folder, { recursive: true, force: true });
});

type Done = { event: string; height: number; hash: string; checkpoint: string; next: string };

async function hashOf(height: number | 'latest', url: string = devnet.url()): Promise<string> {
  const params = { height };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'chain_getBlock', params });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return ((await response.json()) as { result: { hash: string } }).result.hash;
}

async function heightAt(url: string): Promise<number> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'node_status', params: {} });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return Number(((await response.json()) as { result: { head: { height: string } } }).result.head.height);
}

function lastLine(text: string): Done {
  return JSON.parse(text.trim().split('\n').at(-1)!) as Done;
}

test('a new home is synced from URL@HASH, holds no key that signs, and a start goes on from it', async () => {
  const home = join(folder, 'new');
  const trusted = await hashOf(5);
  const atStart = await devnet.height();
  const args = ['sync', '--home', home, '--sync', 'blocks', '--checkpoint', `${devnet.url()}@${trusted}`];
  const { code, stdout, stderr } = await runSynod(args);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /block \d+ of \d+ {3}\d+ blocks\/s/);
  const [, height, hash] = /is at block (\d+), (0x[0-9a-f]{64}), after [\d.]+ s\n {2}Next: {2}\S+ start --home /.exec(
    stdout,
  )!;
  assert.ok(Number(height) >= atStart, `${height} is below ${atStart}`);
  assert.equal(await hashOf(Number(height)), hash);
  assert.ok(!existsSync(join(home, 'sign-state')) && !existsSync(join(home, 'node.lock')));

  const port = (await freePortBase()) + 70;
  const node = spawn(synod, ['start', '--home', home, '--rpc-port', String(port)], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  try {
    await devnet.until('the started node goes on', 60_000, async () => (await heightAt(url)) > Number(height) + 3);
    assert.equal(await hashOf(Number(height), url), hash);
    const running = await runSynod(['sync', '--home', home]);
    assert.equal(running.code, 1);
    assert.match(running.stderr, /already runs a node/);
  } finally {
    const ended = once(node, 'exit');
    node.kill('SIGTERM');
    await ended;
  }
  const again = await runSynod(['sync', '--home', home, '--json']);
  assert.equal(again.code, 0, again.stderr);
  const done = lastLine(again.stdout);
  assert.equal(done.event, 'done');
  assert.ok(done.height > Number(height));
  assert.equal(done.checkpoint, `${done.height}@${done.hash}`);
});

test('Ctrl-C ends it with 130 and keeps what there is; the same command goes on', async () => {
  const home = join(folder, 'interrupted');
  const args = ['sync', '--home', home, '--sync', 'blocks', '--json'];
  const trust = ['--checkpoint', `${devnet.url()}@${await hashOf(5)}`];
  const child = spawn(synod, [...args, ...trust], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [told, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    told += chunk;
    // At its first word: a network of a few blocks is soon followed to its head.
    child.kill('SIGINT');
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  assert.deepEqual(await once(child, 'close'), [130, null], told + errors);
  assert.match(errors, /INTERRUPTED.*What there is, is kept/);
  const { height: reached = 0 } = lastLine(told) as Partial<Done>;
  const { code, stdout, stderr } = await runSynod(args);
  assert.equal(code, 0, stderr);
  assert.ok(lastLine(stdout).height >= reached);
});

test('a snapshot from a file fills a new home under its hash, and under no other', async () => {
  const made = join(devnet.dataDir, 'val-0', 'snapshots');
  await devnet.until(
    'a snapshot',
    120_000,
    async () => newestIn(made) !== null && (await devnet.height()) > newestIn(made)! + 2,
  );
  const at = newestIn(made)!;
  // Its maker drops it when there are newer ones.
  const snapshot = join(folder, 'carried');
  cpSync(join(made, String(at)), snapshot, { recursive: true });
  const home = join(folder, 'by-file');
  const args = (hash: string) => [
    'sync',
    '--home',
    home,
    '--join',
    devnet.url(),
    '--checkpoint',
    `${snapshot}@${hash}`,
  ];
  const wrong = await runSynod(args(await hashOf(at - 1)));
  assert.equal(wrong.code, 10, wrong.stderr);
  assert.match(wrong.stderr, /holds block 0x[0-9a-f]{64}, but the checkpoint says/);
  assert.equal(existsSync(home), false);

  const { code, stderr } = await runSynod(args(await hashOf(at)));
  assert.equal(code, 0, stderr);
  assert.match(stderr, new RegExp(`records of block ${at} are in the home`));
  const stats = await runSynod(['db', 'stats', '--home', home, '--json']);
  assert.equal(stats.code, 0, stats.stderr);

  const kept = join(folder, 'new', 'checkpoint.json');
  const { height, hash } = JSON.parse(readFileSync(kept, 'utf8')) as { height: number; hash: string };
  assert.equal(height, 5);
  const byFile = await runSynod(['sync', '--home', home, '--checkpoint', `${kept}@${hash}`]);
  assert.equal(byFile.code, 0, byFile.stderr);
});

function newestIn(snapshots: string): number | null {
  if (!existsSync(snapshots)) return null;
  const heights = readdirSync(snapshots).filter((name) => existsSync(join(snapshots, name, 'manifest')));
  return heights.length === 0 ? null : Math.max(...heights.map(Number));
}

/** A server that names another height for a block that it is asked for by its hash, and is honest else. */
async function lyingServer(t: TestContext): Promise<string> {
  const server = createServer(async (request, response) => {
    const asked = await text(request);
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: asked };
    const told = await (await fetch(devnet.url(), init)).text();
    response.setHeader('content-type', 'application/json');
    response.end(asked.includes('"chain_getBlock"') ? told.replace('"height":"5"', '"height":"6"') : told);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('what cannot be trusted, or reached, is refused before anything is written', async (t) => {
  const home = join(folder, 'never');
  const sync = (...args: string[]) => runSynod(['sync', '--home', home, ...args]);
  const hash = await hashOf(5);
  const cases = [
    { args: [], code: 2, said: /Which node\?/ },
    {
      args: ['--checkpoint', devnet.url()],
      code: 2,
      said: /names no hash: whatever that server says would be believed/,
    },
    { args: ['--checkpoint', `${devnet.url()}@0x${'ab'.repeat(32)}`], code: 2, said: /has no block 0xabab/ },
    {
      args: ['--checkpoint', `http://127.0.0.1:1@${hash}`],
      code: 3,
      said: /No node answers at http:\/\/127\.0\.0\.1:1/,
    },
    {
      args: ['--checkpoint', `${await lyingServer(t)}@${hash}`],
      code: 10,
      said: /It is another block, or has been changed on its way: nothing of it was used/,
    },
    { args: ['--join', devnet.url(), '--checkpoint', `6@${hash}`], code: 10, said: /the checkpoint says/ },
    { args: ['--join', devnet.url(), '--checkpoint', `./nowhere@${hash}`], code: 1, said: /nowhere does not exist/ },
  ];
  for (const { args, code, said } of cases) {
    const ended = await sync(...args);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, said);
    assert.equal(existsSync(home), false, args.join(' '));
  }
  const alone = join(folder, 'new');
  const gone = await devnetGone(alone);
  assert.equal(gone.code, 3, gone.stderr);
  assert.match(gone.stderr, /No node of the network answered for 1 s; this home is at block \d+/);
});

/** With all its peers gone: the devnet is stopped, so this comes last. */
async function devnetGone(home: string) {
  const stopped = await runSynod(['devnet', 'stop', '--data-dir', devnet.dataDir]);
  assert.equal(stopped.code, 0, stopped.stderr);
  return runSynod(['sync', '--home', home, '--timeout', '1s']);
}
