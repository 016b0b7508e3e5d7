/**
 * Messages between hosts: what stands on gossip topics and on the direct stream. Owns framing and shapes.
 * A frame is one kind byte and length-prefixed parts; the parts that are consensus objects are encoded by the chain's codec.
 * Decoding is total: anything malformed is null, never a throw.
 */
import { type Address, CHAIN_LIMITS, fromHex, type Hash, type Height, type Round, toHex } from '@synod/chain';

export type BlockWithCommit = { readonly block: Uint8Array; readonly commit: Uint8Array };

/** Which votes of one round a node has: one bit a validator, in set order. */
export type RoundSummary = {
  readonly round: Round;
  readonly hasProposal: boolean;
  readonly prevotes: readonly boolean[];
  readonly precommits: readonly boolean[];
};

export type DirectMessage =
  /** First message both ways. `signature` is the operator's consensus key over the sender's peer id. */
  | {
      readonly kind: 'hello';
      readonly chainId: string;
      readonly genesisHash: Hash;
      readonly operator: Address | null;
      readonly signature: Uint8Array;
    }
  /** `height` is the one being decided. */
  | {
      readonly kind: 'status';
      readonly height: Height;
      readonly round: Round;
      /** Latest round in which the sender sees a polka for a block, or −1. */
      readonly polRound: Round;
      readonly rounds: readonly RoundSummary[];
    }
  | { readonly kind: 'blocksGet'; readonly from: Height; readonly count: number }
  | { readonly kind: 'blocks'; readonly blocks: readonly BlockWithCommit[] }
  | { readonly kind: 'vote'; readonly vote: Uint8Array }
  | { readonly kind: 'proposal'; readonly proposal: Uint8Array; readonly block: Uint8Array }
  | { readonly kind: 'transactions'; readonly transactions: readonly Uint8Array[] }
  /** Provisional text of an answer being written, from a respondent to the coordinator. */
  | {
      readonly kind: 'answerToken';
      readonly queryId: Hash;
      readonly expert: Address;
      readonly sequence: number;
      readonly text: string;
    }
  | { readonly kind: 'answerDone'; readonly queryId: Hash; readonly expert: Address };

const kinds = [
  'hello',
  'status',
  'blocksGet',
  'blocks',
  'vote',
  'proposal',
  'transactions',
  'answerToken',
  'answerDone',
] as const;

const partsMax = 4_096;
const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

export function encodeDirect(message: DirectMessage): Uint8Array {
  return frame(kinds.indexOf(message.kind), partsOf(message));
}

/** The message, or null when the bytes are no frame of this protocol. */
export function decodeDirect(bytes: Uint8Array): DirectMessage | null {
  const parts = unframe(bytes);
  const kind = kinds[bytes[0] ?? kinds.length];
  if (parts === null || kind === undefined) return null;
  try {
    return messageOf(kind, parts);
  } catch {
    // The readers below throw on missing or malformed parts; to the caller that is one verdict: not a message.
    return null;
  }
}

/** A batch on the transactions topic. */
export function encodeTransactionBatch(transactions: readonly Uint8Array[]): Uint8Array {
  return frame(0, transactions);
}

export function decodeTransactionBatch(bytes: Uint8Array): readonly Uint8Array[] | null {
  return unframe(bytes);
}

/** A proposal and its block on the proposals topic, and in the log. */
export function encodeProposalMessage(proposal: Uint8Array, block: Uint8Array): Uint8Array {
  return frame(0, [proposal, block]);
}

export function decodeProposalMessage(bytes: Uint8Array): { proposal: Uint8Array; block: Uint8Array } | null {
  const parts = unframe(bytes);
  const [proposal, block] = parts ?? [];
  return parts?.length === 2 && proposal && block ? { proposal, block } : null;
}

function partsOf(message: DirectMessage): readonly Uint8Array[] {
  switch (message.kind) {
    case 'hello':
      return [text(message.chainId), fromHex(message.genesisHash), text(message.operator ?? ''), message.signature];
    case 'status':
      return [
        integer(message.height),
        integer(message.round + 1),
        integer(message.polRound + 1),
        ...message.rounds.flatMap(summaryParts),
      ];
    case 'blocksGet':
      return [integer(message.from), integer(message.count)];
    case 'blocks':
      return message.blocks.flatMap(({ block, commit }) => [block, commit]);
    case 'vote':
      return [message.vote];
    case 'proposal':
      return [message.proposal, message.block];
    case 'transactions':
      return message.transactions;
    case 'answerToken':
      return [fromHex(message.queryId), text(message.expert), integer(message.sequence), text(message.text)];
    case 'answerDone':
      return [fromHex(message.queryId), text(message.expert)];
  }
}

function messageOf(kind: DirectMessage['kind'], parts: readonly Uint8Array[]): DirectMessage {
  switch (kind) {
    case 'hello': {
      const operator = readText(parts[2]);
      return {
        kind,
        chainId: readText(parts[0]),
        genesisHash: readHash(parts[1]),
        operator: operator === '' ? null : (operator as Address),
        signature: required(parts[3]),
      };
    }
    case 'status':
      return {
        kind,
        height: readInteger(parts[0]),
        round: readInteger(parts[1]) - 1,
        polRound: readInteger(parts[2]) - 1,
        rounds: readSummaries(parts),
      };
    case 'blocksGet':
      return { kind, from: readInteger(parts[0]), count: readInteger(parts[1]) };
    case 'blocks':
      return { kind, blocks: pairs(parts).map(([block, commit]) => ({ block, commit })) };
    case 'vote':
      return { kind, vote: required(parts[0]) };
    case 'proposal':
      return { kind, proposal: required(parts[0]), block: required(parts[1]) };
    case 'transactions':
      return { kind, transactions: parts };
    case 'answerToken':
      return {
        kind,
        queryId: readHash(parts[0]),
        expert: readText(parts[1]) as Address,
        sequence: readInteger(parts[2]),
        text: readText(parts[3]),
      };
    case 'answerDone':
      return { kind, queryId: readHash(parts[0]), expert: readText(parts[1]) as Address };
  }
}

/** round, proposal flag, prevote bits, precommit bits: four parts a round. */
function summaryParts(summary: RoundSummary): readonly Uint8Array[] {
  return [
    integer(summary.round),
    integer(summary.hasProposal ? 1 : 0),
    bits(summary.prevotes),
    bits(summary.precommits),
  ];
}

function readSummaries(parts: readonly Uint8Array[]): readonly RoundSummary[] {
  const summaries: RoundSummary[] = [];
  for (let at = 3; at < parts.length; at += 4) {
    summaries.push({
      round: readInteger(parts[at]),
      hasProposal: readInteger(parts[at + 1]) === 1,
      prevotes: readBits(parts[at + 2]),
      precommits: readBits(parts[at + 3]),
    });
  }
  return summaries;
}

function frame(kind: number, parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + 4 + part.length, 1);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes[0] = kind;
  let at = 1;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}

function unframe(bytes: Uint8Array): readonly Uint8Array[] | null {
  if (bytes.length === 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let at = 1;
  while (at < bytes.length) {
    if (at + 4 > bytes.length || parts.length === partsMax) return null;
    const end = at + 4 + view.getUint32(at, true);
    if (end > bytes.length) return null;
    parts.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

function text(value: string): Uint8Array {
  return utf8.encode(value);
}

function integer(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

function bits(values: readonly boolean[]): Uint8Array {
  return Uint8Array.from(values, (value) => (value ? 1 : 0));
}

function required(part: Uint8Array | undefined): Uint8Array {
  if (part === undefined) throw new RangeError('part missing');
  return part;
}

function readText(part: Uint8Array | undefined): string {
  return strictUtf8.decode(required(part));
}

function readHash(part: Uint8Array | undefined): Hash {
  if (required(part).length !== 32) throw new RangeError('hash is not 32 bytes');
  return toHex(required(part)) as Hash;
}

function readInteger(part: Uint8Array | undefined): number {
  const bytes = required(part);
  if (bytes.length !== 8) throw new RangeError('integer is not 8 bytes');
  const value = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError('integer is not safe');
  return Number(value);
}

function readBits(part: Uint8Array | undefined): readonly boolean[] {
  if (required(part).length > CHAIN_LIMITS.validatorsMax) throw new RangeError('more bits than validators');
  return Array.from(required(part), (bit) => bit === 1);
}

function pairs(parts: readonly Uint8Array[]): readonly (readonly [Uint8Array, Uint8Array])[] {
  if (parts.length % 2 !== 0) throw new RangeError('odd number of parts');
  return Array.from(
    { length: parts.length / 2 },
    (_, i) => [required(parts[2 * i]), required(parts[2 * i + 1])] as const,
  );
}
