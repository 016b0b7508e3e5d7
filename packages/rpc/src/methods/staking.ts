/** `staking_*`: validators and how they stand, and what delegators have where. */
import { type Address, SynodError } from '@synod/chain';
import { z } from 'zod';
import { ParamsJson, paramsJson } from '../json/genesis.ts';
import { AddressParam, Decimal, decimal } from '../json/scalars.ts';
import {
  DelegationJson,
  delegationJson,
  UnbondingJson,
  unbondingJson,
  ValidatorViewJson,
  validatorViewJson,
} from '../json/staking.ts';
import type { NodeApi, ValidatorView } from '../node-api.ts';
import { defineMethod } from './method.ts';
import { page, pageOf, pageParams } from './paging.ts';

const HEIGHT_DIGITS = 16;

export const stakingValidators = defineMethod({
  name: 'staking_validators',
  summary: 'Every validator that ever was, in the set (power above 0) or not, with its stake, how it stands and why.',
  access: 'read',
  params: z.strictObject(pageParams),
  result: pageOf(ValidatorViewJson),
  handle: ({ api }, params) => {
    const { items, nextCursor } = page(api.validators(), { ...params, keyOf: ({ operator }) => operator });
    return { items: items.map(validatorViewJson), nextCursor };
  },
});

export const stakingValidator = defineMethod({
  name: 'staking_validator',
  summary: 'One validator by its operator: status, why, until when, and what its operator can do next.',
  access: 'read',
  params: z.strictObject({ address: AddressParam }),
  result: ValidatorViewJson,
  handle: ({ api }, { address }) => validatorViewJson(requireValidator(api, address)),
});

/** Throws `UNKNOWN` where the account never made a validator. */
export function requireValidator(api: NodeApi, address: Address): ValidatorView {
  const view = api.validators().find(({ operator }) => operator === address);
  if (view !== undefined) return view;
  throw new SynodError(
    'UNKNOWN',
    `${address} never made a validator. Those that are there: "synod validator list", or staking_validators.`,
    {
      facts: { address },
    },
  );
}

export const stakingDelegations = defineMethod({
  name: 'staking_delegations',
  summary: 'What an account has staked with whom, and what that is worth now.',
  access: 'read',
  params: z.strictObject({ address: AddressParam, ...pageParams }),
  result: pageOf(DelegationJson),
  handle: ({ api }, { address, ...paging }) => {
    const { items, nextCursor } = page(api.delegations(address), { ...paging, keyOf: ({ validator }) => validator });
    return { items: items.map(delegationJson), nextCursor };
  },
});

export const stakingUnbonding = defineMethod({
  name: 'staking_unbonding',
  summary: 'Stake of an account that left or moved and still answers for its pool, the first to mature first.',
  access: 'read',
  params: z.strictObject({ address: AddressParam, ...pageParams }),
  result: pageOf(UnbondingJson),
  handle: ({ api }, { address, ...paging }) => {
    // Entries of one pool may mature together: their order in the pool tells them apart.
    const entries = api.unbonding(address).map((entry, index) => ({ entry, index }));
    const { items, nextCursor } = page(entries, {
      ...paging,
      keyOf: ({ entry, index }) => `${digits(entry.maturesAt)}/${entry.validator}/${entry.kind}/${digits(index)}`,
    });
    return { items: items.map(({ entry }) => unbondingJson(entry)), nextCursor };
  },
});

export const stakingParams = defineMethod({
  name: 'staking_params',
  summary: 'The staking parameters in force, the head, and where the epoch ends.',
  access: 'read',
  params: z.strictObject({}),
  result: z.strictObject({
    ...ParamsJson.shape.staking.shape,
    head: Decimal,
    epochEnd: Decimal,
    blockIntervalMs: ParamsJson.shape.timeouts.shape.blockIntervalMs,
  }),
  handle: ({ api }) => {
    const { staking, timeouts } = paramsJson(api.params());
    return {
      ...staking,
      head: decimal(api.status().head.height),
      epochEnd: decimal(api.epochEnd()),
      blockIntervalMs: timeouts.blockIntervalMs,
    };
  },
});

function digits(value: number): string {
  return String(value).padStart(HEIGHT_DIGITS, '0');
}
