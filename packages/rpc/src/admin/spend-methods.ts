/** `admin_*SpendKey*`: budgets that a node's operator hands out (spec: openai §7). Owns their schemas; the books are the process's. */
import { type Address, type Amount, type Hash, SynodError } from '@synod/chain';
import { z } from 'zod';
import { AddressText, AmountParam, Decimal, decimal, HexHash, hexOf } from '../json/scalars.ts';
import type { AdminApi } from './admin-api.ts';
import { defineAdminMethod } from './define-method.ts';

/** A spend key as its node's operator sees it; the key itself is nowhere. */
export type SpendKeyView = {
  readonly id: string;
  readonly name: string;
  readonly account: Address;
  readonly standing: 'active' | 'expired' | 'revoked' | 'exhausted';
  readonly budget: Amount;
  readonly spent: Amount;
  readonly reserved: Amount;
  readonly available: Amount;
  readonly openQueries: readonly Hash[];
  /** Queries whose feedback is on its way, or has its deposit held: part of `reserved`. */
  readonly heldFeedback: readonly Hash[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
};

export type SpendKeyAdmin = {
  create(wanted: {
    readonly budget: Amount;
    readonly lifeMs: number | null;
    readonly account: string | null;
    readonly name: string | null;
  }): { readonly secret: string; readonly key: SpendKeyView };
  list(): readonly SpendKeyView[];
  show(idOrName: string): SpendKeyView;
  revoke(idOrName: string): SpendKeyView;
};

const Time = z.string().describe('ISO 8601, UTC');

const SpendKeyJson = z.strictObject({
  id: z.string(),
  name: z.string(),
  account: AddressText,
  standing: z.enum(['active', 'expired', 'revoked', 'exhausted']),
  budget: Decimal,
  spent: Decimal,
  reserved: Decimal,
  available: Decimal,
  openQueries: z.array(HexHash),
  heldFeedback: z
    .array(HexHash)
    .describe('Queries whose feedback is on its way, or has its deposit held; part of reserved.'),
  createdAt: Time,
  expiresAt: Time.nullable(),
  revokedAt: Time.nullable(),
});

/** The JSON of a spend key. */
export type SpendKeyJson = z.output<typeof SpendKeyJson>;

const LIFE_MS_MAX = 10 * 366 * 86_400_000;
const Which = z.strictObject({ key: z.string().min(1).max(64).describe('id or name') });
const Name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/, 'a name has letters, digits, ".", "_" and "-"');

export const spendMethods = [
  defineAdminMethod({
    name: 'admin_createSpendKey',
    summary: 'Makes a key whose bearer may spend up to a budget at /v1. The key is told this once.',
    params: z.strictObject({
      budget: AmountParam,
      lifeMs: z.int().min(1).max(LIFE_MS_MAX).optional().describe('Milliseconds until it expires; left out: never.'),
      account: z.string().min(1).max(64).optional().describe('Who pays: name or address; default the first.'),
      name: Name.optional(),
    }),
    result: z.strictObject({ secret: z.string(), key: SpendKeyJson }),
    access: 'write',
    handle: ({ admin }, { budget, lifeMs = null, account = null, name = null }) => {
      if (budget <= 0n)
        throw new SynodError('INVALID_PARAMS', 'budget must be above 0. Give SYN with its unit: "50 SYN".');
      const { secret, key } = spendKeysOf(admin).create({ budget, lifeMs, account, name });
      return { secret, key: spendKeyJson(key) };
    },
  }),
  defineAdminMethod({
    name: 'admin_listSpendKeys',
    summary: 'Every spend key with what is left of its budget.',
    params: z.strictObject({}),
    result: z.strictObject({ keys: z.array(SpendKeyJson) }),
    access: 'read',
    handle: ({ admin }) => ({ keys: spendKeysOf(admin).list().map(spendKeyJson) }),
  }),
  defineAdminMethod({
    name: 'admin_getSpendKey',
    summary: 'One spend key, with its open queries.',
    params: Which,
    result: SpendKeyJson,
    access: 'read',
    handle: ({ admin }, { key }) => spendKeyJson(spendKeysOf(admin).show(key)),
  }),
  defineAdminMethod({
    name: 'admin_revokeSpendKey',
    summary: 'Nothing is opened with this spend key from now on; open queries end as ever.',
    params: Which,
    result: SpendKeyJson,
    access: 'write',
    handle: ({ admin }, { key }) => spendKeyJson(spendKeysOf(admin).revoke(key)),
  }),
] as const;

function spendKeysOf({ spendKeys }: AdminApi): SpendKeyAdmin {
  if (spendKeys !== null) return spendKeys;
  throw new SynodError('NOT_SUPPORTED', 'This node keeps no spend keys. Start it with "synod start", which does.');
}

function spendKeyJson(key: SpendKeyView): SpendKeyJson {
  const { createdAtMs, expiresAtMs, revokedAtMs, openQueries, heldFeedback, ...more } = key;
  const { budget, spent, reserved, available, ...named } = more;
  return {
    ...named,
    budget: decimal(budget),
    spent: decimal(spent),
    reserved: decimal(reserved),
    available: decimal(available),
    openQueries: openQueries.map(hexOf),
    heldFeedback: heldFeedback.map(hexOf),
    createdAt: new Date(createdAtMs).toISOString(),
    expiresAt: timeOf(expiresAtMs),
    revokedAt: timeOf(revokedAtMs),
  };
}

function timeOf(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
