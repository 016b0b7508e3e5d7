/** `synod spend-key list|show|revoke`: what is left of the budgets, and their end. Owns what is said; the node keeps the books. */
import type { SpendKeyJson } from '@synod/rpc/client';
import { formatSyn } from '../settings/amounts.ts';
import { type SpendKeyFlags, spendKeyClient } from '../spending/spend-key-client.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { print, printJson, table } from '../terminal/output.ts';

const HEADINGS = ['NAME', 'ID', 'STANDING', 'SPENT', 'RESERVED', 'LEFT', 'EXPIRES'] as const;

export async function runSpendKeyList(flags: SpendKeyFlags): Promise<void> {
  const { keys } = await spendKeyClient(flags).call('admin_listSpendKeys', {});
  if (flags.json) return printJson({ keys });
  if (keys.length === 0) return print(`This node keeps no spend keys. Make one:  ${SYNOD} spend-key new --budget 50`);
  const rows = keys.map((key) => [
    key.name,
    key.id,
    key.standing,
    syn(key.spent),
    syn(key.reserved),
    syn(key.available),
    key.expiresAt ?? 'never',
  ]);
  for (const line of table([HEADINGS, ...rows], '')) print(line);
}

export async function runSpendKeyShow(key: string, flags: SpendKeyFlags): Promise<void> {
  const shown = await spendKeyClient(flags).call('admin_getSpendKey', { key });
  if (flags.json) return printJson(shown);
  for (const line of linesOf(shown)) print(line);
}

export async function runSpendKeyRevoke(key: string, flags: SpendKeyFlags): Promise<void> {
  const revoked = await spendKeyClient(flags).call('admin_revokeSpendKey', { key });
  if (flags.json) return printJson(revoked);
  print(`✔ revoked ${revoked.name}: nothing is opened with it any more. It spent ${syn(revoked.spent)}.`);
  if (revoked.openQueries.length > 0) print(`  ${revoked.openQueries.length} open queries end as ever, and are paid.`);
}

function linesOf(key: SpendKeyJson): string[] {
  const rows = [
    ['id', key.id],
    ['standing', key.standing],
    ['account', key.account],
    ['budget', syn(key.budget)],
    ['spent', syn(key.spent)],
    [
      'reserved',
      `${syn(key.reserved)} for ${key.openQueries.length} open queries and ${key.heldFeedback.length} deposits of feedback`,
    ],
    ['left', syn(key.available)],
    ['created', key.createdAt],
    ['expires', key.expiresAt ?? 'never'],
    ...(key.revokedAt === null ? [] : [['revoked', key.revokedAt]]),
  ];
  const open = key.openQueries.map((id) => `  open      ${id}`);
  return [key.name, ...table(rows), ...open, ...key.heldFeedback.map((id) => `  deposit   ${id}`)];
}

function syn(nano: string): string {
  return formatSyn(BigInt(nano));
}
