/** `state_*`: accounts and proofs of state. */
import type { StateProof } from '@synod/chain';
import { z } from 'zod';
import {
  AddressParam,
  AddressText,
  Decimal,
  decimal,
  HeightParam,
  HexBytes,
  HexHash,
  hexOf,
  hexOfBytes,
} from '../json/scalars.ts';
import { defineMethod } from './method.ts';

export const stateGetAccount = defineMethod({
  name: 'state_getAccount',
  summary: 'Balance of an account; an address nobody has paid yet has "0".',
  access: 'read',
  params: z.strictObject({ address: AddressParam }),
  result: z.strictObject({ address: AddressText, balance: Decimal, exists: z.boolean() }),
  handle: ({ api }, { address }) => {
    const account = api.account(address);
    return { address, balance: decimal(account?.balance ?? 0n), exists: account !== null };
  },
});

const StateProofJson = z
  .strictObject({
    siblings: z.array(HexHash),
    leaf: z.strictObject({ keyHash: HexHash, valueHash: HexHash }).nullable(),
    value: HexBytes.nullable(),
  })
  .describe('Sparse Merkle proof: siblings from the root down, the leaf where the path ends, the value (spec: state).');

export const stateGetProof = defineMethod({
  name: 'state_getProof',
  summary:
    'A state record with its proof against the state root after a height; the newest provable when none is given.',
  access: 'read',
  params: z.strictObject({
    key: z.string().min(1).max(256).describe('Key of the record, e.g. "account/syn1…" (spec: state §1).'),
    height: HeightParam.optional(),
  }),
  result: z.strictObject({
    key: z.string(),
    height: Decimal,
    stateRoot: HexHash,
    value: HexBytes.nullable(),
    proof: StateProofJson,
  }),
  handle: ({ api }, { key, height }) => {
    const proved = api.proof(key, height ?? null);
    return {
      key,
      height: decimal(proved.height),
      stateRoot: hexOf(proved.stateRoot),
      value: proved.value === null ? null : hexOfBytes(proved.value),
      proof: stateProofJson(proved.proof),
    };
  },
});

function stateProofJson(proof: StateProof): z.output<typeof StateProofJson> {
  return {
    siblings: proof.siblings.map(hexOf),
    leaf: proof.leaf === null ? null : { keyHash: hexOf(proof.leaf.keyHash), valueHash: hexOf(proof.leaf.valueHash) },
    value: proof.value === null ? null : hexOf(proof.value),
  };
}
