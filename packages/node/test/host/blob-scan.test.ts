/** Which blobs a state names: all that somebody must have, each once, a few records at a time, on from where it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  blobId,
  type Feedback,
  type FeedbackState,
  type Hash,
  type LearningLine,
  type ModelVersion,
  Overlay,
  StateTree,
  type TrainingRound,
  writeFeedback,
  writeLine,
  writeRound,
  writeVersion,
  ZERO_HASH,
} from '@synod/chain';
import { BlobScan, type NamedBlob, roundBlobs } from '../../src/host/blob-scan.ts';
import { alice } from './lab.ts';

const idOf = (...label: number[]): Hash => blobId(Uint8Array.from(label));

function line(domain: string, feedback: number, last: number): LearningLine {
  const sums = { control: null, live: { sum: 0, squares: 0, count: 0 }, baseline: { sum: 0, squares: 0, count: 0 } };
  return { domain, feedback, waiting: [], stable: 0, last, canary: null, ...sums, rollbackVotes: [] };
}

function feedback(domain: string, number: number, state: FeedbackState): Feedback {
  const common = {
    queryId: ZERO_HASH,
    promptHash: ZERO_HASH,
    author: alice,
    rating: 'good',
    leaf: ZERO_HASH,
    givenAt: 1,
  } as const;
  const content = idOf(1, number, domain.length);
  return { domain, number, ...common, content, bytes: 700 + number, state, version: null, deposit: 0n };
}

function version(domain: string, number: number): ModelVersion {
  const zero = { feedbackBefore: 0, feedbackAfter: 0, generalBefore: 0, generalAfter: 0, trigger: 0 };
  const measures = { ...zero, injection: 0, spectral: 0, biasBefore: 0, biasAfter: 0 };
  const hashes = { round: ZERO_HASH, factors: ZERO_HASH, adapter: ZERO_HASH, learntRoot: ZERO_HASH };
  const made = { parent: number - 1, state: 'stable', reason: 'adopted', decidedAt: 9 } as const;
  const contributions = [
    { expert: alice, content: idOf(2, number, domain.length), bytes: 500_000 + number, verdict: 'ok' as const },
    { expert: alice, content: ZERO_HASH, bytes: 0, verdict: 'missing' as const },
  ];
  return {
    domain,
    number,
    ...made,
    ...hashes,
    rule: null,
    learntSize: 0,
    learnt: [],
    items: [],
    contributions,
    measures,
    reports: 3,
  };
}

/** Two domains: five feedbacks of every kind and two versions, and one of each. */
function learntState(): Overlay {
  const state = new Overlay(StateTree.fromEntries([]));
  writeLine(state, line('general', 5, 2));
  writeLine(state, line('chemistry', 1, 1));
  const kinds = ['used', 'pending', 'lost', 'refused', 'available'] as const;
  kinds.forEach((kind, number) => void writeFeedback(state, feedback('general', number, kind)));
  writeFeedback(state, feedback('chemistry', 0, 'training'));
  for (const number of [1, 2]) writeVersion(state, version('general', number));
  writeVersion(state, version('chemistry', 1));
  return state;
}

const named: readonly NamedBlob[] = [
  { content: idOf(1, 0, 9), bytes: 700 },
  { content: idOf(2, 1, 9), bytes: 500_001 },
  { content: idOf(1, 0, 7), bytes: 700 },
  { content: idOf(1, 3, 7), bytes: 703 },
  { content: idOf(1, 4, 7), bytes: 704 },
  { content: idOf(2, 1, 7), bytes: 500_001 },
  { content: idOf(2, 2, 7), bytes: 500_002 },
];

const bare = ({ content, bytes }: NamedBlob): NamedBlob => ({ content, bytes });

test('feedback that is neither pending nor lost and the deltas of versions are named, with their lengths', () => {
  const found: NamedBlob[] = [];
  new BlobScan().proceed(learntState(), 100, (blob) => found.push(bare(blob)) > 0);
  assert.deepEqual(found, named);
});

test('a few records at a time come to the same, each once; what is new is found later, and everything again after a restart', () => {
  const state = learntState();
  for (const records of [1, 2, 3]) {
    const scan = new BlobScan();
    const found: NamedBlob[] = [];
    const take = (blob: NamedBlob) => found.push(bare(blob)) > 0;
    for (let turn = 0; turn < 12; turn++) scan.proceed(state, records, take);
    assert.deepEqual(found, named);
    writeLine(state, line('general', 6, 2));
    writeFeedback(state, feedback('general', 5, 'used'));
    scan.proceed(state, 100, take);
    assert.deepEqual(found.slice(named.length), [{ content: idOf(1, 5, 7), bytes: 705 }]);
    writeLine(state, line('general', 5, 2));
    found.length = 0;
    scan.restart();
    scan.proceed(state, 100, take);
    assert.deepEqual(found, named);
  }
});

test('where there is no room it stops, and goes on with the same blob', () => {
  const scan = new BlobScan();
  const state = learntState();
  const found: NamedBlob[] = [];
  for (let room = 1; room <= named.length; room++)
    scan.proceed(state, 100, (blob) => found.length < room && found.push(bare(blob)) > 0);
  assert.deepEqual(found, named);
});

test('available deltas of the round under way are named, those that wait for attestation are not', () => {
  const state = learntState();
  const trainer = { expert: alice, operator: alice, registeredAt: 1, commitment: null, order: null };
  const delta = { content: idOf(3), bytes: 9, isAvailable: true };
  const round: TrainingRound = {
    id: ZERO_HASH,
    domain: 'general',
    openedAt: 1,
    base: 0,
    rule: { aggregator: 2, normMax: 2_000, shardCopies: 2 },
    phase: 'revealing',
    deadline: 9,
    seed: ZERO_HASH,
    gateSeed: ZERO_HASH,
    items: [],
    trainers: [
      { ...trainer, delta },
      { ...trainer, delta: { ...delta, content: idOf(4), isAvailable: false } },
      { ...trainer, delta: null },
    ],
    evaluators: [],
  };
  writeRound(state, round);
  assert.deepEqual(roundBlobs(state).map(bare), [{ content: idOf(3), bytes: 9 }]);
});
