/**
 * A receipt proof as one self-contained JSON file (spec: light-client §7). Owns writing it and reading it strictly: missing,
 * unknown and mistyped fields are named. Whether the proof proves anything is checked afterwards, by whoever trusts a hash.
 */
import {
  type Decoded,
  decoded,
  decodeHeader,
  decodeReceipt,
  encodeHeader,
  encodeReceipt,
  notDecoded,
} from './codec/index.ts';
import { fromHex, isHex, toHex } from './crypto/hex.ts';
import { decodeLightBlock, encodeLightBlock } from './light-block.ts';
import { RECEIPT_PROOF_LIMITS, type ReceiptProof } from './receipt-proof.ts';
import type { Hash } from './types/index.ts';

/** First field of the file; a change of the form changes it. */
export const RECEIPT_PROOF_FORMAT = 'synod/receipt-proof/1';

/** The file. `receipt`, `block` and the trail are canonical bytes in lowercase hexadecimal. */
export type ReceiptProofJson = {
  readonly format: typeof RECEIPT_PROOF_FORMAT;
  /** This and the next two repeat what is inside, for people; reading refuses a file where they differ. */
  readonly chainId: string;
  readonly queryId: string;
  readonly settledAt: number;
  readonly receipt: string;
  readonly leafIndex: number;
  readonly leafCount: number;
  readonly path: readonly string[];
  readonly block: string;
  readonly trail: { readonly below: readonly string[]; readonly above: readonly string[] };
};

/** The proof as a plain object for `JSON.stringify`. */
export function receiptProofToJson(proof: ReceiptProof): ReceiptProofJson {
  const { receipt, block, trail } = proof;
  return {
    format: RECEIPT_PROOF_FORMAT,
    chainId: block.header.chainId,
    queryId: receipt.queryId,
    settledAt: receipt.settledAt,
    receipt: toHex(encodeReceipt(receipt)),
    leafIndex: proof.leafIndex,
    leafCount: proof.leafCount,
    path: proof.path,
    block: toHex(encodeLightBlock(block)),
    trail: {
      below: trail.below.map((lower) => toHex(encodeLightBlock(lower))),
      above: trail.above.map((header) => toHex(encodeHeader(header))),
    },
  };
}

/** Reads the text of a file. Total: every refusal names the field and what it must be. */
export function parseReceiptProof(text: string): Decoded<ReceiptProof> {
  if (text.length > RECEIPT_PROOF_LIMITS.textCharactersMax) {
    return notDecoded(`the file has more than ${RECEIPT_PROOF_LIMITS.textCharactersMax} characters`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return notDecoded(`the file is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return receiptProofFromJson(json);
}

/** Reads what `receiptProofToJson` wrote and nothing else. Total. */
export function receiptProofFromJson(json: unknown): Decoded<ReceiptProof> {
  try {
    return decoded(readProof(json));
  } catch (error) {
    if (error instanceof Unreadable) return notDecoded(error.message);
    throw error;
  }
}

/** Carries the first problem from a reader to `receiptProofFromJson`, which turns it into a verdict. */
class Unreadable extends Error {}

function readProof(json: unknown): ReceiptProof {
  const fields = ['format', 'chainId', 'queryId', 'settledAt', 'receipt', 'leafIndex', 'leafCount', 'path', 'block'];
  const given = readObject('the file', json, [...fields, 'trail']);
  // The format first: a file of another kind is then called that, not faulted field by field.
  if (given['format'] !== RECEIPT_PROOF_FORMAT) throw new Unreadable(`format must be "${RECEIPT_PROOF_FORMAT}"`);
  const trail = readObject('trail', given['trail'], ['below', 'above']);
  const { pathHashesMax, trailBlocksMax, trailHeadersMax } = RECEIPT_PROOF_LIMITS;
  const proof: ReceiptProof = {
    receipt: readEncoded('receipt', given['receipt'], decodeReceipt),
    leafIndex: readCount('leafIndex', given['leafIndex']),
    leafCount: readCount('leafCount', given['leafCount']),
    path: readList('path', given['path'], pathHashesMax, readHash),
    block: readEncoded('block', given['block'], decodeLightBlock),
    trail: {
      below: readList('trail.below', trail['below'], trailBlocksMax, (path, value) =>
        readEncoded(path, value, decodeLightBlock),
      ),
      above: readList('trail.above', trail['above'], trailHeadersMax, (path, value) =>
        readEncoded(path, value, decodeHeader),
      ),
    },
  };
  requireSame('chainId', given['chainId'], proof.block.header.chainId);
  requireSame('queryId', given['queryId'], proof.receipt.queryId);
  requireSame('settledAt', given['settledAt'], proof.receipt.settledAt);
  return proof;
}

function readObject(path: string, value: unknown, fields: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Unreadable(`${path} must be an object`);
  }
  const unknown = Object.keys(value).find((name) => !fields.includes(name));
  if (unknown !== undefined) throw new Unreadable(`${path} has the unknown field "${unknown}"`);
  const missing = fields.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) throw new Unreadable(`${path} lacks the field "${missing}"`);
  return value as Readonly<Record<string, unknown>>;
}

function readList<T>(path: string, value: unknown, countMax: number, read: (path: string, item: unknown) => T): T[] {
  if (!Array.isArray(value)) throw new Unreadable(`${path} must be a list`);
  if (value.length > countMax) throw new Unreadable(`${path} must have at most ${countMax} entries`);
  return value.map((item: unknown, index) => read(`${path}[${index}]`, item));
}

function readCount(path: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Unreadable(`${path} must be a whole number, not negative`);
}

function readHash(path: string, value: unknown): Hash {
  if (typeof value === 'string' && isHex(value, 32)) return value as Hash;
  throw new Unreadable(`${path} must be 64 lowercase hexadecimal digits`);
}

function readEncoded<T>(path: string, value: unknown, decode: (bytes: Uint8Array) => Decoded<T>): T {
  if (typeof value !== 'string' || !isHex(value, Math.floor(value.length / 2))) {
    throw new Unreadable(`${path} must be lowercase hexadecimal, two digits a byte`);
  }
  const read = decode(fromHex(value));
  if (!read.ok) throw new Unreadable(`${path} cannot be read: ${read.reason}`);
  return read.value;
}

function requireSame(path: string, given: unknown, inside: string | number): void {
  if (given !== inside) throw new Unreadable(`${path} must be ${JSON.stringify(inside)}, as in the proof itself`);
}
