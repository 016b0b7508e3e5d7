/** A whole node that is behind its network takes nothing that is to be written: real nodes on loopback, one of which has forgotten old blocks. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { addressOf, decodeTransaction, encodeTransaction, publicKeyOf, SynodError } from '@synod/chain';
import { pino } from 'pino';
import { createNode, type NodeConfig, type RunningNode } from '../src/index.ts';
import { behindOf, requireUpToDate } from '../src/service/up-to-date.ts';
import { Lab } from './host/lab.ts';
import { singleValidator } from './single-validator.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-behind-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Older blocks than so many are forgotten; the least that a node keeps. */
const KEEP_BLOCKS = 256;
const log = pino({ level: 'silent' });

async function until(isDone: () => boolean, what: string): Promise<void> {
  const endMs = performance.now() + 150_000;
  while (!isDone()) {
    if (performance.now() > endMs) throw new Error(`${what}: not in time`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

/** Its peer has forgotten the blocks that it would need first, so it stays where it is. */
async function startBehind(first: RunningNode, config: NodeConfig): Promise<RunningNode> {
  const late = await createNode({
    ...config,
    name: 'late',
    home: join(folder, 'late'),
    keys: { operator: null, consensusSeed: null, vrfSeed: null, networkSeed: new Uint8Array(32).fill(3), experts: [] },
    p2p: { listen: '/ip4/127.0.0.1/tcp/0', bootstrap: first.api.addresses().own },
    devAccounts: [{ name: 'alice', seed: new Uint8Array(32).fill(5) }],
  });
  await until(() => late.api.networkHeight() !== null, 'the late node hears of the height');
  return late;
}

test('a node that is behind refuses to quote and to submit, and says why', { timeout: 300_000 }, async () => {
  const config = singleValidator({
    home: join(folder, 'first'),
    log,
    blockIntervalMs: 40,
    genesis: { devnet: true },
  });
  const first = await createNode({ ...config, keepBlocks: KEEP_BLOCKS });
  try {
    await until(() => first.api.oldestHeight() > 30, 'old blocks are forgotten');
    const late = await startBehind(first, config);
    try {
      const { api } = late;
      assert.equal(api.status().head.height, 0);
      const isSyncing = (error: unknown) =>
        error instanceof SynodError &&
        error.code === 'SYNCING' &&
        /at block 0 and its network at \d+: it is catching up\..*Wait until/.test(error.message);
      const request = { prompt: 'What is the capital of France?', from: 'alice' };
      await assert.rejects(api.quote(request as never), isSyncing);
      // Good for the network as it is: only this node is not where it should be.
      const raw = transfer(config, first.api.status().head.height);
      const wait = { waitFor: 'mempool', timeoutMs: 0 } as const;
      await assert.rejects(api.submitTransaction(raw, wait), isSyncing);
      const there = await first.api.submitTransaction(raw, wait);
      assert.notEqual(there.code, 'SYNCING');
    } finally {
      await late.stop();
    }
  } finally {
    await first.stop();
  }
});

function transfer({ genesis }: NodeConfig, height: number): Uint8Array {
  const sender = publicKeyOf(new Uint8Array(32).fill(5));
  const raw = encodeTransaction({
    body: {
      chainId: genesis.chainId,
      sender,
      salt: new Uint8Array(16),
      validUntil: height + 60,
      maxBaseFeePerByte: 1_000n,
      tip: 0n,
      payload: { type: 'transfer', to: addressOf(sender), amount: 1n },
    },
    signature: new Uint8Array(64),
  });
  assert.ok(decodeTransaction(raw).ok);
  return raw;
}

test('a few blocks late is not behind; one liar among three peers makes nobody behind; silence does, once the head is old', () => {
  const lab = new Lab({ validators: 4, blockIntervalMs: 1_000 });
  after(() => rmSync(lab.folder, { recursive: true, force: true }));
  const host = lab.nodes[0]!.host!;
  const [liar, second] = host.sync.peers();
  assert.equal(host.sync.peers().length, 3);
  for (const peer of host.sync.peers()) Object.assign(peer, { isGreeted: true, height: 7 });
  Object.assign(liar!, { height: 1_000 });
  assert.equal(host.sync.networkHeight(), 7);
  Object.assign(second!, { height: 1_000 });
  assert.equal(host.sync.networkHeight(), 1_000);
  for (const peer of [liar!, second!]) Object.assign(peer, { height: 7 });

  const at = (networkHeight: number | null, height = 5) => ({
    head: { ...host.head, height },
    sync: { networkHeight: () => networkHeight } as never,
    pace: { pace: { mode: 'interval' } } as never,
  });
  const now = 1_000_000;
  assert.equal(behindOf(at(26), now, now), null);
  assert.deepEqual(behindOf(at(27), now, now), { height: 5, networkHeight: 26 });
  assert.equal(behindOf(at(null), now, now + 15_000), null);
  assert.deepEqual(behindOf(at(null), now, now + 15_001), { height: 5, networkHeight: null });
  assert.equal(behindOf(at(null, 0), now, now + 15_001), null);
  assert.throws(() => requireUpToDate({ height: 5, networkHeight: null }), /heard of no other since its block 5/);
});

test('strangers in any number make nobody behind while validators say otherwise; who should not sign too early waits all the same', () => {
  const lab = new Lab({ validators: 4, blockIntervalMs: 1_000 });
  after(() => rmSync(lab.folder, { recursive: true, force: true }));
  lab.runUntil(() => lab.nodes[0]!.host!.sync.peers().every(({ operator }) => operator !== null), 1_000);
  const { sync } = lab.nodes[0]!.host!;
  for (const peer of sync.peers()) Object.assign(peer, { isGreeted: true, height: 2 });
  for (let index = 0; index < 20; index++) {
    sync.onConnected(`stranger-${index}`);
    Object.assign(sync.peers().at(-1)!, { isGreeted: true, height: 1_000 });
  }
  assert.deepEqual([sync.networkHeight(), sync.isBehind(), sync.isPerhapsBehind()], [2, false, true]);
  // Nor do two validators of three alone, while most peers say otherwise.
  for (const peer of sync.peers()) Object.assign(peer, { height: peer.operator === null ? 2 : 1_000 });
  assert.deepEqual([sync.networkHeight(), sync.isBehind(), sync.isPerhapsBehind()], [2, false, true]);
  // One validator with many nodes has its power once.
  const [liar] = sync.peers();
  for (const peer of sync.peers()) Object.assign(peer, { height: 2 });
  Object.assign(liar!, { height: 1_000 });
  for (const peer of sync.peers().slice(3)) Object.assign(peer, { operator: liar!.operator, height: 1_000 });
  assert.equal(sync.networkHeight(), 2);
});
