/** Blobs between hosts: fetched, attested, served on; whoever lies, vanishes or crashes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blobId, decodeVote, decodeVoteExtension, type Hash, listPendingBlobs } from '@synod/chain';
import { type DirectMessage, decodeDirect, encodeDirect } from '../../src/host/messages.ts';
import { correctionOf, feedbackAt, give, settledQuery, started } from './feedback-lab.ts';
import type { Lab, LabNode, LabOptions } from './lab.ts';

type Chunk = Extract<DirectMessage, { kind: 'blobChunk' }>;

const isAvailable = (node: LabNode): boolean => feedbackAt(node)?.state === 'available';

/** Contents that the node attested in what it sent. */
function attestationsOf(messages: readonly Uint8Array[], node: LabNode): readonly Hash[] {
  return messages.flatMap((bytes) => {
    const vote = decodeVote(bytes);
    if (!vote.ok || vote.value.validator !== node.operator || vote.value.extension === null) return [];
    const extension = decodeVoteExtension(vote.value.extension.bytes);
    assert.ok(extension.ok);
    return extension.value.items.flatMap((item) => (item.kind === 'blob.attest' ? item.contents : []));
  });
}

/** What node `from` says as chunks, told otherwise. */
function lying(from: number, lie: (chunk: Chunk) => Chunk): Pick<LabOptions, 'alter'> {
  return { alter: (message, node) => (node === from && message.kind === 'blobChunk' ? lie(message) : message) };
}

test('a blob given at one node is fetched by all, also by one that validates nothing, attested once it is durable, and then available', () => {
  const votes: Uint8Array[] = [];
  const lab = started({
    observers: 1,
    onMessage: (topic, bytes) => void (topic === 'votes' && votes.push(bytes)),
  });
  const content = give(lab, correctionOf(settledQuery(lab)));
  lab.runUntil(() => lab.nodes.every(isAvailable), 20_000);
  lab.runUntil(() => lab.nodes.every((node) => node.blobs.has(content)), 5_000);
  for (const node of lab.nodes) assert.equal(blobId(node.blobs.get(content)!), content);
  const attested = lab.nodes.slice(0, 4).map((node) => attestationsOf(votes, node));
  assert.ok(attested.filter((contents) => contents.includes(content)).length >= 3);
  votes.length = 0;
  lab.runFor(5_000);
  for (const node of lab.nodes) assert.deepEqual(attestationsOf(votes, node), [], 'said until it stands, no longer');
  assert.deepEqual(
    lab.nodes.flatMap(({ penalties }) => penalties),
    [],
  );
});

const lies: Readonly<Record<string, (chunk: Chunk) => Chunk>> = {
  wrong: (chunk) => ({
    ...chunk,
    chunk: chunk.chunk && { ...chunk.chunk, bytes: chunk.chunk.bytes.map((byte) => byte ^ 1) },
  }),
  truncated: (chunk) => ({ ...chunk, chunk: chunk.chunk && { ...chunk.chunk, bytes: chunk.chunk.bytes.slice(1) } }),
  'of another blob': (chunk) => ({ ...chunk, chunk: { bytes: new Uint8Array(300).fill(7), proof: [] } }),
};

for (const [name, lie] of Object.entries(lies)) {
  test(`a chunk that is ${name} is not taken, its sender is penalised, and the blob comes from others`, () => {
    const lab = started(lying(3, lie));
    const content = give(lab, correctionOf(settledQuery(lab)), { holder: lab.nodes[3]! });
    lab.runUntil(() => lab.nodes.slice(0, 3).every(({ penalties }) => penalties.length === 1), 20_000);
    for (const node of lab.nodes.slice(0, 3)) assert.ok(!node.blobs.has(content));
    lab.nodes[0]!.blobs.set(content, lab.nodes[3]!.blobs.get(content)!);
    lab.nodes[0]!.host!.handle({ kind: 'blobStored', content });
    lab.runUntil(() => lab.nodes.every((node) => node.blobs.has(content)), 20_000);
    lab.runUntil(() => lab.nodes.every(isAvailable), 20_000);
    for (const node of lab.nodes) assert.equal(blobId(node.blobs.get(content)!), content);
    const offence = { peer: 'node-3', reason: 'wrong chunk of a blob' };
    assert.deepEqual(
      lab.nodes.flatMap(({ penalties }) => penalties),
      [offence, offence, offence],
    );
  });
}

test('what nobody asked for, chunks that do not exist, and requests for blobs that are not here hurt nobody', () => {
  const answers: DirectMessage[] = [];
  const lab = started({
    onMessage: (topic, bytes) => {
      const message = topic === 'direct' ? decodeDirect(bytes) : null;
      if (message?.kind === 'blobChunk') answers.push(message);
    },
  });
  const content = give(lab, correctionOf(settledQuery(lab)));
  lab.runUntil(() => lab.nodes.every((node) => node.blobs.has(content)), 20_000);
  answers.length = 0;
  const { host } = lab.nodes[2]!;
  const say = (message: DirectMessage) =>
    host!.handle({ kind: 'direct', peer: 'node-1', bytes: encodeDirect(message) });
  const foreign = blobId(Uint8Array.of(1));
  say({ kind: 'blobChunk', content: foreign, index: 0, chunk: { bytes: Uint8Array.of(1), proof: [] } });
  say({ kind: 'blobChunk', content, index: 5, chunk: { bytes: Uint8Array.of(1), proof: [] } });
  say({ kind: 'blobGet', content: foreign, index: 0 });
  say({ kind: 'blobGet', content, index: 1 });
  say({ kind: 'blobGet', content, index: 2 ** 40 });
  assert.deepEqual(
    answers.map((message) => message.kind === 'blobChunk' && message.chunk),
    [null, null, null],
  );
  assert.deepEqual(lab.nodes[2]!.penalties, []);
  assert.ok(!lab.nodes[2]!.blobs.has(foreign));
});

test('a blob that is not what its record says is attested by nobody, and its feedback is lost', () => {
  const votes: Uint8Array[] = [];
  const lab = started({
    learning: { attestHeights: 8 },
    onMessage: (topic, bytes) => void (topic === 'votes' && votes.push(bytes)),
  });
  const receipt = settledQuery(lab);
  const foreign = correctionOf(receipt, { queryId: blobId(Uint8Array.of(9)) });
  const content = give(lab, { ...foreign, queryId: receipt.queryId }, { bytes: encoded(foreign) });
  lab.runUntil(() => feedbackAt(lab.nodes[0]!)?.state === 'lost', 30_000);
  for (const node of lab.nodes) assert.ok(!attestationsOf(votes, node).includes(content));
  const told = lab.nodes[0]!.events.filter(
    (event) => event.kind === 'log' && event.message.includes('not what its record'),
  );
  assert.equal(told.length, 1);
  assert.deepEqual(listPendingBlobs(lab.nodes[0]!.head.state), []);
});

test('words that repeat another question than was asked are attested by nobody', () => {
  const lab = started({ learning: { attestHeights: 8 } });
  const receipt = settledQuery(lab);
  // A whole sentence: its passage says nothing of the question.
  give(lab, correctionOf(receipt, { prompt: 'What is the capital of Spain?' }));
  lab.runUntil(() => feedbackAt(lab.nodes[0]!)?.state === 'lost', 30_000);
  for (const node of lab.nodes) {
    const told = node.events.filter((event) => event.kind === 'log' && event.facts['problem'] === 'prompt');
    assert.equal(told.length, 1);
  }
});

test('a node that crashes after the blob was written and before it attested attests it after its restart', () => {
  const votes: Uint8Array[] = [];
  const lab = started({ onMessage: (topic, bytes) => void (topic === 'votes' && votes.push(bytes)) });
  // Without node 3 the other three attest; without one of them, it needs node 3.
  const blob = correctionOf(settledQuery(lab));
  const [, , third, fourth] = lab.nodes as [LabNode, LabNode, LabNode, LabNode];
  fourth.isBlobDiskFull = true;
  third.isBlobDiskFull = true;
  const content = give(lab, blob);
  lab.runUntil(() => lab.nodes[1]!.blobs.has(content), 20_000);
  lab.runFor(3_000);
  assert.equal(listPendingBlobs(lab.nodes[0]!.head.state)[0]?.attested.length, 2);
  assert.ok(!attestationsOf(votes, third).includes(content), 'nothing is attested that is not durable');
  votes.length = 0;
  lab.runFor(3_000);
  assert.deepEqual(attestationsOf(votes, lab.nodes[0]!), [], 'what stands in a block is not said again');
  // The write that was asked for is done at last; the process dies before it hears of it.
  third.crash();
  third.isBlobDiskFull = false;
  third.blobs.set(content, lab.nodes[0]!.blobs.get(content)!);
  assert.ok(!isAvailable(lab.nodes[0]!));
  third.restart();
  lab.runUntil(() => isAvailable(lab.nodes[0]!), 20_000);
  assert.ok(attestationsOf(votes, third).includes(content));
  assert.ok(!attestationsOf(votes, fourth).includes(content));
});

test('a disk that takes nothing costs the attestation, and nothing else; a while after it has room again the blob is there', () => {
  const lab = started();
  const [, , , full] = lab.nodes as [LabNode, LabNode, LabNode, LabNode];
  full.isBlobDiskFull = true;
  const content = give(lab, correctionOf(settledQuery(lab)));
  lab.runUntil(() => isAvailable(full), 20_000);
  assert.ok(!full.blobs.has(content));
  full.isBlobDiskFull = false;
  lab.runUntil(() => full.blobs.has(content), 60_000);
});

test('a blob found damaged when a peer asks for it is fetched again', () => {
  const lab = started();
  const content = give(lab, correctionOf(settledQuery(lab)));
  lab.runUntil(() => lab.nodes.every((node) => node.blobs.has(content)), 20_000);
  lab.runUntil(() => lab.nodes.every(isAvailable), 20_000);
  const node = lab.nodes[2]!;
  node.crash();
  node.blobs.set(content, Uint8Array.of(1, 2, 3));
  node.restart();
  lab.runFor(1_000);
  node.host!.handle({ kind: 'direct', peer: 'node-1', bytes: encodeDirect({ kind: 'blobGet', content, index: 0 }) });
  lab.runUntil(() => node.blobs.get(content)?.length === lab.nodes[0]!.blobs.get(content)!.length, 20_000);
});

/** Those who have the blob when it becomes available, and no others until the lab is told. */
function holdersOnly(validators: number): {
  readonly lab: Lab;
  readonly content: Hash;
  readonly holders: readonly LabNode[];
} {
  const quorum = Math.floor((2 * validators) / 3) + 1;
  let isHeld = true;
  const lab = started({
    validators,
    observers: 1,
    delay: ({ to, bytes }) => (isHeld && to >= quorum && decodeDirect(bytes)?.kind === 'blobChunk' ? null : 5),
  });
  lab.nodes[validators]!.crash();
  const content = give(lab, correctionOf(settledQuery(lab)));
  lab.runUntil(() => lab.live.every(isAvailable), 60_000);
  const holders = lab.nodes.filter((node) => node.blobs.has(content));
  assert.equal(holders.length, quorum, 'exactly those whose attestations made it available');
  isHeld = false;
  return { lab, content, holders };
}

for (const validators of [4, 7]) {
  test(`of ${validators} equal validators any two thirds of the holders vanish, and a newcomer still gets the blob`, () => {
    const vanish = Math.floor((2 * validators) / 3);
    for (const survivor of [0, vanish]) {
      const { lab, content, holders } = holdersOnly(validators);
      const gone = holders.filter((_, index) => index !== survivor).slice(0, vanish);
      assert.equal(gone.length, vanish);
      for (const node of gone) node.crash();
      const newcomer = lab.nodes[validators]!;
      newcomer.restart();
      lab.runUntil(() => newcomer.blobs.has(content), 60_000);
      assert.equal(blobId(newcomer.blobs.get(content)!), content);
    }
  });
}

function encoded(blob: Parameters<typeof correctionOf>[1]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(blob));
}
