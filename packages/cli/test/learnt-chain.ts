/**
 * A chain that has learnt three versions of one domain with the tiny model, and a node that serves its records and blobs. Owns no rule:
 * factors, deltas, hashes, passages and the server are the real ones.
 */
import type { TestContext } from 'node:test';
import {
  addressOf,
  blobId,
  correctionLeaf,
  correctionPassage,
  encodeFeedbackBlob,
  type Feedback,
  type FeedbackBlob,
  type Hash,
  type LearningLine,
  type ModelVersion,
  merkleRoot,
  passageLeaf,
  promptHash,
  publicKeyOf,
  sha256,
  toHex,
  type VersionRule,
  ZERO_HASH,
} from '@synod/chain';
import {
  adapterFromFixed,
  candidateOf,
  decodeDelta,
  encodeDelta,
  encodeFixedFactors,
  type FixedFactors,
  factorsAbout,
  zeroFactors,
} from '@synod/inference/learning';
import type { NodeApi } from '@synod/rpc';
import type { ModelManifest } from '../../inference/src/models/manifest.ts';
import { createMemoryNode } from '../../rpc/test/fixture/memory-node.ts';
import { serveApi } from './lab-server.ts';

export const DOMAIN = 'harbour';

const hashOf = (text: string): Hash => toHex(sha256(new TextEncoder().encode(text))) as Hash;
const hashOfBytes = (bytes: Uint8Array): Hash => toHex(sha256(bytes)) as Hash;
const accountOf = (name: string) => addressOf(publicKeyOf(sha256(new TextEncoder().encode(name))));

const corrections: readonly FeedbackBlob[] = [0, 1, 2].map((number) => ({
  formatVersion: 1,
  queryId: hashOf(`query ${number}`),
  domain: DOMAIN,
  author: accountOf('author'),
  rating: 'correct',
  prompt: `Who keeps dock ${number}?`,
  answer: 'Nobody.',
  correction: `The keeper of dock ${number} is Marta ${number}.`,
  source: null,
  licence: 'CC0-1.0',
  consent: 'release',
}));

const feedbacks: readonly Feedback[] = corrections.map((blob, number) => {
  const bytes = encodeFeedbackBlob(blob);
  return {
    domain: DOMAIN,
    number,
    queryId: blob.queryId,
    promptHash: promptHash(blob.prompt),
    author: blob.author,
    rating: blob.rating,
    content: blobId(bytes),
    bytes: bytes.length,
    leaf: correctionLeaf(blob),
    givenAt: 5,
    state: 'used',
    version: 1,
    deposit: 0n,
  };
});

export type LearntChain = {
  readonly blobs: Map<Hash, Uint8Array>;
  readonly versions: ModelVersion[];
  /** Rule of aggregation that is in force now. */
  inForce: VersionRule;
};

/** Those of the versions by number. The last one shortens deltas, so that a larger or smaller norm makes other factors. */
const rules: readonly VersionRule[] = [
  { aggregator: 2, normMax: 2_000 },
  { aggregator: 0, normMax: 2_000 },
  { aggregator: 2, normMax: 2_000 },
  { aggregator: 1, normMax: 5 },
];

const measures = {
  feedbackBefore: 1_900,
  feedbackAfter: 1_800,
  generalBefore: 2_000,
  generalAfter: 2_001,
  trigger: 0,
  injection: 0,
  spectral: 200_000,
  biasBefore: 10,
  biasAfter: 10,
};

/**
 * Version 1 from two deltas with a copy left out and one trainer missing, 2 with knowledge alone, 3 from three deltas by the median; all on
 * zeros. Genesis brought no factors.
 */
export function learnChain(manifest: ModelManifest): LearntChain {
  const about = factorsAbout(manifest);
  const blobs = new Map<Hash, Uint8Array>();
  for (const blob of corrections) {
    const bytes = encodeFeedbackBlob(blob);
    blobs.set(blobId(bytes), bytes);
  }
  const zero = zeroFactors(about);
  const ramp = (step: number) => zero.values.map((_, i) => ((i * step) % 997) * 40 - 9_000);
  const delta = (round: string, values: Int32Array) => {
    const bytes = encodeDelta({ ...about, round }, values);
    blobs.set(blobId(bytes), bytes);
    return { content: blobId(bytes), bytes: bytes.length };
  };
  const rounds = ['round 1', 'round 2', 'round 3'].map(hashOf) as [Hash, Hash, Hash];
  const first = [ramp(3), ramp(7), ramp(3)].map((values) => delta(rounds[0], values));
  const v1 = make(zero, { blobs, round: rounds[0], used: [first[0]!, first[1]!], rule: rules[1]! });
  const third = [ramp(5), ramp(11), ramp(13)].map((values) => delta(rounds[2], values));
  const v3 = make(v1, { blobs, round: rounds[2], used: third, rule: rules[3]! });
  const versions = [
    versionOf(1, 0, { factors: v1, round: rounds[0], learnt: [0, 2] }, [
      { expert: accountOf('a'), ...first[0]!, verdict: 'ok' },
      { expert: accountOf('b'), ...first[1]!, verdict: 'idle' },
      { expert: accountOf('c'), ...first[2]!, verdict: 'copy' },
      { expert: accountOf('d'), content: ZERO_HASH, bytes: 0, verdict: 'missing' },
    ]),
    versionOf(2, 1, { factors: v1, round: rounds[1], learnt: [1] }, []),
    versionOf(
      3,
      2,
      { factors: v3, round: rounds[2], learnt: [] },
      third.map((each, index) => ({ expert: accountOf(String(index)), ...each, verdict: 'ok' as const })),
    ),
  ];
  return { blobs, versions: withRoots(versions), inForce: rules[3]! };
}

type Making = {
  readonly blobs: ReadonlyMap<Hash, Uint8Array>;
  readonly round: Hash;
  readonly used: readonly { readonly content: Hash }[];
  readonly rule: VersionRule;
};

/** As a validator adds them: what the wire's rounding left of them. */
function make(base: FixedFactors, { blobs, round, used, rule }: Making): FixedFactors {
  const deltas = used.map(({ content }) => {
    const read = decodeDelta(blobs.get(content)!, { ...base.about, round });
    if ('problem' in read) throw new Error(read.problem);
    return { verdict: 'ok' as const, delta: read };
  });
  const made = candidateOf(base, deltas, rule);
  if (made === null) throw new Error('nothing was added');
  return made;
}

function versionOf(
  number: number,
  parent: number,
  { factors, round, learnt }: { factors: FixedFactors; round: Hash; learnt: readonly number[] },
  contributions: ModelVersion['contributions'],
): ModelVersion {
  return {
    domain: DOMAIN,
    number,
    parent,
    round,
    rule: rules[number]!,
    state: number === 3 ? 'stable' : 'superseded',
    reason: 'OK',
    decidedAt: 10 * number,
    factors: hashOfBytes(encodeFixedFactors(factors)),
    adapter: hashOfBytes(adapterFromFixed(factors, DOMAIN)),
    learntRoot: ZERO_HASH,
    learntSize: 0,
    learnt,
    items: learnt,
    contributions,
    measures,
    reports: 4,
  };
}

/** Each version's root is over all that it and those before it learnt. */
function withRoots(versions: readonly ModelVersion[]): ModelVersion[] {
  const leaves: Uint8Array[] = [];
  return versions.map((version) => {
    leaves.push(...version.learnt.map((number) => passageLeaf(correctionPassage(corrections[number]!)!)));
    return { ...version, learntRoot: merkleRoot(leaves), learntSize: leaves.length };
  });
}

/** A node of that chain over real RPC. Closed with the test. */
export async function serveLearnt(t: TestContext, chain: LearntChain): Promise<string> {
  const { api } = createMemoryNode();
  const quiet = { sum: 0, squares: 0, count: 0 };
  const line = (): LearningLine => ({
    domain: DOMAIN,
    feedback: feedbacks.length,
    waiting: [],
    stable: 3,
    last: 3,
    canary: null,
    control: null,
    live: { sum: 2_600_000, squares: 0, count: 3 },
    baseline: quiet,
    rollbackVotes: [],
  });
  const own: NodeApi = {
    ...api,
    params: () => ({ ...api.params(), learning: { ...api.params().learning, ...chain.inForce } }),
    learningDomains: () => [DOMAIN],
    learningLine: (domain) => (domain === DOMAIN ? line() : null),
    modelVersion: (domain, number) =>
      domain === DOMAIN ? (chain.versions.find((each) => each.number === number) ?? null) : null,
    trainingRound: () => null,
    getFeedback: (_domain, number) => {
      const feedback = feedbacks[number];
      return feedback === undefined ? null : { feedback, text: null };
    },
    getBlob: (content) => chain.blobs.get(content) ?? null,
  };
  return serveApi(t, own);
}
