/** Fetching blobs of many chunks: from several peers at once, on from where it was, past whoever lies, is slow or busy, within bounds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blobId, CHAIN_LIMITS, chunkCount, chunkProof, chunksOf, type Hash } from '@synod/chain';
import { BlobFetches } from '../../src/host/blob-fetches.ts';
import { limits } from '../../src/host/limits.ts';
import { type ChunkBytes, decodeDirect } from '../../src/host/messages.ts';
import type { BlobStore } from '../../src/host/ports.ts';
import type { Peer } from '../../src/host/sync.ts';

/** No two chunks alike, the last one short. */
function blobOf(label: number, chunks = 5): Uint8Array {
  const blob = new Uint8Array(CHAIN_LIMITS.chunkBytes * (chunks - 1) + 100).fill(label);
  for (let chunk = 0; chunk < chunks; chunk++) blob[CHAIN_LIMITS.chunkBytes * chunk] = 100 + chunk;
  return blob;
}

type Asked = { readonly peer: string; readonly content: Hash; readonly index: number };

/** A desk's fetches with peers that a test speaks for. */
function fetching(peerCount: number) {
  const peers = Array.from({ length: peerCount }, (_, index) => peerNamed(`peer-${index}`));
  const asked: Asked[] = [];
  const penalties: string[] = [];
  const saved = new Map<Hash, Uint8Array>();
  const parts = new Map<string, Uint8Array>();
  const clock = { now: 1_000_000, nowMs: () => clock.now };
  const store: BlobStore = {
    has: (content) => saved.has(content),
    read: (content) => saved.get(content) ?? null,
    save: (content, bytes) => void saved.set(content, bytes),
    part: (content, index) => parts.get(`${content}-${index}`) ?? null,
    savePart: (content, index, bytes) => void parts.set(`${content}-${index}`, bytes),
    forgetParts: (content) => {
      for (const key of parts.keys()) if (key.startsWith(content)) parts.delete(key);
    },
  };
  const network = {
    publish: () => undefined,
    penalise: (peer: string) => void penalties.push(peer),
    send: (peer: string, bytes: Uint8Array) => {
      const message = decodeDirect(bytes);
      assert.ok(message?.kind === 'blobGet');
      asked.push({ peer, content: message.content, index: message.index });
    },
  };
  const begin = () => new BlobFetches({ ports: { clock, network }, blobs: store, peers: () => peers });
  const fetches = begin();
  const want = (blob: Uint8Array, isUrgent = true, by = fetches) => {
    by.want({ content: blobId(blob), bytes: blob.length }, isUrgent);
    by.proceed();
  };
  const answer = ({ peer, content, index }: Asked, chunk: ChunkBytes | null, by = fetches) =>
    by.onAnswer(peer, { kind: 'blobChunk', content, index, chunk });
  return { peers, asked, penalties, saved, parts, clock, fetches, begin, want, answer };
}

function peerNamed(id: string): Peer {
  return { id, operator: null, claim: null, experts: new Map(), isGreeted: true, greetings: 1, height: 1 };
}

function chunkOf(blob: Uint8Array, index: number): ChunkBytes {
  return { bytes: chunksOf(blob)[index]!, proof: chunkProof(blob, index) };
}

test('the chunks of one blob are asked of several peers at once, each chunk once, and come to the blob', () => {
  const { asked, saved, want, answer } = fetching(3);
  const blob = blobOf(1);
  want(blob);
  assert.deepEqual(
    asked.map(({ index }) => index),
    [0, 1, 2, 3, 4],
  );
  assert.equal(new Set(asked.map(({ peer }) => peer)).size, 3);
  for (const request of asked.slice(0, 4)) answer(request, chunkOf(blob, request.index));
  assert.equal(saved.size, 0);
  answer(asked[4]!, chunkOf(blob, 4));
  assert.equal(blobId(saved.get(blobId(blob))!), blobId(blob));
  assert.equal(asked.length, 5);
});

test('a wrong, a truncated and a foreign chunk are not taken: each costs its sender, and another is asked', () => {
  const blob = blobOf(1);
  const good = chunkOf(blob, 2);
  const lies: readonly ChunkBytes[] = [
    { ...good, bytes: good.bytes.map((byte, index) => (index === 9 ? byte ^ 1 : byte)) },
    { ...good, bytes: good.bytes.subarray(1) },
    { ...good, proof: good.proof.slice(1) },
    chunkOf(blob, 1),
    chunkOf(blobOf(2), 2),
  ];
  for (const lie of lies) {
    const { asked, penalties, saved, want, answer } = fetching(2);
    want(blob);
    const request = asked.find(({ index }) => index === 2)!;
    answer(request, lie);
    assert.deepEqual(penalties, [request.peer]);
    const again = asked.filter(({ index }) => index === 2).at(-1)!;
    assert.notEqual(again.peer, request.peer);
    for (let index = 0; index < 5; index++) answer({ ...again, index }, chunkOf(blob, index));
    assert.equal(blobId(saved.get(blobId(blob))!), blobId(blob));
    assert.equal(penalties.length, 1);
  }
});

test('a crash costs what was in flight: the chunks on disk are not asked for again, and all of them are the blob at once', () => {
  const { asked, saved, parts, begin, want, answer } = fetching(2);
  const blob = blobOf(1);
  want(blob);
  for (const request of asked.slice(0, 3)) answer(request, chunkOf(blob, request.index));
  assert.equal(parts.size, 3);
  const had = asked.slice(0, 3).map(({ index }) => index);
  asked.length = 0;
  const second = begin();
  want(blob, true, second);
  assert.deepEqual(
    asked.map(({ index }) => index),
    [0, 1, 2, 3, 4].filter((index) => !had.includes(index)),
  );
  for (const request of [...asked]) answer(request, chunkOf(blob, request.index), second);
  assert.ok(saved.has(blobId(blob)));
  saved.clear();
  asked.length = 0;
  want(blob, true, begin());
  assert.ok(saved.has(blobId(blob)) && asked.length === 0);
});

test('parts that are together another blob are forgotten, and fetched anew', () => {
  const { asked, saved, parts, clock, begin, want, answer } = fetching(2);
  const blob = blobOf(1);
  chunksOf(blobOf(2)).forEach((chunk, index) => void parts.set(`${blobId(blob)}-${index}`, chunk));
  const fetches = begin();
  want(blob, true, fetches);
  assert.equal(parts.size + saved.size + asked.length, 0);
  clock.now += limits.blobWriteMs;
  fetches.proceed();
  assert.equal(asked.length, 5);
  for (const request of [...asked]) answer(request, chunkOf(blob, request.index), fetches);
  assert.equal(blobId(saved.get(blobId(blob))!), blobId(blob));
});

test('who takes too long, has nothing, or is busy keeps nobody from being asked; after all of them the blob rests', () => {
  const { asked, clock, fetches, want, answer } = fetching(3);
  const blob = blobOf(1, 1);
  want(blob);
  const [first] = asked as [Asked];
  answer(first, null);
  assert.notEqual(asked[1]!.peer, first.peer);
  clock.now += limits.blobTimeoutMs;
  fetches.proceed();
  assert.equal(new Set(asked.map(({ peer }) => peer)).size, 3);
  fetches.onBusy(asked[2]!.peer, 2_000);
  fetches.proceed();
  assert.equal(asked.length, 3, 'nobody else is left, and who is busy is waited for');
  clock.now += 2_000;
  fetches.proceed();
  assert.equal(asked[3]!.peer, asked[2]!.peer);
  answer(asked[3]!, null);
  fetches.proceed();
  assert.equal(asked.length, 4);
  clock.now += limits.blobPauseMs;
  fetches.proceed();
  assert.equal(asked.length, 5, 'a new round');
});

test('what an attestation waits for goes first and is never given up; the rest is, after some rounds', () => {
  const { asked, clock, fetches, want, answer } = fetching(1);
  const background = Array.from({ length: 10 }, (_, index) => blobOf(index, 1));
  for (const blob of background) want(blob, false);
  assert.equal(asked.length, limits.blobBackgroundFetches);
  const urgent = blobOf(99, 1);
  want(urgent);
  // The one peer has as much to answer as it may be asked.
  assert.equal(asked.length, limits.blobFlightsPerPeer);
  answer(asked[0]!, null);
  assert.equal(asked.at(-1)!.content, blobId(urgent));
  for (let round = 0; round < 20 * limits.blobRounds; round++) {
    for (const request of asked.splice(0)) answer(request, null);
    clock.now += limits.blobPauseMs;
    fetches.proceed();
  }
  assert.equal(fetches.background, 0);
  for (const request of asked.splice(0)) answer(request, null);
  clock.now += limits.blobPauseMs;
  fetches.proceed();
  assert.deepEqual(
    asked.map(({ content }) => content),
    [blobId(urgent)],
  );
});

test('however much is wanted, few chunks are under way, of all peers and of each', () => {
  const { asked, want } = fetching(20);
  for (let index = 0; index < 40; index++) want(blobOf(index, 8));
  assert.equal(asked.length, limits.blobFlights);
  assert.ok(new Set(asked.map(({ content }) => content)).size <= limits.blobFetches);
  const loads = new Map<string, number>();
  for (const { peer } of asked) loads.set(peer, (loads.get(peer) ?? 0) + 1);
  assert.ok(Math.max(...loads.values()) <= limits.blobFlightsPerPeer);
  assert.equal(chunkCount(blobOf(0, 8).length), 8);
});

test('nobody is asked where nobody is there, and that is no round', () => {
  const { asked, peers, clock, fetches, want } = fetching(1);
  peers[0]!.isGreeted = false;
  want(blobOf(1), false);
  for (let round = 0; round < 2 * limits.blobRounds; round++) {
    clock.now += limits.blobPauseMs;
    fetches.proceed();
  }
  peers[0]!.isGreeted = true;
  fetches.proceed();
  assert.ok(asked.length > 0);
});

test('who has least to answer is asked next, whichever blob it is for', () => {
  for (let label = 2; label < 12; label++) {
    const { asked, want } = fetching(3);
    for (const blob of [blobOf(1, 1), blobOf(label, 1), blobOf(label + 50, 1)]) want(blob);
    assert.equal(new Set(asked.map(({ peer }) => peer)).size, 3);
  }
});
