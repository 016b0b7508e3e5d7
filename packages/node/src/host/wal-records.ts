/**
 * What the write-ahead log holds: every input that can change the consensus core's mind (consensus §1.8).
 * Owns the record format. One record is a kind byte followed by that kind's content.
 */
import {
  briefBytes,
  decodeExtendedCommit,
  decodeProposal,
  decodeVote,
  type ExtendedCommit,
  encodeExtendedCommit,
  encodeProposal,
  encodeVote,
  fromHex,
  type Hash,
  type Height,
  oncePerObject,
  type Proposal,
  type Round,
  toHex,
  type Vote,
} from '@synod/chain';
import type { SignedPlace } from '@synod/consensus';
import { integer } from './message-parts.ts';
import { decodeProposalMessage, proposalMessageParts } from './messages.ts';

export type TimeoutRecord = {
  readonly kind: 'propose' | 'prevote' | 'precommit';
  readonly height: Height;
  readonly round: Round;
};

export type WalRecord =
  | { readonly kind: 'start'; readonly height: Height }
  | { readonly kind: 'proposal'; readonly proposal: Proposal; readonly block: Uint8Array }
  | { readonly kind: 'vote'; readonly vote: Vote }
  | { readonly kind: 'timeout'; readonly timeout: TimeoutRecord }
  /** The block this node built for a round. */
  | { readonly kind: 'localValue'; readonly round: Round; readonly blockId: Hash; readonly block: Uint8Array }
  | { readonly kind: 'verdict'; readonly height: Height; readonly blockId: Hash; readonly valid: boolean }
  | { readonly kind: 'certificate'; readonly commit: ExtendedCommit; readonly block: Uint8Array }
  | { readonly kind: 'endHeight'; readonly height: Height }
  /** Where the sign state said to go on, when the log had lost it. */
  | { readonly kind: 'resumed'; readonly height: Height; readonly place: SignedPlace };

const kinds = [
  'start',
  'proposal',
  'vote',
  'timeout',
  'localValue',
  'verdict',
  'certificate',
  'endHeight',
  'resumed',
] as const;
const timeoutKinds = ['propose', 'prevote', 'precommit'] as const;

export function encodeWalRecord(record: WalRecord): Uint8Array {
  return record.kind === 'vote' ? voteRecord(record.vote) : withKind(record.kind, ...partsOf(record));
}

/** Most records are votes. */
const voteRecord = oncePerObject((vote: Vote) => withKind('vote', encodeVote(vote)));

/** Blocks stand in some records, so all parts are copied once. Nobody keeps records: the log has them. */
function withKind(kind: WalRecord['kind'], ...parts: readonly Uint8Array[]): Uint8Array {
  let size = 1;
  for (const part of parts) size += part.length;
  const bytes = briefBytes(size);
  bytes[0] = kinds.indexOf(kind);
  let at = 1;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** What the record's kind byte says; the rest may still not be one of this version's. */
export function walRecordKind(bytes: Uint8Array): WalRecord['kind'] | null {
  return kinds[bytes[0] ?? kinds.length] ?? null;
}

/** The record, or null when it is not one of this version's. */
export function decodeWalRecord(bytes: Uint8Array): WalRecord | null {
  const kind = walRecordKind(bytes);
  const content = bytes.subarray(1);
  switch (kind) {
    case 'start':
    case 'endHeight':
      return content.length === 8 ? { kind, height: readInteger(content, 0) } : null;
    case 'proposal': {
      const message = decodeProposalMessage(content);
      const proposal = message === null ? null : decodeProposal(message.proposal);
      return message !== null && proposal?.ok ? { kind, proposal: proposal.value, block: message.block } : null;
    }
    case 'vote': {
      const vote = decodeVote(content);
      return vote.ok ? { kind, vote: vote.value } : null;
    }
    case 'timeout':
      return readTimeout(content);
    case 'localValue':
      if (content.length < 40) return null;
      return { kind, round: readInteger(content, 0), blockId: readHash(content, 8), block: content.subarray(40) };
    case 'verdict':
      if (content.length !== 41) return null;
      return { kind, height: readInteger(content, 0), blockId: readHash(content, 8), valid: content[40] === 1 };
    case 'certificate': {
      const message = decodeProposalMessage(content);
      const commit = message === null ? null : decodeExtendedCommit(message.proposal);
      return message !== null && commit?.ok ? { kind, commit: commit.value, block: message.block } : null;
    }
    case 'resumed':
      return readResumed(content);
    default:
      return null;
  }
}

function partsOf(record: Exclude<WalRecord, { kind: 'vote' }>): readonly Uint8Array[] {
  switch (record.kind) {
    case 'start':
    case 'endHeight':
      return [integer(record.height)];
    case 'proposal':
      return proposalMessageParts(encodeProposal(record.proposal), record.block);
    case 'timeout':
      return [
        Uint8Array.of(timeoutKinds.indexOf(record.timeout.kind)),
        integer(record.timeout.height),
        integer(record.timeout.round),
      ];
    case 'localValue':
      return [integer(record.round), fromHex(record.blockId), record.block];
    case 'verdict':
      return [integer(record.height), fromHex(record.blockId), Uint8Array.of(record.valid ? 1 : 0)];
    case 'certificate':
      return proposalMessageParts(encodeExtendedCommit(record.commit), record.block);
    case 'resumed': {
      const { round, step, lock } = record.place;
      const place = [Uint8Array.of(timeoutKinds.indexOf(step)), integer(record.height), integer(round)];
      return lock === null ? place : [...place, integer(lock.round), fromHex(lock.blockId)];
    }
  }
}

function readResumed(content: Uint8Array): WalRecord | null {
  const step = timeoutKinds[content[0] ?? timeoutKinds.length];
  if (step === undefined || (content.length !== 17 && content.length !== 57)) return null;
  const lock = content.length === 17 ? null : { round: readInteger(content, 17), blockId: readHash(content, 25) };
  return { kind: 'resumed', height: readInteger(content, 1), place: { round: readInteger(content, 9), step, lock } };
}

function readTimeout(content: Uint8Array): WalRecord | null {
  const kind = timeoutKinds[content[0] ?? timeoutKinds.length];
  if (kind === undefined || content.length !== 17) return null;
  return { kind: 'timeout', timeout: { kind, height: readInteger(content, 1), round: readInteger(content, 9) } };
}

function readInteger(bytes: Uint8Array, offset: number): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset + offset, 8).getBigUint64(0, true));
}

function readHash(bytes: Uint8Array, offset: number): Hash {
  return toHex(bytes.subarray(offset, offset + 32)) as Hash;
}
