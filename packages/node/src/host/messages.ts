/**
 * Messages between hosts: what stands on gossip topics and on the direct stream. Owns their shapes.
 * The parts that are consensus objects are encoded by the chain's codec.
 * Decoding is total: anything malformed is null, never a throw.
 */
import {
  type Address,
  fromHex,
  type Hash,
  type Height,
  KNOWLEDGE_BUNDLE_BYTES_MAX,
  oncePerObject,
  RECIPE_LIMITS,
  type Round,
} from '@synod/chain';
import { limits } from './limits.ts';
import {
  atMost,
  exactly,
  frame,
  frameParts,
  integer,
  pairs,
  readHash,
  readInteger,
  readText,
  required,
  text,
  unframe,
} from './message-parts.ts';
import {
  type ChunkBytes,
  chunkParts,
  claimsPart,
  type ExpertClaim,
  type OfferedSnapshot,
  type RoundSummary,
  readChunk,
  readClaims,
  readSnapshot,
  readSummaries,
  snapshotParts,
  summaryParts,
} from './message-records.ts';

export type { ChunkBytes, ExpertClaim, OfferedSnapshot, RoundSummary } from './message-records.ts';

export type BlockWithCommit = { readonly block: Uint8Array; readonly commit: Uint8Array };

export type DirectMessage =
  /** First message both ways. `signature` is the operator's consensus key over the sender's peer id; each expert's is its own key's. */
  | {
      readonly kind: 'hello';
      readonly chainId: string;
      readonly genesisHash: Hash;
      readonly operator: Address | null;
      readonly signature: Uint8Array;
      readonly experts: readonly ExpertClaim[];
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
  | { readonly kind: 'answerDone'; readonly queryId: Hash; readonly expert: Address }
  /** Light client (spec: light-client §1); null: the sender does not have it. */
  | { readonly kind: 'lightBlockGet'; readonly height: Height }
  | { readonly kind: 'lightBlock'; readonly height: Height; readonly block: Uint8Array | null }
  /** Snapshots (spec: snapshot §6): which there are; manifest and anchor of one; one chunk. Null: the sender does not have it. */
  | { readonly kind: 'snapshotsGet' }
  | { readonly kind: 'snapshots'; readonly heights: readonly Height[] }
  | { readonly kind: 'snapshotGet'; readonly height: Height }
  | { readonly kind: 'snapshot'; readonly height: Height; readonly snapshot: OfferedSnapshot | null }
  | { readonly kind: 'chunkGet'; readonly height: Height; readonly index: number }
  | { readonly kind: 'chunk'; readonly height: Height; readonly index: number; readonly bytes: Uint8Array | null }
  /** The answer to any request above the receiver's share: ask again after this many milliseconds. */
  | { readonly kind: 'busy'; readonly retryAfterMs: number }
  /** Encoded evidence (state §7.5) for whoever proposes next; everybody passes on what was new to it. */
  | { readonly kind: 'evidence'; readonly evidence: Uint8Array }
  /** Recipes by model id and adapters by SHA-256 (spec: verification, "Recipes"); null: the sender does not have it. */
  | { readonly kind: 'recipeGet'; readonly hash: Hash }
  | { readonly kind: 'recipe'; readonly hash: Hash; readonly bytes: Uint8Array | null }
  | { readonly kind: 'adapterGet'; readonly hash: Hash }
  | { readonly kind: 'adapter'; readonly hash: Hash; readonly bytes: Uint8Array | null }
  /** One chunk of a blob with its audit path (spec: learning §3); null: the sender does not have the blob. */
  | { readonly kind: 'blobGet'; readonly content: Hash; readonly index: number }
  | { readonly kind: 'blobChunk'; readonly content: Hash; readonly index: number; readonly chunk: ChunkBytes | null }
  /** What an expert knows, by knowledge id (spec: knowledge §9); null: the sender does not have it. */
  | { readonly kind: 'knowledgeGet'; readonly hash: Hash }
  | { readonly kind: 'knowledge'; readonly hash: Hash; readonly bytes: Uint8Array | null };

const SIGNATURE_BYTES = 64;
const ADDRESS_TEXT_BYTES_MAX = 64;

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
  'lightBlockGet',
  'lightBlock',
  'snapshotsGet',
  'snapshots',
  'snapshotGet',
  'snapshot',
  'chunkGet',
  'chunk',
  'busy',
  'evidence',
  'recipeGet',
  'recipe',
  'adapterGet',
  'adapter',
  'blobGet',
  'blobChunk',
  'knowledgeGet',
  'knowledge',
] as const;

/** Parts of a message of each kind at most; further ones, which nobody reads, would keep their bytes in memory as long as what is read. */
const partsMax: { readonly [kind in DirectMessage['kind']]: number } = {
  hello: 5,
  status: Number.POSITIVE_INFINITY,
  blocksGet: 2,
  blocks: Number.POSITIVE_INFINITY,
  vote: 1,
  proposal: 2,
  transactions: Number.POSITIVE_INFINITY,
  answerToken: 4,
  answerDone: 2,
  lightBlockGet: 1,
  lightBlock: 2,
  snapshotsGet: 0,
  snapshots: Number.POSITIVE_INFINITY,
  snapshotGet: 1,
  snapshot: 6,
  chunkGet: 2,
  chunk: 3,
  busy: 1,
  evidence: 1,
  recipeGet: 1,
  recipe: 2,
  adapterGet: 1,
  adapter: 2,
  blobGet: 2,
  blobChunk: 4,
  knowledgeGet: 1,
  knowledge: 2,
};

/** How urgent a direct message is; 0 goes first. What nobody can decode is as urgent as transactions. */
export type SendPriority = 0 | 1 | 2 | 3;

/** Votes before proposals, those before what is only fetched, and transactions last: consensus never waits for sync. */
const priorities: { readonly [kind in DirectMessage['kind']]: SendPriority } = {
  hello: 0,
  status: 0,
  vote: 0,
  proposal: 1,
  answerToken: 1,
  answerDone: 1,
  blocksGet: 1,
  lightBlockGet: 1,
  snapshotsGet: 1,
  snapshotGet: 1,
  chunkGet: 1,
  recipeGet: 1,
  adapterGet: 1,
  blobGet: 1,
  knowledgeGet: 1,
  busy: 1,
  evidence: 2,
  blocks: 2,
  lightBlock: 2,
  snapshots: 2,
  snapshot: 2,
  chunk: 2,
  recipe: 2,
  adapter: 2,
  blobChunk: 2,
  knowledge: 2,
  transactions: 3,
};

/** The priority of an encoded message, by its kind. */
export function sendPriority(bytes: Uint8Array): SendPriority {
  const kind = kinds[bytes[0] ?? kinds.length];
  return kind === undefined ? 3 : priorities[kind];
}

export function encodeDirect(message: DirectMessage): Uint8Array {
  return frame(kinds.indexOf(message.kind), partsOf(message));
}

/** The message, or null when the bytes are no frame of this protocol; read once for the same bytes, not to be changed after they came in. */
export const decodeDirect: (bytes: Uint8Array) => DirectMessage | null = oncePerObject(readDirect);

function readDirect(bytes: Uint8Array): DirectMessage | null {
  const parts = unframe(bytes);
  const kind = kinds[bytes[0] ?? kinds.length];
  if (parts === null || kind === undefined || parts.length > partsMax[kind]) return null;
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

/** A batch is taken apart once; its bytes must not change after they came in. Null when malformed. */
export const decodeTransactionBatch: (bytes: Uint8Array) => readonly Uint8Array[] | null = oncePerObject(unframe);

/** A proposal and its block on the proposals topic, and in the log. */
export function encodeProposalMessage(proposal: Uint8Array, block: Uint8Array): Uint8Array {
  return frame(0, [proposal, block]);
}

/** Its bytes in parts, for whoever puts them behind others. */
export function proposalMessageParts(proposal: Uint8Array, block: Uint8Array): readonly Uint8Array[] {
  return frameParts(0, [proposal, block]);
}

export function decodeProposalMessage(bytes: Uint8Array): { proposal: Uint8Array; block: Uint8Array } | null {
  const parts = unframe(bytes);
  const [proposal, block] = parts ?? [];
  return parts?.length === 2 && proposal && block ? { proposal, block } : null;
}

function partsOf(message: DirectMessage): readonly Uint8Array[] {
  switch (message.kind) {
    case 'hello':
      return [
        text(message.chainId),
        fromHex(message.genesisHash),
        text(message.operator ?? ''),
        message.signature,
        claimsPart(message.experts),
      ];
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
    case 'snapshotsGet':
      return [];
    case 'snapshots':
      return message.heights.map(integer);
    case 'lightBlockGet':
    case 'snapshotGet':
      return [integer(message.height)];
    case 'lightBlock':
      return [integer(message.height), ...(message.block === null ? [] : [message.block])];
    case 'snapshot':
      return [integer(message.height), ...(message.snapshot === null ? [] : snapshotParts(message.snapshot))];
    case 'chunkGet':
      return [integer(message.height), integer(message.index)];
    case 'chunk':
      return [integer(message.height), integer(message.index), ...(message.bytes === null ? [] : [message.bytes])];
    case 'busy':
      return [integer(message.retryAfterMs)];
    case 'evidence':
      return [message.evidence];
    case 'recipeGet':
    case 'adapterGet':
    case 'knowledgeGet':
      return [fromHex(message.hash)];
    case 'recipe':
    case 'adapter':
    case 'knowledge':
      return [fromHex(message.hash), ...(message.bytes === null ? [] : [message.bytes])];
    case 'blobGet':
      return [fromHex(message.content), integer(message.index)];
    case 'blobChunk':
      return [fromHex(message.content), integer(message.index), ...chunkParts(message.chunk)];
  }
}

function messageOf(kind: DirectMessage['kind'], parts: readonly Uint8Array[]): DirectMessage {
  switch (kind) {
    case 'hello': {
      const operator = readText(atMost(required(parts[2]), ADDRESS_TEXT_BYTES_MAX) ?? undefined);
      return {
        kind,
        chainId: readText(parts[0]),
        genesisHash: readHash(parts[1]),
        operator: operator === '' ? null : (operator as Address),
        // Kept as long as the peer is there: see readClaims.
        signature: Uint8Array.from(exactly(parts[3], SIGNATURE_BYTES)),
        experts: readClaims(required(parts[4])),
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
    case 'snapshotsGet':
      return { kind };
    case 'snapshots':
      return { kind, heights: parts.map(readInteger) };
    case 'lightBlockGet':
    case 'snapshotGet':
      return { kind, height: readInteger(parts[0]) };
    case 'lightBlock':
      return { kind, height: readInteger(parts[0]), block: parts[1] ?? null };
    case 'snapshot':
      return { kind, height: readInteger(parts[0]), snapshot: readSnapshot(parts) };
    case 'chunkGet':
      return { kind, height: readInteger(parts[0]), index: readInteger(parts[1]) };
    case 'chunk':
      return { kind, height: readInteger(parts[0]), index: readInteger(parts[1]), bytes: parts[2] ?? null };
    case 'busy':
      return { kind, retryAfterMs: readInteger(parts[0]) };
    case 'evidence':
      return { kind, evidence: required(parts[0]) };
    case 'recipeGet':
    case 'adapterGet':
    case 'knowledgeGet':
      return { kind, hash: readHash(parts[0]) };
    case 'recipe':
      return { kind, hash: readHash(parts[0]), bytes: atMost(parts[1], RECIPE_LIMITS.bytesMax) };
    case 'adapter':
      return { kind, hash: readHash(parts[0]), bytes: atMost(parts[1], limits.adapterBytesMax) };
    case 'knowledge':
      return { kind, hash: readHash(parts[0]), bytes: atMost(parts[1], KNOWLEDGE_BUNDLE_BYTES_MAX) };
    case 'blobGet':
      return { kind, content: readHash(parts[0]), index: readInteger(parts[1]) };
    case 'blobChunk':
      return { kind, content: readHash(parts[0]), index: readInteger(parts[1]), chunk: readChunk(parts) };
  }
}
