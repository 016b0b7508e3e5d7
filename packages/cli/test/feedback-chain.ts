/**
 * A chain of light blocks whose headers prove feedback, and a node that serves it over RPC. Owns no rule: records, words, proofs, signatures
 * and the server are the real ones.
 */
import type { TestContext } from 'node:test';
import {
  addressOf,
  blobId,
  blockId,
  correctionLeaf,
  decodeFeedback,
  encodeFeedback,
  encodeFeedbackBlob,
  encodeLearningLine,
  type Feedback,
  type FeedbackBlob,
  type Hash,
  type LearningLine,
  type LightBlock,
  promptHash,
  publicKeyOf,
  StateTree,
  SynodError,
  sha256,
  stateKeys,
  toHex,
  ZERO_HASH,
} from '@synod/chain';
import type { FeedbackView, NodeApi } from '@synod/rpc';
import { bareHeader, CHAIN_ID, lightBlock, slidingSet } from '../../consensus/test/light-client/light-chain.ts';
import { createMemoryNode } from '../../rpc/test/fixture/memory-node.ts';
import { serveApi } from './lab-server.ts';

export const DOMAIN = 'geography';
export const HEAD = 30;
/** Feedback is given one a height from here on. */
export const FIRST_AT = 6;

const hashOf = (text: string): Hash => toHex(sha256(new TextEncoder().encode(text))) as Hash;
const author = addressOf(publicKeyOf(sha256(new TextEncoder().encode('author'))));

function wordsOf(number: number): FeedbackBlob {
  const isCorrection = number % 3 !== 1;
  return {
    formatVersion: 1,
    queryId: hashOf(`query ${number}`),
    domain: DOMAIN,
    author,
    rating: isCorrection ? 'correct' : 'good',
    prompt: `What is the capital of land ${number}?`,
    answer: 'It is Lyon.\nIn short: Lyon “sur Rhône”.',
    correction: isCorrection ? `The capital of land ${number} is town ${number}.` : null,
    source: isCorrection ? 'An atlas' : null,
    licence: 'CC0-1.0',
    consent: number % 4 === 3 ? 'train' : 'release',
  };
}

export const blobOf = (number: number): Uint8Array => encodeFeedbackBlob(wordsOf(number));

function recordOf(number: number): Feedback {
  const words = wordsOf(number);
  const blob = blobOf(number);
  const { queryId, rating } = words;
  return {
    domain: DOMAIN,
    number,
    queryId,
    promptHash: promptHash(words.prompt),
    author,
    rating,
    content: blobId(blob),
    bytes: blob.length,
    leaf: correctionLeaf(words),
    givenAt: FIRST_AT + number,
    state: 'available',
    version: null,
    deposit: 1_000n,
  };
}

const quiet = { sum: 0, squares: 0, count: 0 };

/** State after a height: one feedback more for each height from `FIRST_AT` on. */
export function stateAfter(height: number): StateTree {
  const count = Math.max(0, height - FIRST_AT + 1);
  const line: LearningLine = {
    domain: DOMAIN,
    feedback: count,
    waiting: [],
    stable: 0,
    last: 0,
    canary: null,
    control: null,
    live: quiet,
    baseline: quiet,
    rollbackVotes: [],
  };
  const records = Array.from({ length: count }, (_, number) => ({
    key: stateKeys.feedback(DOMAIN, number),
    value: encodeFeedback(recordOf(number)),
  }));
  const lines = count === 0 ? [] : [{ key: stateKeys.line(DOMAIN), value: encodeLearningLine(line) }];
  return StateTree.fromEntries([...lines, ...records]);
}

const setAt = slidingSet(8);
const startMs = Date.now() - 3_600_000;

const blocks: LightBlock[] = [];
for (let height = 1; height <= HEAD; height++) {
  const parent = blocks.at(-1);
  const set = setAt(height);
  const bare = bareHeader(height, parent === undefined ? ZERO_HASH : blockId(parent.header), set[0]!);
  const header = { ...bare, time: startMs + 1_000 * height, stateRoot: stateAfter(height - 1).root };
  blocks.push(lightBlock({ header, set, next: setAt(height + 1) }));
}

export const at = (height: number): LightBlock => blocks[height - 1]!;

/** HEIGHT@HASH of a block. */
export const trust = (height: number): string => `${height}@0x${blockId(at(height).header)}`;

export type FeedbackNode = {
  readonly url: string;
  /** Height of its newest block; it has no later one. */
  head: number;
  /** Oldest state that it still proves from. */
  provable: number;
  /** Called before each proof. */
  onProof: () => void;
  /** Numbers whose words it does not have. */
  readonly absent: Set<number>;
};

/** A node at `head`, which a test can move on. Closed with the test. */
export async function serveFeedback(t: TestContext, head: number): Promise<FeedbackNode> {
  const { api } = createMemoryNode();
  const node = { url: '', head, provable: 1, onProof: (): void => undefined, absent: new Set<number>() };
  const state = () => stateAfter(node.head);
  const viewOf = (number: number): FeedbackView | null => {
    const value = state().get(stateKeys.feedback(DOMAIN, number));
    const record = value === undefined ? null : decodeFeedback(value);
    return record?.ok ? { feedback: record.value, text: null } : null;
  };
  const own: NodeApi = {
    ...api,
    genesis: () => ({ ...api.genesis(), chainId: CHAIN_ID }),
    status: () => ({ ...api.status(), chainId: CHAIN_ID }),
    params: () => ({ ...api.params(), staking: { ...api.params().staking, trustingPeriodMs: 86_400_000 } }),
    lightBlock: (height) => blocks[(height === 'latest' ? node.head : height) - 1] ?? null,
    header: (height) => blocks[height - 1]?.header ?? null,
    trail: (_block, trusted) => ({ below: trusted === null ? [] : [at(trusted)], above: [] }),
    proof(key, wanted) {
      node.onProof();
      const height = wanted ?? node.head - 1;
      if (height < node.provable) throw new SynodError('PRUNED', 'That state is no longer kept. Ask for a newer one.');
      const tree = stateAfter(height);
      return { height, stateRoot: tree.root, value: tree.get(key) ?? null, proof: tree.prove(key) };
    },
    learningLine: (domain) =>
      domain === DOMAIN ? { ...api.learningLine('general')!, domain, feedback: node.head - FIRST_AT + 1 } : null,
    getFeedback: (domain, number) => (domain === DOMAIN ? viewOf(number) : null),
    listFeedback: (domain, from) => (domain === DOMAIN ? [viewOf(from)].flatMap((view) => view ?? []) : []),
    getBlob(content) {
      for (let number = 0; number < HEAD; number++)
        if (blobId(blobOf(number)) === content) return node.absent.has(number) ? null : blobOf(number);
      return null;
    },
  };
  return Object.assign(node, { url: await serveApi(t, own) });
}
