/**
 * What a node and a signer in another process say to each other (keys §5): typed requests over HTTP, shaped as Web3Signer's. Owns the
 * requests' form; who may ask is signer-auth.ts.
 */
import { fromHex, type Hash, isHex, type PublicKey, toHex, type VoteType } from '@synod/chain';
import { SIGNER_LIMITS, signerPaths } from './signer-auth.ts';

/** What a node asks for. `signingBytes` is what the node believes is signed; the signer makes them itself and compares. */
export type SignRequest =
  | { readonly type: 'PROPOSAL'; readonly signingBytes: Uint8Array; readonly proposal: ProposalSlot }
  | {
      readonly type: 'VOTE';
      readonly signingBytes: Uint8Array;
      readonly vote: VoteSlot;
      readonly extension: Uint8Array | null;
    }
  | { readonly type: 'BEACON'; readonly alpha: Uint8Array }
  | { readonly type: 'IDENTITY'; readonly signingBytes: Uint8Array; readonly peerId: string }
  /** An encoded sealed message; its signature is not looked at. */
  | { readonly type: 'SEALED'; readonly signingBytes: Uint8Array; readonly message: Uint8Array }
  | { readonly type: 'AGREEMENT'; readonly publicKey: Uint8Array }
  | { readonly type: 'SECRET'; readonly label: string };

export type ProposalSlot = {
  readonly height: number;
  readonly round: number;
  readonly polRound: number;
  readonly blockId: Hash;
};
export type VoteSlot = {
  readonly type: VoteType;
  readonly height: number;
  readonly round: number;
  readonly blockId: Hash | null;
};

/** JSON of a request. */
export function requestToJson(request: SignRequest): object {
  const bytes = (value: Uint8Array) => `0x${toHex(value)}`;
  switch (request.type) {
    case 'PROPOSAL': {
      const { blockId, height, ...rest } = request.proposal;
      const proposal = { ...rest, height: String(height), blockId: `0x${blockId}` };
      return { type: request.type, signingBytes: bytes(request.signingBytes), proposal };
    }
    case 'VOTE': {
      const { blockId, height, ...rest } = request.vote;
      const vote = { ...rest, height: String(height), blockId: blockId === null ? null : `0x${blockId}` };
      const extension = request.extension === null ? null : bytes(request.extension);
      return { type: request.type, signingBytes: bytes(request.signingBytes), vote, extension };
    }
    case 'BEACON':
      return { type: request.type, alpha: bytes(request.alpha) };
    case 'IDENTITY':
      return { type: request.type, signingBytes: bytes(request.signingBytes), peerId: request.peerId };
    case 'SEALED':
      return { type: request.type, signingBytes: bytes(request.signingBytes), message: bytes(request.message) };
    case 'AGREEMENT':
      return { type: request.type, publicKey: bytes(request.publicKey) };
    case 'SECRET':
      return { type: request.type, label: request.label };
  }
}

/** Null for anything that is no request. */
export function parseRequest(value: unknown): SignRequest | null {
  if (!isRecord(value)) return null;
  const signingBytes = bytesOf(value['signingBytes'], SIGNER_LIMITS.bodyBytesMax);
  switch (value['type']) {
    case 'PROPOSAL': {
      const proposal = proposalOf(value['proposal']);
      return proposal === null || signingBytes === null ? null : { type: 'PROPOSAL', signingBytes, proposal };
    }
    case 'VOTE': {
      const vote = voteOf(value['vote']);
      const extension =
        value['extension'] === null ? null : bytesOf(value['extension'], SIGNER_LIMITS.extensionBytesMax);
      if (vote === null || signingBytes === null || (extension === null && value['extension'] !== null)) return null;
      return { type: 'VOTE', signingBytes, vote, extension };
    }
    case 'BEACON': {
      const alpha = bytesOf(value['alpha'], 40);
      return alpha?.length === 40 ? { type: 'BEACON', alpha } : null;
    }
    case 'IDENTITY': {
      const peerId = textOf(value['peerId']);
      return peerId === null || signingBytes === null ? null : { type: 'IDENTITY', signingBytes, peerId };
    }
    case 'SEALED': {
      const message = bytesOf(value['message'], SIGNER_LIMITS.bodyBytesMax);
      return message === null || signingBytes === null ? null : { type: 'SEALED', signingBytes, message };
    }
    case 'AGREEMENT': {
      const publicKey = bytesOf(value['publicKey'], 32);
      return publicKey?.length === 32 ? { type: 'AGREEMENT', publicKey } : null;
    }
    case 'SECRET': {
      const label = textOf(value['label']);
      return label === null ? null : { type: 'SECRET', label };
    }
    default:
      return null;
  }
}

function proposalOf(value: unknown): ProposalSlot | null {
  if (!isRecord(value)) return null;
  const [height, round, polRound, blockId] = [
    heightOf(value['height']),
    value['round'],
    value['polRound'],
    hashOf(value['blockId']),
  ];
  const isWhole = Number.isSafeInteger(round) && Number.isSafeInteger(polRound);
  if (height === null || !isWhole || blockId === null) return null;
  return { height, round: round as number, polRound: polRound as number, blockId };
}

function voteOf(value: unknown): VoteSlot | null {
  if (!isRecord(value)) return null;
  const { type, round } = value;
  const height = heightOf(value['height']);
  const blockId = value['blockId'] === null ? null : hashOf(value['blockId']);
  if (type !== 'prevote' && type !== 'precommit') return null;
  if (height === null || !Number.isSafeInteger(round) || (blockId === null && value['blockId'] !== null)) return null;
  return { type, height, round: round as number, blockId };
}

function heightOf(value: unknown): number | null {
  return typeof value === 'string' && /^[1-9]\d{0,14}$/.test(value) ? Number(value) : null;
}

function hashOf(value: unknown): Hash | null {
  return typeof value === 'string' && value.startsWith('0x') && isHex(value.slice(2), 32)
    ? (value.slice(2) as Hash)
    : null;
}

/** Bytes of `0x…`, at most `max` of them; null for anything else. */
export function bytesOf(value: unknown, max: number): Uint8Array | null {
  if (typeof value !== 'string' || value.length > 2 * max + 2) return null;
  return /^0x([0-9a-f]{2})*$/.test(value) ? fromHex(value.slice(2)) : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && Buffer.byteLength(value) <= SIGNER_LIMITS.labelBytesMax ? value : null;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a signer answers. */
export type SignerAnswer = { readonly status: number; readonly body: object };

export function refusal(status: number, code: string, message: string): SignerAnswer {
  return { status, body: { code, message } };
}

/** The bytes of a public key as it stands in a path or a list; null for anything else. */
export function publicKeyIn(text: unknown): PublicKey | null {
  if (typeof text !== 'string' || !/^0x[0-9a-f]{64}$/.test(text)) return null;
  return toHex(fromHex(text.slice(2))) as PublicKey;
}

/** Path of the requests to one key. */
export function signPath(publicKey: PublicKey): string {
  return `${signerPaths.sign}0x${publicKey}`;
}
