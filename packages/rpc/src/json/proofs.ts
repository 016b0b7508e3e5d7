/**
 * Proofs as files that need no node (spec: light-client §6, §7). Owns the schemas, the JSON of a state proof and its strict
 * reading; the file of a receipt is the chain package's.
 */
import {
  type Decoded,
  decodeHeader,
  decodeLightBlock,
  encodeHeader,
  encodeLightBlock,
  fromHex,
  type Hash,
  type Height,
  type LightBlock,
  RECEIPT_PROOF_FORMAT,
  RECEIPT_PROOF_LIMITS,
  type StateProof,
  type TrustTrail,
} from '@synod/chain';
import { z } from 'zod';
import { Decimal, decimal, HeightParam, HexBytes, HexHash, hexOf, hexOfBytes } from './scalars.ts';

/** First field of the file; a change of the form changes it. */
export const STATE_PROOF_FORMAT = 'synod/state-proof/1';

/** The height of the block that the reader trusts, from elsewhere. */
export const TrustedHeightParam = HeightParam.optional().describe(
  'Height of the block that the reader trusts: the way from there is added. Default: headers up to newer heights.',
);

const BareHex = z.string().regex(/^([0-9a-f]{2})*$/);
const WholeNumber = z.int().min(0);

/** Bare hexadecimal digits and JSON integers: the file exactly as `synod verify receipt` reads it. */
export const ReceiptProofFile = z.strictObject({
  format: z.literal(RECEIPT_PROOF_FORMAT),
  chainId: z.string(),
  queryId: BareHex.length(64),
  settledAt: WholeNumber,
  receipt: BareHex.describe('The receipt in canonical form.'),
  leafIndex: WholeNumber,
  leafCount: WholeNumber,
  path: z.array(BareHex.length(64)).describe('Merkle path from the receipt to the results root.'),
  block: BareHex.describe('Light block of the next height, whose header has the results root.'),
  trail: z.strictObject({ below: z.array(BareHex), above: z.array(BareHex) }),
});

/** One path down to a record. */
export const StateProofJson = z
  .strictObject({
    siblings: z.array(HexHash).max(256),
    leaf: z.strictObject({ keyHash: HexHash, valueHash: HexHash }).nullable(),
    value: HexBytes.nullable(),
  })
  .describe('Sparse Merkle proof: siblings from the root down, the leaf where the path ends, the value (spec: state).');

/** The way to blocks other than the one of a proof: light blocks from lower ones, headers back from higher ones. */
export const TrailJson = z.strictObject({
  below: z.array(HexBytes).max(RECEIPT_PROOF_LIMITS.trailBlocksMax),
  above: z.array(HexBytes).max(RECEIPT_PROOF_LIMITS.trailHeadersMax),
});

/** What `state_getProof` answers, and the file that `synod verify proof` reads. */
export const StateProofFile = z.strictObject({
  format: z.literal(STATE_PROOF_FORMAT),
  chainId: z.string(),
  key: z.string(),
  height: Decimal,
  stateRoot: HexHash,
  /** Null: the key has no value, and the proof shows that. */
  value: HexBytes.nullable(),
  proof: StateProofJson,
  block: HexBytes.nullable().describe(
    'Light block of the next height, whose header has the state root; null before it is decided.',
  ),
  trail: TrailJson,
});

/** A state proof with all that is needed to believe it but trust. */
export type ProvenState = {
  readonly chainId: string;
  readonly key: string;
  /** The proof speaks of the state after this block. */
  readonly height: Height;
  readonly stateRoot: Hash;
  readonly value: Uint8Array | null;
  readonly proof: StateProof;
  readonly block: LightBlock | null;
  readonly trail: TrustTrail;
};

/** The JSON of a state proof. */
export function stateProofJson(proven: ProvenState): z.output<typeof StateProofFile> {
  const { proof, block, trail } = proven;
  return {
    format: STATE_PROOF_FORMAT,
    chainId: proven.chainId,
    key: proven.key,
    height: decimal(proven.height),
    stateRoot: hexOf(proven.stateRoot),
    value: proven.value === null ? null : hexOfBytes(proven.value),
    proof: statePathJson(proof),
    block: block === null ? null : hexOfBytes(encodeLightBlock(block)),
    trail: trailJson(trail),
  };
}

export function trailJson({ below, above }: TrustTrail): z.output<typeof TrailJson> {
  return {
    below: below.map((lower) => hexOfBytes(encodeLightBlock(lower))),
    above: above.map((header) => hexOfBytes(encodeHeader(header))),
  };
}

/** The JSON of the path alone. */
export function statePathJson({ siblings, leaf, value }: StateProof): z.output<typeof StateProofJson> {
  return {
    siblings: siblings.map(hexOf),
    leaf: leaf === null ? null : { keyHash: hexOf(leaf.keyHash), valueHash: hexOf(leaf.valueHash) },
    value: value === null ? null : hexOf(value),
  };
}

/** The path that the JSON tells. */
export function readStatePath({ siblings, leaf, value }: z.output<typeof StateProofJson>): StateProof {
  return {
    siblings: siblings.map((sibling) => bare(sibling) as Hash),
    leaf: leaf === null ? null : { keyHash: bare(leaf.keyHash) as Hash, valueHash: bare(leaf.valueHash) as Hash },
    value: value === null ? null : bare(value),
  };
}

/**
 * Reads the JSON of a state proof, also inside a JSON-RPC response as `curl` saves it. Total: a refusal names the field.
 * Whether it proves anything is checked afterwards.
 */
export function readStateProof(json: unknown): Decoded<ProvenState> {
  const parsed = StateProofFile.safeParse(withoutEnvelope(json));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path.join('.') ?? '';
    return { ok: false, reason: `${path === '' ? 'the file' : path}: ${issue?.message ?? 'unreadable'}` };
  }
  const { data } = parsed;
  try {
    return { ok: true, value: provenOf(data) };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, reason: error.message };
    throw error;
  }
}

/** Carries the first part that does not decode to the reader, which turns it into a verdict. */
class Unreadable extends Error {}

function provenOf(file: z.output<typeof StateProofFile>): ProvenState {
  const height = Number(file.height);
  if (!Number.isSafeInteger(height)) throw new Unreadable('height: is beyond what a chain can reach');
  if (file.value !== file.proof.value) throw new Unreadable('value: differs from the value in the proof');
  return {
    chainId: file.chainId,
    key: file.key,
    height,
    stateRoot: bare(file.stateRoot) as Hash,
    value: file.value === null ? null : fromHex(bare(file.value)),
    proof: readStatePath(file.proof),
    block: file.block === null ? null : read('block', file.block, decodeLightBlock),
    trail: trailOf(file.trail),
  };
}

function trailOf({ below, above }: z.output<typeof TrailJson>): TrustTrail {
  return {
    below: below.map((bytes, index) => read(`trail.below.${index}`, bytes, decodeLightBlock)),
    above: above.map((bytes, index) => read(`trail.above.${index}`, bytes, decodeHeader)),
  };
}

/** A light block and the way to it, as JSON carries them. Total: a refusal names the field. */
export function readProvenBlock(json: {
  readonly block: string;
  readonly trail: z.output<typeof TrailJson>;
}): Decoded<{ readonly block: LightBlock; readonly trail: TrustTrail }> {
  try {
    return { ok: true, value: { block: read('block', json.block, decodeLightBlock), trail: trailOf(json.trail) } };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, reason: error.message };
    throw error;
  }
}

function read<T>(path: string, hex: string, decode: (bytes: Uint8Array) => Decoded<T>): T {
  const decoded = decode(fromHex(bare(hex)));
  if (!decoded.ok) throw new Unreadable(`${path}: ${decoded.reason}`);
  return decoded.value;
}

function bare(hex: string): string {
  return hex.slice(2);
}

function withoutEnvelope(json: unknown): unknown {
  const isEnvelope = typeof json === 'object' && json !== null && 'jsonrpc' in json && 'result' in json;
  return isEnvelope ? json.result : json;
}
