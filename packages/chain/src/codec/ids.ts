/** Ids, commitments and set hashes (spec: codec §3). Owns the tags; each covers the canonical bytes of what it names. */
import { addressBytes } from '../crypto/address.ts';
import { taggedHash } from '../crypto/hash.ts';
import { fromHex } from '../crypto/hex.ts';
import { SynodError } from '../errors.ts';
import {
  type Address,
  type Answer,
  type ChainParams,
  type Hash,
  type Header,
  type TransactionBody,
  type Validator,
  ZERO_HASH,
} from '../types/index.ts';
import { encodeHeader, encodeScoreContent, type ScoreContent } from './block.ts';
import { container } from './composites.ts';
import { codecLimits } from './limits.ts';
import { oncePerObject } from './once-per-object.ts';
import { text } from './primitives.ts';
import { createCodec } from './schema.ts';
import { encodeChainParams, encodeValidators } from './state.ts';
import { encodeAnswer, encodeTransactionBody } from './transaction.ts';

export { taggedHash };

/** A transaction's id; the signature has no part in it. */
export function transactionId(body: TransactionBody): Hash {
  return taggedHash('synod/transaction/1', encodeTransactionBody(body));
}

/** A block's id covers its header; the header's roots cover the rest. */
export const blockId: (header: Header) => Hash = oncePerObject((header) =>
  taggedHash('synod/block/1', encodeHeader(header)),
);

/** Covers the whole answer: segments, log-probabilities, proofs, model and token counts. */
export function answerHash(answer: Answer): Hash {
  return taggedHash('synod/answer/1', encodeAnswer(answer));
}

/** What a reader sees: the segments' texts, one after the other. */
export function answerText(answer: Answer): string {
  return answer.segments.map((segment) => segment.text).join('');
}

/** What an expert puts on chain before it reveals its answer (market §4). `salt` has 32 bytes. */
export function answerCommitment(opening: {
  readonly queryId: Hash;
  readonly expert: Address;
  readonly salt: Uint8Array;
  readonly answerHash: Hash;
  /** See `roundLink`: what the expert had seen of its peers. */
  readonly link: Hash;
}): Hash {
  const { queryId, expert, salt } = opening;
  return taggedHash(
    'synod/answer-commitment/1',
    fromHex(queryId),
    addressBytes(expert),
    requireSalt(salt),
    fromHex(opening.answerHash),
    fromHex(opening.link),
  );
}

/** What an answer of that round is bound to: the answers of the round before by respondent; the zero hash in the first. */
export function roundLink(queryId: Hash, round: number, answers: readonly (Hash | null)[]): Hash {
  if (round === 1) return ZERO_HASH;
  const parts = answers.map((answer) => fromHex(answer ?? ZERO_HASH));
  return taggedHash('synod/round/1', fromHex(queryId), Uint8Array.of(round), ...parts);
}

/** What a validator puts in its vote extension before it reveals its scores (market §6). `salt` has 32 bytes. */
export function scoreCommitment(opening: {
  readonly queryId: Hash;
  readonly validator: Address;
  readonly salt: Uint8Array;
  readonly scores: ScoreContent['scores'];
  readonly checks: ScoreContent['checks'];
}): Hash {
  const { queryId, validator, salt, scores, checks } = opening;
  return taggedHash(
    'synod/score-commitment/1',
    fromHex(queryId),
    addressBytes(validator),
    requireSalt(salt),
    encodeScoreContent({ scores, checks }),
  );
}

/** The salt of a commitment. Throws `SALT_LENGTH` unless it has 32 bytes: a fault of the caller. */
export function requireSalt(salt: Uint8Array): Uint8Array {
  if (salt.length !== 32) {
    throw new SynodError('SALT_LENGTH', 'The salt of a commitment has 32 bytes. Check where it is made.', {
      facts: { length: salt.length },
    });
  }
  return salt;
}

type Passage = { readonly text: string; readonly source: string };

const passageCodec = createCodec(
  'passage',
  container<Passage>({ text: text(codecLimits.segmentTextBytes), source: text(codecLimits.sourceBytes) }),
  codecLimits.answerBytes,
);

/** The leaf of a passage under a knowledge root, before the RFC 6962 leaf hash. */
export function passageLeaf(passage: Passage): Uint8Array {
  return passageCodec.encode(passage);
}

/** Covers the validator set in its order (by operator). */
export const validatorsHash: (validators: readonly Validator[]) => Hash = oncePerObject((validators) =>
  taggedHash('synod/validators/1', encodeValidators(validators)),
);

/** Covers the chain's parameters. */
export const paramsHash: (params: ChainParams) => Hash = oncePerObject((params) =>
  taggedHash('synod/params/1', encodeChainParams(params)),
);
