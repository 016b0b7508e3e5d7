/**
 * Validators as pools of stake, and what delegators have in them, as JSON. Owns schemas and conversions.
 */
import { z } from 'zod';
import type { DelegationView, UnbondingView, ValidatorView } from '../node-api.ts';
import { ValidatorJson } from './block.ts';
import { AddressText, Count, Decimal, decimal, HexHash, hexOf, Ratio, ratio } from './scalars.ts';

export const ValidatorViewJson = ValidatorJson.extend({
  /** `power` is that in the set of the next block, this that in the one after it. */
  powerNext: Decimal,
  /** As the next epoch's end would have it. */
  powerWanted: Decimal,
  status: z.enum(['active', 'jailed', 'exited', 'tombstoned']),
  /** Stake of everybody in the pool, nano. */
  tokens: Decimal,
  shares: Decimal,
  /** Stake of the operator's own, nano. */
  selfBond: Decimal,
  commission: Ratio,
  commissionSetAt: Decimal,
  /** Height at which the keys were given. */
  keysSetAt: Decimal,
  /** Keys given that do not sign yet, and the first height in which they do as things are; null where there are none. */
  rotation: z.strictObject({ publicKey: HexHash, vrfKey: HexHash, actsFrom: Decimal }).nullable(),
  /** Block that jailed it last; null when none did. */
  jailedAt: Decimal.nullable(),
  /** Heights missed among the last `downtimeWindow` (staking_params). */
  missed: Count,
  lastSignedHeight: Decimal,
  priority: z.string().regex(/^-?\d+$/),
  standing: z.enum(['signing', 'joining', 'waiting', 'jailed', 'exited', 'tombstoned']),
  /** A sentence for people. */
  reason: z.string(),
  /** What the operator can do: nothing, wait, ask for release, bond more of its own, or run its node. */
  nextAction: z.enum(['none', 'wait', 'unjail', 'bond', 'run']),
  /** Height from which the next action is possible, or at which what is waited for happens; null: now. */
  nextActionHeight: Decimal.nullable(),
});

export const DelegationJson = z.strictObject({ validator: AddressText, shares: Decimal, amount: Decimal });

export const UnbondingJson = z.strictObject({
  /** `redelegation`: at work in `to`, and still answering for `validator`. */
  kind: z.enum(['unbonding', 'redelegation']),
  validator: AddressText,
  to: AddressText.nullable(),
  amount: Decimal,
  /** Paid out, or free of the former pool, at the end of this block. */
  maturesAt: Decimal,
});

/** The JSON of a validator. */
export function validatorViewJson(view: ValidatorView): z.output<typeof ValidatorViewJson> {
  const { pool, standing } = view;
  return {
    operator: view.operator,
    publicKey: hexOf(view.publicKey),
    vrfKey: hexOf(view.vrfKey),
    power: decimal(view.power),
    powerNext: decimal(view.powerNext),
    powerWanted: decimal(view.powerWanted),
    status: pool.status,
    tokens: decimal(pool.tokens),
    shares: decimal(pool.shares),
    selfBond: decimal(view.selfBond),
    commission: ratio(pool.commission),
    commissionSetAt: decimal(pool.commissionSetAt),
    keysSetAt: decimal(pool.keysSetAt),
    rotation:
      view.rotation === null
        ? null
        : {
            publicKey: hexOf(view.rotation.publicKey),
            vrfKey: hexOf(pool.vrfKey),
            actsFrom: decimal(view.rotation.actsFrom),
          },
    jailedAt: pool.jailedAt === 0 ? null : decimal(pool.jailedAt),
    missed: view.missed,
    lastSignedHeight: decimal(view.lastSignedHeight),
    priority: decimal(view.priority),
    standing: standing.name,
    reason: standing.reason,
    nextAction: standing.next,
    nextActionHeight: standing.fromHeight === null ? null : decimal(standing.fromHeight),
  };
}

export function delegationJson({ validator, shares, amount }: DelegationView): z.output<typeof DelegationJson> {
  return { validator, shares: decimal(shares), amount: decimal(amount) };
}

export function unbondingJson(view: UnbondingView): z.output<typeof UnbondingJson> {
  return { ...view, amount: decimal(view.amount), maturesAt: decimal(view.maturesAt) };
}
