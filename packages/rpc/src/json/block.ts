/**
 * Blocks, commits, validators and heads as JSON. Owns schemas and conversions.
 */
import { type Evidence, type ExtendedCommit, offenders, slotOf, type Validator } from '@synod/chain';
import { z } from 'zod';
import type { BlockEvent, BlockView, CommitView, HeadInfo } from '../node-api.ts';
import { AddressText, Count, Decimal, decimal, HexBytes, HexHash, hexOf, hexOfBytes } from './scalars.ts';
import { eventDataJson } from './topic-event.ts';
import { TransactionJson, transactionJson } from './transaction.ts';

export const HeadJson = z.strictObject({ height: Decimal, hash: HexHash, time: Decimal });

export const CommitJson = z.strictObject({
  height: Decimal,
  round: Count,
  blockHash: HexHash,
  precommits: z.array(
    z.strictObject({ validator: Count, signature: HexBytes, extension: HexBytes, extensionSignature: HexBytes }),
  ),
});

export const EvidenceJson = z.strictObject({
  kind: z.enum(['duplicate.vote', 'duplicate.proposal', 'light.attack']),
  offenders: z.array(AddressText),
  height: Decimal,
  round: Count,
});

export const BlockJson = z.strictObject({
  hash: HexHash,
  height: Decimal,
  /** Milliseconds since the Unix epoch. */
  time: Decimal,
  proposer: AddressText,
  protocolVersion: Count,
  chainId: z.string(),
  parentHash: HexHash,
  /** State root the header carries: that after the block before. */
  stateRoot: HexHash,
  /** State root after this block; null while it is not known. */
  stateRootAfter: HexHash.nullable(),
  lastCommitRoot: HexHash,
  extensionsRoot: HexHash,
  validatorsHash: HexHash,
  nextValidatorsHash: HexHash,
  paramsHash: HexHash,
  resultsRoot: HexHash,
  transactionsRoot: HexHash,
  evidenceRoot: HexHash,
  beaconProof: HexBytes,
  transactions: z.array(TransactionJson),
  evidence: z.array(EvidenceJson),
  lastCommit: CommitJson.nullable(),
});

/** One thing a block did. The names beside `type` depend on it (spec: rpc §5.3); new types and names may come at any time. */
export const BlockEventJson = z.looseObject({ type: z.string() });

export const BlockEventsJson = z.strictObject({
  hash: HexHash,
  height: Decimal,
  /** In the order in which they happened; null where this node has not kept what the block did. */
  events: z.array(BlockEventJson).nullable(),
});

export const ValidatorJson = z.strictObject({
  operator: AddressText,
  publicKey: HexHash,
  vrfKey: HexHash,
  power: Decimal,
});

export const CommitViewJson = z.strictObject({
  height: Decimal,
  hash: HexHash,
  commit: CommitJson,
  validators: z.array(ValidatorJson),
});

/** The JSON of a chain tip. */
export function headJson(head: HeadInfo): z.output<typeof HeadJson> {
  return { height: decimal(head.height), hash: hexOf(head.hash), time: decimal(head.time) };
}

/** The JSON of a block with its transactions decoded. */
export function blockJson({ hash, block, stateRootAfter }: BlockView): z.output<typeof BlockJson> {
  const { header } = block;
  return {
    hash: hexOf(hash),
    height: decimal(header.height),
    time: decimal(header.time),
    proposer: header.proposer,
    protocolVersion: header.protocolVersion,
    chainId: header.chainId,
    parentHash: hexOf(header.lastBlockId),
    stateRoot: hexOf(header.stateRoot),
    stateRootAfter: stateRootAfter === null ? null : hexOf(stateRootAfter),
    lastCommitRoot: hexOf(header.lastCommitRoot),
    extensionsRoot: hexOf(header.extensionsRoot),
    validatorsHash: hexOf(header.validatorsHash),
    nextValidatorsHash: hexOf(header.nextValidatorsHash),
    paramsHash: hexOf(header.paramsHash),
    resultsRoot: hexOf(header.resultsRoot),
    transactionsRoot: hexOf(header.transactionsRoot),
    evidenceRoot: hexOf(header.evidenceRoot),
    beaconProof: hexOfBytes(header.beaconProof),
    transactions: block.transactions.map(transactionJson),
    evidence: block.evidence.map(evidenceJson),
    lastCommit: block.lastCommit === null ? null : commitJson(block.lastCommit),
  };
}

/** The JSON of one thing a block did, as subscribers get it too. */
export function blockEventJson({ type, ...data }: BlockEvent): z.output<typeof BlockEventJson> {
  return { type, ...eventDataJson(data) };
}

/** The JSON of a finality proof; extensions stay encoded, as they are what was signed. */
export function commitJson(commit: ExtendedCommit): z.output<typeof CommitJson> {
  return {
    height: decimal(commit.height),
    round: commit.round,
    blockHash: hexOf(commit.blockId),
    precommits: commit.precommits.map((precommit) => ({
      validator: precommit.validator,
      signature: hexOfBytes(precommit.signature),
      extension: hexOfBytes(precommit.extension),
      extensionSignature: hexOfBytes(precommit.extensionSignature),
    })),
  };
}

/** The JSON of a commit with the validator set its indices point into. */
export function commitViewJson(view: CommitView): z.output<typeof CommitViewJson> {
  return {
    height: decimal(view.height),
    hash: hexOf(view.hash),
    commit: commitJson(view.commit),
    validators: view.validators.map(validatorJson),
  };
}

/** The JSON of a member of the validator set. */
export function validatorJson(validator: Validator): z.output<typeof ValidatorJson> {
  return {
    operator: validator.operator,
    publicKey: hexOf(validator.publicKey),
    vrfKey: hexOf(validator.vrfKey),
    power: decimal(validator.power),
  };
}

/** The JSON of proof of misconduct. */
export function evidenceJson(evidence: Evidence): z.output<typeof EvidenceJson> {
  const { height, round } = slotOf(evidence);
  return { kind: evidence.kind, offenders: [...offenders(evidence)], height: decimal(height), round };
}
