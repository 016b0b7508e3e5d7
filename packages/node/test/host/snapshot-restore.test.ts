/** A node that joins by snapshot: several peers, lying ones, crashes, and what it does when nobody has one (spec: snapshot §7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createManifest,
  encodeChunk,
  encodeLightBlock,
  encodeManifest,
  type Height,
  type StateTree,
} from '@synod/chain';
import {
  type ChainHead,
  type DirectMessage,
  decodeDirect,
  encodeDirect,
  lightBlockAt,
  type OfferedSnapshot,
  type RestoreFiles,
  type SnapshotSource,
} from '../../src/host/index.ts';
import { Lab, type LabNode, type LabOptions } from './lab.ts';

const snapshotHeight = 6;
const depth = 3;

class Files implements RestoreFiles {
  snapshot: OfferedSnapshot | null = null;
  readonly saved = new Map<number, Uint8Array>();
  begun = () => this.snapshot;
  begin = (snapshot: OfferedSnapshot) => {
    this.snapshot = snapshot;
  };
  chunk = (index: number) => this.saved.get(index) ?? null;
  chunks = () => this.saved.size;
  save = (index: number, bytes: Uint8Array) => void this.saved.set(index, bytes);
}

type Message = Parameters<NonNullable<LabOptions['delay']>>[0];
type Meddle = (message: Message, decoded: DirectMessage | null) => number | null;

/** Three nodes with a snapshot at height 6, some blocks further; the fourth is down and empty. */
function withSnapshots(meddle: Meddle = () => 5) {
  let isMeddling = false;
  const lab: Lab = new Lab({
    blockIntervalMs: 1_000,
    delay: (message) => (isMeddling ? meddle(message, decodeDirect(message.bytes)) : 5),
  });
  const joiner = lab.nodes[3]!;
  joiner.crash();
  lab.runUntil(() => lab.nodes[0]!.head.height >= snapshotHeight, 600_000);
  const head = lab.nodes[0]!.head;
  lab.runUntil(() => lab.nodes[0]!.head.height >= snapshotHeight + 1, 600_000);
  const newer = lab.nodes[0]!.head;
  lab.runUntil(() => lab.heightEverywhere() >= snapshotHeight + 3, 600_000);
  const source = sourceOf(lab, head);
  for (const node of lab.live) node.snapshots = source;
  joiner.checkpoint = { height: 3, hash: lab.nodes[0]!.store.block(3)!.hash };
  isMeddling = true;
  return { lab, joiner, source, newer };
}

function sourceOf(lab: Lab, head: ChainHead): SnapshotSource {
  const { height, state } = head;
  const { store } = lab.nodes[0]!;
  const sources = { store, genesis: lab.genesis, state: lab.nodes[0]!.head.state };
  const light = (at: Height) => encodeLightBlock(lightBlockAt(sources, at)!);
  const chunks = chunksOf(state);
  const facts = { chainId: lab.genesis.chainId, height, depth, bytes: chunks.map(({ length }) => length) };
  const snapshot = {
    manifest: encodeManifest(createManifest(state, facts)),
    proof: light(height + 1),
    lightBlock: light(height),
    block: store.block(height)!.block,
    results: store.results(height)!,
  };
  return {
    heights: () => [height],
    snapshot: (asked) => (asked === height ? snapshot : null),
    chunk: (asked, index) => (asked === height ? (chunks[index] ?? null) : null),
  };
}

function chunksOf(state: StateTree): readonly Uint8Array[] {
  return Array.from({ length: 2 ** depth }, (_, index) => encodeChunk(state.part(depth, index)));
}

function assertJoined(lab: Lab, joiner: LabNode): void {
  lab.runUntil(() => (joiner.host?.head.height ?? 0) >= snapshotHeight + 6, 60_000);
  assert.equal(joiner.store.oldestHeight(), snapshotHeight, 'nothing older was fetched');
  const { height, state } = joiner.head;
  lab.runUntil(() => lab.nodes[0]!.head.height >= height, 10_000);
  assert.equal(joiner.store.block(height)?.hash, lab.nodes[0]!.store.block(height)?.hash);
  assert.ok(state.size > 10);
}

test('an empty node restores from several peers, follows, and votes', () => {
  const asked = new Map<number, number>();
  const { lab, joiner } = withSnapshots(({ from, to }, message) => {
    if (from === 3 && message?.kind === 'chunkGet') asked.set(to, (asked.get(to) ?? 0) + 1);
    return 5;
  });
  joiner.restore(new Files());
  assertJoined(lab, joiner);
  assert.equal(asked.size, 3, 'every peer served chunks');
  assert.deepEqual(joiner.penalties, []);
});

for (const [what, forge] of Object.entries<(message: DirectMessage) => DirectMessage>({
  'a chunk with another value': (message) =>
    message.kind === 'chunk' && message.bytes !== null ? { ...message, bytes: flipped(message.bytes) } : message,
  'a manifest that adds up to another state': (message) =>
    message.kind === 'snapshot' && message.snapshot !== null
      ? { ...message, snapshot: { ...message.snapshot, manifest: flipped(message.snapshot.manifest) } }
      : message,
  'an anchor with other results': (message) =>
    message.kind === 'snapshot' && message.snapshot !== null
      ? { ...message, snapshot: { ...message.snapshot, results: flipped(message.snapshot.results) } }
      : message,
  'a light block changed after it was signed': (message) =>
    message.kind === 'lightBlock' && message.block !== null ? { ...message, block: flipped(message.block) } : message,
})) {
  test(`a peer that serves ${what} is thrown out; the others are enough`, () => {
    const { lab, joiner } = withSnapshots(({ from, to, bytes }, message) => {
      if (from !== 0 || to !== 3 || message === null) return 5;
      const forged = encodeDirect(forge(message));
      if (Buffer.compare(forged, bytes) === 0) return 5;
      lab.after(1, () => joiner.handler?.handle({ kind: 'direct', peer: 'node-0', bytes: forged }));
      return null;
    });
    joiner.restore(new Files());
    assertJoined(lab, joiner);
    assert.ok(joiner.penalties.length > 0, 'somebody was blamed');
    assert.deepEqual([...new Set(joiner.penalties.map(({ peer }) => peer))], ['node-0']);
  });
}

test('a peer that offers a height nobody has reached delays nobody for long', () => {
  const { lab, joiner } = withSnapshots(({ from, to }, message) => {
    if (from !== 0 || to !== 3 || message?.kind !== 'snapshots') return 5;
    const bytes = encodeDirect({ kind: 'snapshots', heights: [900_000, 1_000_000] });
    lab.after(1, () => joiner.handler?.handle({ kind: 'direct', peer: 'node-0', bytes }));
    return null;
  });
  const startMs = lab.nowMs;
  joiner.restore(new Files());
  lab.runUntil(() => joiner.host !== null, 20_000);
  assert.ok(lab.nowMs - startMs < 5_000, `${lab.nowMs - startMs} virtual ms`);
  assertJoined(lab, joiner);
});

for (const silentOn of ['lightBlock', 'snapshot', 'chunk'] as const) {
  test(`a peer that offers the newest snapshot and never gives its ${silentOn} is left for those who give theirs`, () => {
    const isTarget = (message: DirectMessage) => message.kind !== 'lightBlock' || message.height === snapshotHeight + 2;
    const { lab, joiner, newer } = withSnapshots(({ from, to }, message) =>
      from === 0 && to === 3 && message?.kind === silentOn && isTarget(message) ? null : 5,
    );
    // The others still have the older one alone.
    lab.nodes[0]!.snapshots = sourceOf(lab, newer);
    joiner.restore(new Files());
    assertJoined(lab, joiner);
  });
}

/** What a liar does about the snapshot that it alone offers. */
type Lie = 'no light block' | 'no snapshot' | 'no chunk' | 'one chunk';

/** Validators without snapshots, liars each with a newer one than the honest node's, or a made-up height; the honest node comes last. */
function amongLiars(lies: readonly Lie[]) {
  let isMeddling = false;
  const chunks = new Map<number, number>();
  const withholds = (from: number, kind: DirectMessage['kind'] | undefined): boolean => {
    const lie = lies[from - 4];
    if (lie === undefined || kind !== 'chunk') return `no ${kind}`.replace('lightBlock', 'light block') === lie;
    const count = (chunks.get(from) ?? 0) + 1;
    chunks.set(from, count);
    return lie === 'no chunk' || (lie === 'one chunk' && count > 1);
  };
  const lab: Lab = new Lab({
    blockIntervalMs: 1_000,
    observers: lies.length + 1,
    delay: ({ from, to, bytes }) => (isMeddling && to === 3 && withholds(from, decodeDirect(bytes)?.kind) ? null : 5),
  });
  const [joiner, first] = [lab.nodes[3]!, lab.nodes[0]!];
  joiner.crash();
  const heads = Array.from({ length: lies.length + 1 }, (_, more) => {
    lab.runUntil(() => first.head.height >= snapshotHeight + more, 600_000);
    return first.head;
  });
  lab.runUntil(() => lab.heightEverywhere() >= snapshotHeight + lies.length + 2, 600_000);
  const sources = heads.map((head) => sourceOf(lab, head));
  for (const [index, lie] of lies.entries()) {
    const madeUp = { ...sources[0]!, heights: () => [1_000 + index] };
    lab.nodes[4 + index]!.snapshots = lie === 'no light block' ? madeUp : sources[index + 1]!;
  }
  lab.nodes[4 + lies.length]!.snapshots = sources[0]!;
  joiner.checkpoint = { height: 3, hash: first.store.block(3)!.hash };
  isMeddling = true;
  return { lab, joiner };
}

for (const lie of ['no light block', 'no snapshot', 'no chunk', 'one chunk'] as const) {
  test(`five liars with "${lie}", each with a newer snapshot than the honest one, cost a joining node seconds together`, () => {
    const { lab, joiner } = amongLiars([lie, lie, lie, lie, lie]);
    const startMs = lab.nowMs;
    joiner.restore(new Files());
    lab.runUntil(() => joiner.host !== null, 240_000);
    assert.equal(joiner.store.oldestHeight(), snapshotHeight, 'the honest one was restored');
    // Whoever gives a first chunk and then nothing is waited for: five seconds at most.
    const withinMs = lie === 'one chunk' ? 5 * 5_500 + 3_000 : 3_000;
    assert.ok(lab.nowMs - startMs < withinMs, `${lab.nowMs - startMs} virtual ms`);
  });
}

test('liars of all kinds together: seconds, and those that wasted time are scored', () => {
  const { lab, joiner } = amongLiars(['no light block', 'no snapshot', 'no chunk', 'one chunk', 'one chunk']);
  const startMs = lab.nowMs;
  joiner.restore(new Files());
  lab.runUntil(() => joiner.host !== null, 120_000);
  assert.ok(lab.nowMs - startMs < 15_000, `${lab.nowMs - startMs} virtual ms`);
  const scored = new Set(joiner.penalties.map(({ peer }) => peer));
  assert.ok(['node-7', 'node-8'].some((id) => scored.has(id)) && !scored.has('node-9'), [...scored].join());
});

test('chunks on disk are checked again, good ones are not fetched again, a damaged one is', () => {
  const asked: number[] = [];
  const { lab, joiner, source } = withSnapshots(({ from }, message) => {
    if (from === 3 && message?.kind === 'chunkGet') asked.push(message.index);
    return 5;
  });
  const files = new Files();
  files.begin(source.snapshot(snapshotHeight)!);
  for (let index = 0; index < 2 ** depth; index++) files.save(index, source.chunk(snapshotHeight, index)!);
  files.save(2, flipped(files.chunk(2)!));
  files.saved.delete(5);
  joiner.restore(files);
  assertJoined(lab, joiner);
  assert.deepEqual(asked.toSorted(), [2, 5]);
});

test('a crash after any number of chunks costs only the rest', () => {
  for (const kept of [0, 1, 3, 7, 8]) {
    let answered = 0;
    let asked = 0;
    const { lab, joiner } = withSnapshots(({ from, to }, message) => {
      if (from === 3 && message?.kind === 'chunkGet') asked += 1;
      if (to !== 3 || message?.kind !== 'chunk') return 5;
      return answered++ < kept ? 5 : null;
    });
    const files = new Files();
    joiner.restore(files);
    lab.runUntil(() => joiner.host !== null || (answered > kept && files.saved.size === kept), 60_000);
    if (joiner.host === null) {
      joiner.crash();
      answered = Number.NEGATIVE_INFINITY;
      asked = 0;
      lab.runFor(100);
      joiner.restore(files);
    }
    assertJoined(lab, joiner);
    assert.ok(asked <= 8 - kept || kept === 8, `${asked} chunks asked for after ${kept} were kept`);
  }
});

test('a whole snapshot on disk is used although nobody offers it any more', () => {
  const { lab, joiner, source } = withSnapshots();
  const files = new Files();
  files.begin(source.snapshot(snapshotHeight)!);
  for (let index = 0; index < 2 ** depth; index++) files.save(index, source.chunk(snapshotHeight, index)!);
  for (const node of lab.live) node.snapshots = null;
  joiner.restore(files);
  assertJoined(lab, joiner);
});

test('without offers the node syncs by blocks, unless it is to wait', () => {
  const { lab, joiner, source } = withSnapshots();
  for (const node of lab.live) node.snapshots = null;
  joiner.restore(new Files());
  lab.runUntil(() => (joiner.host?.head.height ?? 0) > snapshotHeight, 60_000);
  assert.equal(joiner.store.oldestHeight(), 1);
  const other = withSnapshots();
  for (const node of other.lab.live) node.snapshots = null;
  other.joiner.restore(new Files(), { isRequired: true });
  other.lab.runFor(12_000);
  assert.equal(other.joiner.host, null, 'it waits');
  for (const node of other.lab.live) node.snapshots = source;
  other.lab.runUntil(() => other.joiner.host !== null, 60_000);
});

test('an old checkpoint, and one whose block nobody has, are refused with the way out', () => {
  const old = withSnapshots();
  old.joiner.restore(new Files(), { trustingPeriodMs: 1_000 });
  assert.throws(() => old.lab.runFor(60_000), { code: 'CHECKPOINT_EXPIRED' });
  const unknown = withSnapshots(({ to }, message) => (to === 3 && message?.kind === 'lightBlock' ? null : 5));
  unknown.joiner.restore(new Files());
  assert.throws(() => unknown.lab.runFor(120_000), { code: 'CHECKPOINT_UNKNOWN' });
});

test('a checkpoint at height 0 leads through the genesis set', () => {
  const { lab, joiner } = withSnapshots();
  joiner.checkpoint = null;
  joiner.restore(new Files());
  assertJoined(lab, joiner);
});

/** The last byte changed: in a chunk the value of its last leaf. An empty one is left as it is. */
function flipped(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  if (copy.length > 0) copy[copy.length - 1]! ^= 1;
  return copy;
}
