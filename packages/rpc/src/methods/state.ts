/** `state_*`: accounts and proofs of state. */
import { z } from 'zod';
import { StateProofFile, stateProofJson, TrustedHeightParam } from '../json/proofs.ts';
import { AddressParam, AddressText, Decimal, decimal, HeightParam } from '../json/scalars.ts';
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

export const stateGetProof = defineMethod({
  name: 'state_getProof',
  summary:
    'A state record, or its absence, proven against the next header, with that header, its certificate and the way from a trusted height; the newest provable when no height is given.',
  access: 'read',
  params: z.strictObject({
    key: z.string().min(1).max(256).describe('Key of the record, e.g. "account/syn1…" (spec: state §1).'),
    height: HeightParam.optional(),
    trustedHeight: TrustedHeightParam,
  }),
  result: StateProofFile,
  handle: ({ api }, { key, height, trustedHeight }) => {
    const { value, proof, ...proved } = api.proof(key, height ?? null);
    const block = api.lightBlock(proved.height + 1);
    const trail = block === null ? { below: [], above: [] } : api.trail(block, trustedHeight ?? null);
    const { chainId } = api.genesis();
    return stateProofJson({ chainId, key, ...proved, proof, value, block, trail });
  },
});
