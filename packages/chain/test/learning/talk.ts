/** Settled queries and feedback about them on a test chain. Owns no rule and no assertion of one. */
import {
  blobId,
  correctionLeaf,
  type ExtensionItem,
  encodeFeedbackBlob,
  type FeedbackBlob,
  type FeedbackGive,
  type Hash,
  ZERO_HASH,
} from '../../src/index.ts';
import { settle } from '../market/plays.ts';
import { generated, type Keys, type TestChain, user } from '../test-chain.ts';

/** A query that has settled with an answer. */
export function settled(chain: TestChain, requester: Keys = user): Hash {
  const id = chain.open({}, requester);
  chain.answer(id, [generated('Lyon'), generated('Lyon')]);
  settle(chain, id);
  return id;
}

/** What the user corrects, as its blob. */
export function blobOf(queryId: Hash, overrides: Partial<FeedbackBlob> = {}): FeedbackBlob {
  return {
    formatVersion: 1,
    queryId,
    domain: 'general',
    author: user.address,
    rating: 'correct',
    prompt: 'What is the capital of France?',
    answer: 'Lyon',
    correction: 'Paris',
    source: 'https://example.org/france',
    licence: 'CC0-1.0',
    consent: 'train',
    ...overrides,
  };
}

export const plain: Partial<FeedbackBlob> = { rating: 'good', correction: null, source: null };

/** The transaction's payload for a blob. */
export function giveOf(blob: FeedbackBlob, overrides: Partial<FeedbackGive> = {}): FeedbackGive {
  const bytes = encodeFeedbackBlob(blob);
  const { queryId, rating } = blob;
  const give = { queryId, rating, content: blobId(bytes), bytes: bytes.length, leaf: correctionLeaf(blob) };
  return { type: 'feedback.give', ...give, ...overrides };
}

/** A rating under any content, for tests that look at money alone. */
export function ratingOf(queryId: Hash, content: Hash): FeedbackGive {
  return { type: 'feedback.give', queryId, rating: 'good', content, bytes: 100, leaf: ZERO_HASH };
}

/** Extensions in which the validators at these positions attest the contents. */
export function attests(
  positions: readonly number[],
  ...contents: readonly Hash[]
): ReadonlyMap<number, readonly ExtensionItem[]> {
  return new Map(positions.map((at) => [at, [{ kind: 'blob.attest', contents }]]));
}
