/** A fifth node joins a running devnet with one command: real processes on loopback. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Devnet, freePortBase, runSynod, synod } from './devnet-process.ts';

let devnet: Devnet;
const folder = mkdtempSync(join(tmpdir(), 'synod-join-'));
const started: ChildProcess[] = [];

before(async () => {
  devnet = await Devnet.start({ flags: ['--block-time', '100ms'] });
});

after(async () => {
  for (const child of started) child.kill('SIGKILL');
  await devnet?.remove();
  rmSync(folder, { recursive: true, force: true });
});

type Status = { role: string; syncing: boolean; head: { height: string; hash: string }; worker: { state: string } };

async function rpc<T>(url: string, method: string, params: object = {}): Promise<T> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return ((await response.json()) as { result: T }).result;
}

/** Starts the newcomer and waits until it answers. */
async function startNewcomer(
  args: readonly string[],
  port: number,
): Promise<{ child: ChildProcess; log: () => string }> {
  const flags = ['start', '--join', devnet.url(), '--rpc-port', String(port), ...args];
  const child = spawn(synod, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  started.push(child);
  let log = '';
  child.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  await devnet.until('the newcomer answers', 15_000, async () => {
    if (child.exitCode !== null) throw new Error(log);
    return (await rpc<Status>(`http://127.0.0.1:${port}`, 'node_status')).head !== undefined;
  });
  return { child, log: () => log };
}

test('it syncs from a checkpoint, follows, forwards a transaction, and goes on after kill -9', async () => {
  await devnet.until('some blocks', 30_000, async () => (await devnet.height()) >= 15);
  const status = await runSynod(['status', '--rpc', devnet.url(), '--json']);
  const { checkpoint } = JSON.parse(status.stdout) as { checkpoint: string };
  assert.match(checkpoint, /^\d+@0x[0-9a-f]{64}$/);
  const shown = await runSynod(['status', '--rpc', devnet.url()]);
  assert.match(shown.stdout, /checkpoint \d+@0x[0-9a-f]{64}/);

  const port = (await freePortBase()) + 50;
  const url = `http://127.0.0.1:${port}`;
  const home = join(folder, 'fifth');
  // By blocks: a snapshot that a slow machine has made by then would leave the block of the checkpoint out.
  const args = ['--checkpoint', checkpoint, '--data-dir', home, '--sync', 'blocks'];
  const first = await startNewcomer(args, port);
  const trusted = Number(checkpoint.split('@')[0]);
  const height = async () => Number((await rpc<Status>(url, 'node_status')).head.height);
  await devnet.until('caught up', 20_000, async () => (await height()) > trusted + 3);
  const { role, worker } = await rpc<Status>(url, 'node_status');
  assert.deepEqual([role, worker.state], ['observer', 'off']);
  const block = await rpc<{ hash: string }>(url, 'chain_getBlock', { height: trusted });
  assert.equal(`${trusted}@${block.hash}`, checkpoint);

  const sent = await runSynod(['send', 'bob', '1.5', '--from', 'alice', '--rpc', url, '--json'], {
    env: { SYNOD_DATA_DIR: devnet.dataDir },
  });
  assert.equal(sent.code, 0, sent.stderr);

  const reached = await height();
  first.child.kill('SIGKILL');
  await new Promise((done) => first.child.on('exit', done));
  const second = await startNewcomer(['--data-dir', home], port);
  assert.ok((await height()) >= reached, second.log());
  await devnet.until('following again', 20_000, async () => (await height()) > reached + 3);

  second.child.kill('SIGTERM');
  await new Promise((done) => second.child.on('exit', done));
  const verified = await runSynod(['db', 'verify', '--home', home, '--json']);
  assert.equal(verified.code, 0, verified.stderr);
  const { from, to, depth } = JSON.parse(verified.stdout) as { from: number; to: number; depth: string };
  assert.deepEqual([from, depth], [1, 'replay']);
  assert.ok(to > reached);
  const stats = await runSynod(['db', 'stats', '--home', home]);
  assert.match(stats.stdout, /block +\d+/);
});

test('a fifth node joins by a snapshot, holds no block below it, is killed, and goes on', async () => {
  await devnet.until('a snapshot and some blocks above it', 60_000, async () => (await devnet.height()) >= 108);
  const { hash } = await rpc<{ hash: string }>(devnet.url(), 'chain_getBlock', { height: 20 });
  const port = (await freePortBase()) + 60;
  const url = `http://127.0.0.1:${port}`;
  const home = join(folder, 'by-snapshot');
  const args = ['--checkpoint', `20@${hash}`, '--data-dir', home, '--sync', 'snapshot'];
  const first = await startNewcomer(args, port);
  const height = async () => Number((await rpc<Status>(url, 'node_status')).head.height);
  await devnet.until('caught up', 20_000, async () => (await height()) >= (await devnet.height()) - 1);
  assert.match(first.log(), /the snapshot is restored/);
  const oldest = await rpc<{ height: string }>(url, 'chain_getBlock', { height: 'earliest' });
  assert.equal(Number(oldest.height) % 100, 0, "its oldest block is the snapshot's");
  assert.ok(Number(oldest.height) >= 100);
  const at = { height: await height() };
  const hashes = [url, devnet.url()].map(
    async (node) => (await rpc<{ hash: string }>(node, 'chain_getBlock', at)).hash,
  );
  assert.equal(await hashes[0], await hashes[1]);

  first.child.kill('SIGKILL');
  await new Promise((done) => first.child.on('exit', done));
  const second = await startNewcomer(['--data-dir', home], port);
  const reached = await height();
  await devnet.until('following again', 20_000, async () => (await height()) > reached + 3);
  second.child.kill('SIGTERM');
  await new Promise((done) => second.child.on('exit', done));
  const verified = await runSynod(['db', 'verify', '--home', home, '--json']);
  assert.equal(verified.code, 0, verified.stderr);
  assert.equal((JSON.parse(verified.stdout) as { depth: string }).depth, 'links');
});

test('a wrong checkpoint, none, and one at height 0 of another genesis are refused before anything is written', async () => {
  const home = join(folder, 'never');
  const join5 = (...args: string[]) => runSynod(['start', '--join', devnet.url(), '--data-dir', home, ...args]);
  const wrong = await join5('--checkpoint', `3@0x${'ab'.repeat(32)}`);
  assert.equal(wrong.code, 10, wrong.stderr);
  assert.match(wrong.stderr, /block 0x[0-9a-f]{64} at height 3, but the checkpoint says 0xabab/);
  const none = await join5();
  assert.equal(none.code, 2, none.stderr);
  assert.match(none.stderr, /--checkpoint HEIGHT@HASH/);
  const genesis = await join5('--checkpoint', `0@0x${'cd'.repeat(32)}`);
  assert.equal(genesis.code, 10, genesis.stderr);
  assert.equal(existsSync(home), false);
});
