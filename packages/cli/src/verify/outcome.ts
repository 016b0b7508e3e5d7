/**
 * What it means when a proof is not believed: invalid, or not to be decided from what is there. Owns the sentence of every
 * refusal of the light client, each with the part that fails and what to do.
 */
import { SynodError } from '@synod/chain';
import type { LightFacts, LightRefusal } from '@synod/consensus';

/** `undecided`: nothing is known against the proof; more blocks, a newer checkpoint or a right clock may decide it. */
export type Outcome = 'invalid' | 'undecided';

const AGAIN = 'Do not rely on this file; get it again from a node you choose.';
const COMPARE = 'Compare HEIGHT@HASH with a second source ("synod checkpoint"), and ask where the file comes from.';

type Sentence = readonly [Outcome, (facts: LightFacts) => string];

const SENTENCES: Readonly<Record<string, Sentence>> = {
  RECEIPT_HEIGHT_WRONG: [
    'invalid',
    ({ height, settledAt }) =>
      `The header in the file is of block ${height}, but the receipt says it was settled at ${settledAt}, which only header ${Number(settledAt) + 1} proves. ${AGAIN}`,
  ],
  RECEIPT_NOT_INCLUDED: [
    'invalid',
    ({ height }) =>
      `The receipt is not under the results root of header ${height}: a score, a payment or another part of it was changed, or its path. ${AGAIN}`,
  ],
  RECEIPT_INCONSISTENT: [
    'invalid',
    ({ wrong }) =>
      `The receipt is on the chain, but its numbers do not follow from what it tells: ${wrong}. Tell the chain's developers; until then do not rely on what it paid.`,
  ],
  TOLD_OTHERWISE: [
    'invalid',
    ({ height }) =>
      `What was told of the query is not what the receipt under header ${height} says: prompt, answer, outcome or cost differ. Do not rely on it; ask another node.`,
  ],
  DATA_LINE_WRONG: ['invalid', ({ line, wrong }) => `Line ${line} does not hold: ${wrong}. ${AGAIN}`],
  STATE_HEIGHT_WRONG: [
    'invalid',
    ({ height }) => `The header in the file is of block ${height}, which proves the state of another height. ${AGAIN}`,
  ],
  STATE_PROOF_BAD: [
    'invalid',
    ({ height, reason }) => `The record is not under the state root of header ${height}: ${reason}. ${AGAIN}`,
  ],
  STATE_BLOCK_MISSING: [
    'undecided',
    ({ height }) =>
      `The file has no header for the state after block ${height}: it was taken before block ${Number(height) + 1} was decided. Get the proof again, or name a node with --rpc.`,
  ],
  LIGHT_CHAIN_ID: [
    'invalid',
    ({ height, chainId, expected }) =>
      `Block ${height} is of the chain "${chainId}"${expected === undefined ? '' : `, not of "${expected}"`}. Use a file and a trusted block of one chain.`,
  ],
  LIGHT_VERSION: [
    'invalid',
    ({ height }) => `Block ${height} is of another protocol version than the block before it. ${AGAIN}`,
  ],
  LIGHT_HEADER_MALFORMED: ['invalid', () => `A header has no possible height. ${AGAIN}`],
  LIGHT_SET_MALFORMED: [
    'invalid',
    ({ height }) =>
      `The validator set of block ${height} is no set: members must be sorted, each once, with a power of its own. ${AGAIN}`,
  ],
  LIGHT_VALIDATORS_HASH: [
    'invalid',
    ({ height }) => `The validator set in the file is not the one that header ${height} names. ${AGAIN}`,
  ],
  LIGHT_NEXT_VALIDATORS_HASH: [
    'invalid',
    ({ height }) => `The next validator set in the file is not the one that header ${height} names. ${AGAIN}`,
  ],
  LIGHT_COMMIT_OF_OTHER_BLOCK: [
    'invalid',
    ({ height }) =>
      `The certificate is not of header ${height} in the file: one of the two was changed or exchanged. ${AGAIN}`,
  ],
  COMMIT_MALFORMED: ['invalid', ({ height }) => `The certificate of block ${height} is malformed. ${AGAIN}`],
  COMMIT_NOT_SORTED: ['invalid', ({ height }) => `The certificate of block ${height} lists a vote twice. ${AGAIN}`],
  COMMIT_VALIDATOR_UNKNOWN: [
    'invalid',
    ({ height }) => `The certificate of block ${height} has a vote of somebody outside the validator set. ${AGAIN}`,
  ],
  COMMIT_POWER_LOW: [
    'invalid',
    ({ height }) =>
      `The certificate of block ${height} carries too little power: more than 2/3 of its validators' power must sign. ${AGAIN}`,
  ],
  COMMIT_SIGNATURE_BAD: [
    'invalid',
    ({ height, precommit }) =>
      `Signature ${Number(precommit) + 1} in the certificate of block ${height} is bad. ${AGAIN}`,
  ],
  COMMIT_EXTENSION_SIGNATURE_BAD: [
    'invalid',
    ({ height, precommit }) =>
      `The signature under the scores of vote ${Number(precommit) + 1} in the certificate of block ${height} is bad. ${AGAIN}`,
  ],
  LIGHT_HEIGHT_NOT_RISING: [
    'invalid',
    ({ height }) => `The blocks on the way do not rise at height ${height}. ${AGAIN}`,
  ],
  LIGHT_TIME_NOT_RISING: [
    'invalid',
    ({ height }) => `Block ${height} is not later than the block before it on the way. ${AGAIN}`,
  ],
  LIGHT_HEIGHT_NOT_ADJACENT: [
    'invalid',
    ({ height }) => `The headers that lead back have a gap above block ${height}. ${AGAIN}`,
  ],
  LIGHT_HEIGHT_NOT_ASKED: [
    'invalid',
    ({ height }) => `The node gave block ${height} instead of the one asked for. Name another with --rpc.`,
  ],
  LIGHT_LINK_BROKEN: [
    'invalid',
    ({ height }) =>
      `The chain of headers breaks at block ${height}: the next header names another block before it. ${AGAIN}`,
  ],
  LIGHT_SET_UNEXPECTED: [
    'invalid',
    ({ height }) => `Block ${height} has another validator set than the block before it promised. ${AGAIN}`,
  ],
  CHECKPOINT_HASH_DIFFERS: [
    'invalid',
    ({ height }) =>
      `The file leads to another block ${height} than the one you trust: the hashes differ. It is of another chain or forged, or the trusted hash is wrong. ${COMPARE}`,
  ],
  CHECKPOINT_HEIGHT_DIFFERS: [
    'invalid',
    ({ height, trusted }) => `The file leads to block ${height}, not to the trusted block ${trusted}. ${AGAIN}`,
  ],
  LIGHT_TRUST_INSUFFICIENT: [
    'undecided',
    ({ height, trusted }) =>
      `Too few of the validators of block ${trusted} signed block ${height}: the sets changed too much for one step. Name a node with --rpc to fetch the blocks in between.`,
  ],
  LIGHT_BISECTION_TOO_LONG: [
    'undecided',
    ({ height }) => `The way to block ${height} takes too many blocks. Trust a block nearer to it.`,
  ],
  LIGHT_TRUST_EXPIRED: [
    'undecided',
    ({ height }) =>
      `The trusted block ${height} is older than the trust period, so that its validators may have left and lie unpunished. Trust a newer block ("synod checkpoint" of a node you trust), or set --trust-period if you know better.`,
  ],
  LIGHT_HEADER_FROM_FUTURE: [
    'undecided',
    ({ height }) => `Block ${height} is later than this machine's clock. Set the clock, and verify again.`,
  ],
  TRAIL_MISSING: [
    'undecided',
    ({ height, trusted }) =>
      `The file does not lead from the trusted block ${trusted} to block ${height}. Name a node with --rpc to fetch the missing blocks, or get the file again with  --trust ${trusted}@HASH`,
  ],
};

/** The refusal as the failure of a command: `PROOF_INVALID` or `PROOF_UNDECIDED`, with the light client's code as a fact. */
export function failureOf({ code, facts }: LightRefusal<string>, more: LightFacts = {}): SynodError {
  const all = { ...facts, ...more };
  const [outcome, sentence] = SENTENCES[code] ?? [
    'invalid' as const,
    () => `The proof does not hold (${code}). ${AGAIN}`,
  ];
  return new SynodError(outcome === 'invalid' ? 'PROOF_INVALID' : 'PROOF_UNDECIDED', sentence(all), {
    facts: { ...all, reason: code },
  });
}

/** A file that cannot even be read as a proof. */
export function unreadable(file: string, reason: string): SynodError {
  return new SynodError('PROOF_INVALID', `${file} is no whole proof: ${reason}. ${AGAIN}`, {
    facts: { reason: 'FILE_UNREADABLE', file },
  });
}
