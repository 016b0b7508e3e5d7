/** Every codec: what is encoded decodes to itself, and nothing but canonical bytes decodes at all (codec §1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Decoded } from '../../src/index.ts';
import * as chain from '../../src/index.ts';
import * as arbitrary from './arbitraries.ts';
import * as learning from './learning-arbitraries.ts';

type Case = {
  readonly value: fc.Arbitrary<unknown>;
  readonly encode: (value: never) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Decoded<unknown>;
};

const cases: Readonly<Record<string, Case>> = {
  Transaction: { value: arbitrary.transaction, encode: chain.encodeTransaction, decode: chain.decodeTransaction },
  TransactionBody: {
    value: arbitrary.transactionBody,
    encode: chain.encodeTransactionBody,
    decode: chain.decodeTransactionBody,
  },
  Answer: { value: arbitrary.answer, encode: chain.encodeAnswer, decode: chain.decodeAnswer },
  Header: { value: arbitrary.header, encode: chain.encodeHeader, decode: chain.decodeHeader },
  Block: { value: arbitrary.block, encode: chain.encodeBlock, decode: chain.decodeBlock },
  ExtendedCommit: {
    value: arbitrary.extendedCommit,
    encode: chain.encodeExtendedCommit,
    decode: chain.decodeExtendedCommit,
  },
  CommitPrecommit: {
    value: arbitrary.commitPrecommit,
    encode: chain.encodeCommitPrecommit,
    decode: chain.decodeCommitPrecommit,
  },
  Vote: { value: arbitrary.vote, encode: chain.encodeVote, decode: chain.decodeVote },
  Proposal: { value: arbitrary.proposal, encode: chain.encodeProposal, decode: chain.decodeProposal },
  VoteExtension: {
    value: arbitrary.voteExtension,
    encode: chain.encodeVoteExtension,
    decode: chain.decodeVoteExtension,
  },
  ScoreContent: { value: arbitrary.scoreContent, encode: chain.encodeScoreContent, decode: chain.decodeScoreContent },
  Evidence: { value: arbitrary.evidence, encode: chain.encodeEvidence, decode: chain.decodeEvidence },
  Receipt: { value: arbitrary.receipt, encode: chain.encodeReceipt, decode: chain.decodeReceipt },
  TransactionResult: {
    value: arbitrary.transactionResult,
    encode: chain.encodeTransactionResult,
    decode: chain.decodeTransactionResult,
  },
  BlockResults: { value: arbitrary.blockResults, encode: chain.encodeBlockResults, decode: chain.decodeBlockResults },
  Account: {
    value: arbitrary.account,
    encode: chain.encodeAccount,
    decode: chain.decodeAccount,
  },
  Supply: { value: arbitrary.supply, encode: chain.encodeSupply, decode: chain.decodeSupply },
  ChainParams: { value: arbitrary.chainParams, encode: chain.encodeChainParams, decode: chain.decodeChainParams },
  Validators: { value: arbitrary.validators, encode: chain.encodeValidators, decode: chain.decodeValidators },
  ValidatorRecord: {
    value: arbitrary.validatorRecord,
    encode: chain.encodeValidatorRecord,
    decode: chain.decodeValidatorRecord,
  },
  StakePool: { value: arbitrary.stakePool, encode: chain.encodeStakePool, decode: chain.decodeStakePool },
  Delegation: { value: arbitrary.delegation, encode: chain.encodeDelegation, decode: chain.decodeDelegation },
  UnbondingPool: {
    value: arbitrary.unbondingPool,
    encode: chain.encodeUnbondingPool,
    decode: chain.decodeUnbondingPool,
  },
  Maturing: { value: arbitrary.maturing, encode: chain.encodeMaturing, decode: chain.decodeMaturing },
  Part: { value: arbitrary.part, encode: chain.encodePart, decode: chain.decodePart },
  Unbonding: { value: arbitrary.unbonding, encode: chain.encodeUnbonding, decode: chain.decodeUnbonding },
  Redelegations: {
    value: arbitrary.redelegations,
    encode: chain.encodeRedelegations,
    decode: chain.decodeRedelegations,
  },
  Missed: { value: arbitrary.missed, encode: chain.encodeMissed, decode: chain.decodeMissed },
  HeightList: { value: arbitrary.heights, encode: chain.encodeHeightList, decode: chain.decodeHeightList },
  ParamsProposal: {
    value: arbitrary.paramsProposal,
    encode: chain.encodeParamsProposal,
    decode: chain.decodeParamsProposal,
  },
  PastHeader: { value: arbitrary.pastHeader, encode: chain.encodePastHeader, decode: chain.decodePastHeader },
  Expert: { value: arbitrary.expert, encode: chain.encodeExpert, decode: chain.decodeExpert },
  Reputation: { value: arbitrary.reputation, encode: chain.encodeReputation, decode: chain.decodeReputation },
  RecentOutcomes: {
    value: arbitrary.recentOutcomes,
    encode: chain.encodeRecentOutcomes,
    decode: chain.decodeRecentOutcomes,
  },
  QueryState: { value: arbitrary.queryState, encode: chain.encodeQueryState, decode: chain.decodeQueryState },
  GateReport: { value: learning.gateReport, encode: chain.encodeGateReport, decode: chain.decodeGateReport },
  AskedQuery: { value: learning.askedQuery, encode: chain.encodeAskedQuery, decode: chain.decodeAskedQuery },
  Feedback: { value: learning.feedback, encode: chain.encodeFeedback, decode: chain.decodeFeedback },
  PendingBlobs: { value: learning.pendingBlobs, encode: chain.encodePendingBlobs, decode: chain.decodePendingBlobs },
  TrainingRound: {
    value: learning.trainingRound,
    encode: chain.encodeTrainingRound,
    decode: chain.decodeTrainingRound,
  },
  LearningLine: { value: learning.learningLine, encode: chain.encodeLearningLine, decode: chain.decodeLearningLine },
  ModelVersion: { value: learning.modelVersion, encode: chain.encodeModelVersion, decode: chain.decodeModelVersion },
  LineageUse: { value: learning.lineageUse, encode: chain.encodeLineageUse, decode: chain.decodeLineageUse },
  DomainList: { value: arbitrary.domains, encode: chain.encodeDomainList, decode: chain.decodeDomainList },
  HashList: { value: fc.array(arbitrary.hash), encode: chain.encodeHashList, decode: chain.decodeHashList },
  AddressList: { value: fc.array(arbitrary.address), encode: chain.encodeAddressList, decode: chain.decodeAddressList },
  U64: { value: arbitrary.amount, encode: chain.encodeU64, decode: chain.decodeU64 },
};

/** A damaged copy: one bit flipped, a cut, bytes appended, or any bytes at all. */
type Damage =
  | { readonly kind: 'flip'; readonly at: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'append'; readonly tail: Uint8Array }
  | { readonly kind: 'replace'; readonly tail: Uint8Array };

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('append' as const), tail: fc.uint8Array({ minLength: 1, maxLength: 9 }) }),
  fc.record({ kind: fc.constant('replace' as const), tail: fc.uint8Array({ maxLength: 300 }) }),
);

function damaged(bytes: Uint8Array, how: Damage): Uint8Array {
  if (how.kind === 'replace') return how.tail;
  if (how.kind === 'append') return Uint8Array.from([...bytes, ...how.tail]);
  if (how.kind === 'cut') return bytes.slice(0, how.at % Math.max(bytes.length, 1));
  const copy = bytes.slice();
  const bit = how.at % (8 * copy.length);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}

for (const [name, { value, encode, decode }] of Object.entries(cases)) {
  test(`${name}: decode(encode(x)) is x and shares no memory with its input`, () => {
    fc.assert(
      fc.property(value, (original) => {
        // A Buffer, whose slice aliases: what decodes must survive the input being overwritten.
        const bytes = Buffer.from(encode(original as never));
        const result = decode(bytes);
        bytes.fill(0xff);
        assert.deepEqual(result, { ok: true, value: original });
      }),
      { numRuns: 40 },
    );
  });

  test(`${name}: damaged bytes are refused or are another value's canonical form; decode never throws`, () => {
    fc.assert(
      fc.property(value, damage, (original, how) => {
        const bytes = encode(original as never);
        if (how.kind === 'flip' && bytes.length === 0) return;
        const input = damaged(bytes, how);
        const result = decode(input);
        if (!result.ok) return;
        assert.deepEqual(Buffer.from(encode(result.value as never)), Buffer.from(input));
      }),
      { numRuns: 120 },
    );
  });

  test(`${name}: what was read before makes no difference, also to bytes cut short`, () => {
    fc.assert(
      fc.property(value, damage, fc.nat(), (original, how, cut) => {
        const bytes = damaged(encode(original as never), how);
        const input = bytes.subarray(0, cut % (bytes.length + 1));
        const [first, second] = [0x00, 0xff].map((fill) => {
          // Fails, and leaves its bytes in the reader that short input shares.
          chain.decodeTransaction(new Uint8Array(1_024).fill(fill));
          return decode(input);
        });
        assert.deepEqual(first, second);
      }),
      { numRuns: 60 },
    );
  });
}
