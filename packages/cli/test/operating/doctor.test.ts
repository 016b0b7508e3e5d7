/** `synod doctor`: a healthy node is told to be healthy, and each thing that is broken is found, with its next step and exit code 1. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { consensusSeed } from '../../../node/test/host/lab.ts';
import { createMemoryNode } from '../../../rpc/test/fixture/memory-node.ts';
import { examine } from '../../src/commands/doctor.ts';
import type { Finding } from '../../src/operating/findings.ts';
import { diskFinding } from '../../src/operating/home-checks.ts';
import { clockFinding, headFinding, versionFinding } from '../../src/operating/node-checks.ts';
import { synod } from '../command.ts';
import { serveApi } from '../lab-server.ts';
import { startNode, validatorHome } from './home.ts';

type Found = (check: string) => Finding | undefined;

/** What the doctor says of one check, the bad news first. */
function lookup(findings: readonly Finding[]): Found {
  for (const { verdict, next } of findings) assert.equal(next === null, verdict === 'ok');
  const all = (check: string) => findings.filter((one) => one.check === check);
  return (check) => all(check).find(({ verdict }) => verdict === 'wrong') ?? all(check)[0];
}

/** As a real command: exit code and `ok` must agree with the verdicts. */
async function asked(args: readonly string[]): Promise<Found> {
  const { code, stdout, stderr } = await synod(['doctor', ...args, '--json']);
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
  const isWell = findings.every(({ verdict }) => verdict !== 'wrong');
  assert.deepEqual([code, ok], [isWell ? 0 : 1, isWell], stdout + stderr);
  if (!isWell) assert.match(stderr, /NODE_UNWELL/);
  return lookup(findings);
}

test('a validator that runs is well, and says so line by line', { timeout: 180_000 }, async (t) => {
  const { home } = validatorHome(t);
  const node = startNode(t, home, [], { SYNOD_LOG: 'debug' });
  const [, url] = await node.saying(/"rpc":"([^"]+)".*"msg":"node serves requests"/);
  await node.saying(/"height":3,.*"msg":"block applied"/);
  const found = await asked(['--home', home, '--rpc', url!]);
  for (const check of [
    'home',
    'genesis',
    'modes',
    'signing',
    'model',
    'database',
    'rpc',
    'chain',
    'key',
    'role',
    'head',
    'clock',
    'peers',
    'version',
  ])
    assert.equal(found(check)?.verdict, 'ok', `${check}: ${found(check)?.what}`);
  assert.match(found('key')!.what, /key on this node = key on chain/);

  // Another key than the chain names, and another genesis, in a home that claims to be this node's.
  const keys = JSON.parse(readFileSync(join(home, 'keys.json'), 'utf8'));
  writeFileSync(
    join(home, 'keys.json'),
    JSON.stringify({ ...keys, consensusSeed: Buffer.from(consensusSeed(1)).toString('hex') }),
  );
  const genesis = JSON.parse(readFileSync(join(home, 'genesis.json'), 'utf8'));
  writeFileSync(join(home, 'genesis.json'), JSON.stringify({ ...genesis, chainId: 'another' }));
  const other = await asked(['--home', home, '--rpc', url!]);
  assert.match(other('key')!.what, /which is not on this node/);
  assert.match(other('chain')!.what, /with another genesis/);
  assert.match(other('signing')!.what, /belongs to the chain|nothing was signed|missing/);
  node.process.kill('SIGTERM');
  await node.ended;

  const text = await synod(['doctor', '--home', home, '--rpc', url!]);
  assert.match(text.stdout, /^! rpc +the node does not run\n +Start it: +\S*synod start --home /m);
});

test('what is broken in a home is found while the node is stopped', { timeout: 180_000 }, async (t) => {
  const { home } = validatorHome(t);
  const node = startNode(t, home, ['--halt-height', '3']);
  assert.equal((await node.ended).code, 0);
  const look = async () => lookup(await examine({ home, rpc: 'http://127.0.0.1:9' }));
  const well = await look();
  assert.equal(well('database')!.what, 'opens; newest block 3');
  assert.match(well('signing')!.what, /signed last at height 3/);
  assert.deepEqual([well('disk')?.verdict === 'wrong', well('checkpoint')?.verdict], [false, 'ok']);

  chmodSync(join(home, 'keys.json'), 0o644);
  const secrets = ['chat-joins.json', 'moving-keys.json', 'signer-token'];
  for (const name of secrets) writeFileSync(join(home, name), '', { mode: 0o644 });
  const open = await look();
  assert.match(
    `${open('modes')!.what} ${open('modes')!.next}`,
    /others may read chat-joins\.json, keys\.json, moving-keys\.json, signer-token .*chmod 600/,
  );
  for (const name of secrets) rmSync(join(home, name));
  assert.match(open('home')!.what, /can be read by others/);
  assert.match(open('home')!.next!, /Close it as "modes" says/, 'no backup is needed for that');
  assert.match(open('signing')!.what, /not checked/);
  chmodSync(join(home, 'keys.json'), 0o600);

  const state = readFileSync(join(home, 'sign-state'));
  writeFileSync(join(home, 'sign-state'), String(state).replace('"height":3', '"height":1'), { mode: 0o600 });
  assert.match((await look())('signing')!.what, /cannot be trusted/);
  rmSync(join(home, 'sign-state'));
  assert.match((await look())('signing')!.what, /missing although there was one/);
  writeFileSync(join(home, 'sign-state'), state, { mode: 0o600 });

  breakModel(home);
  assert.match((await look())('model')!.what, /weights\.bin is not what it was/);
  setModel(home, join(home, 'nowhere'));
  assert.match((await look())('model')!.what, /holds no model/);
  setModel(
    home,
    serverModel(home, '{"kind":"http","helper":"x","name":"large","url":"http://127.0.0.1:9/v1","model":"large"}'),
  );
  assert.match((await look())('model')!.what, /large: served at http:\/\/127\.0\.0\.1:9\/v1/);
  setModel(home, serverModel(home, '{}'));
  assert.match((await look())('model')!.what, /backend\.json describes no model/);
  setModel(home, null);

  const taken = await listening(t);
  setListen(home, `/ip4/127.0.0.1/tcp/${taken}`);
  assert.match((await look())('port')!.what, /is taken by another program/);
  setListen(home, 'somewhere');
  assert.match((await look())('home')!.what, /node\.json: "p2p\.listen" must be an address like/);
  setListen(home, '/ip4/127.0.0.1/tcp/0');

  writeFileSync(join(home, 'chain', 'CURRENT'), 'MANIFEST-999999\n');
  assert.match((await look())('database')!.what, /is damaged: .*MANIFEST-999999/);
  rmSync(join(home, 'chain', 'CURRENT'));
  const lost = (await look())('database')!;
  assert.deepEqual([lost.verdict, /is damaged: its file CURRENT is missing/.test(lost.what)], ['wrong', true]);
  rmSync(join(home, 'chain'), { recursive: true });
  const none = (await look())('database')!;
  assert.deepEqual([none.verdict, none.what], ['note', 'none yet']);
  rmSync(join(home, 'genesis.json'));
  assert.match((await look())('genesis')!.what, /is missing/);
  rmSync(join(home, 'node.json'));
  assert.match((await look())('home')!.what, /node\.json is missing/);
});

test('what a running node tells is judged: observing, stalled, lonely, without its worker', async (t) => {
  const memory = createMemoryNode();
  const url = await serveApi(t, memory.api);
  const { head } = memory.api.status();
  memory.status = {
    head: { ...head, time: Date.now() - 120_000 },
    role: 'observer',
    roleReason: 'its sign state is old',
    worker: { state: 'down', model: null, modelHash: null, queued: 0 },
    peers: 0,
    warnings: ['0 peers: check that the machine is online.'],
  };
  const found = lookup(await examine({ rpc: url }));
  assert.match(found('role')!.what, /observes and does not sign: its sign state is old/);
  assert.match(found('head')!.what, /no new blocks come/);
  assert.equal(found('worker')!.verdict, 'wrong');
  assert.equal(found('peers')!.verdict, 'wrong');
  assert.equal(lookup(await examine({ rpc: 'http://127.0.0.1:9' }))('rpc')!.verdict, 'wrong');
});

test('clock, head, disk and version are judged by their figures', () => {
  assert.deepEqual(
    [-0.6, 0.3, 11].map((delay) => clockFinding(delay).verdict),
    ['wrong', 'ok', 'wrong'],
  );
  assert.deepEqual([/behind/.test(clockFinding(-2).what), /ahead/.test(clockFinding(20).what)], [true, true]);
  assert.equal(clockFinding(null).verdict, 'note');
  const head = { head: { height: '7', hash: '0x', time: '1000000' }, syncing: false };
  assert.equal(headFinding(head, 500, 1_004_000).verdict, 'ok');
  assert.equal(headFinding(head, 500, 1_030_000).verdict, 'wrong');
  assert.match(headFinding(head, 500, 900_000).what, /this clock is behind/);
  assert.equal(headFinding({ ...head, syncing: true }, 500, 1_030_000).verdict, 'note');
  assert.deepEqual(
    [5e8, 5e9, 5e10].map((bytes) => diskFinding(bytes, '').verdict),
    ['wrong', 'note', 'ok'],
  );
  assert.deepEqual([versionFinding('0.0.1').verdict, versionFinding('0.1.0').verdict], ['note', 'ok']);
});

function setNode(home: string, change: (node: Record<string, unknown>) => object): void {
  const file = join(home, 'node.json');
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))));
}

const setModel = (home: string, modelDirectory: string | null) =>
  setNode(home, (node) => ({ ...node, modelDirectory }));

const setListen = (home: string, listen: string) =>
  setNode(home, (node) => ({ ...node, p2p: { ...(node['p2p'] as object), listen } }));

/** A model folder whose weights changed since its manifest was written. */
function breakModel(home: string): void {
  const folder = join(home, 'model');
  mkdirSync(folder);
  const files = ['tokenizer.json', 'weights.bin'].map((path) => {
    const bytes = Buffer.from(`${path} as built`);
    writeFileSync(join(folder, path), bytes);
    return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
  writeFileSync(join(folder, 'model.json'), JSON.stringify({ name: 'small', files }));
  writeFileSync(join(folder, 'weights.bin'), 'weights.bin as built'.replace('built', 'BUILT'));
  setModel(home, folder);
}

/** A folder that stands for a model on a server. */
function serverModel(home: string, text: string): string {
  const folder = join(home, 'on-a-server');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'backend.json'), text);
  return folder;
}

/** A port that something else listens on. */
function listening(t: TestContext): Promise<number> {
  const server = createServer();
  t.after(() => server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}
