/** `synod spend-key new`: a key with a budget, for a program that asks at /v1. Owns what is said; the node keeps the books. */

import { formatSyn, parseSyn } from '../settings/amounts.ts';
import { parseDurationMs } from '../settings/durations.ts';
import { type SpendKeyFlags, spendKeyClient } from '../spending/spend-key-client.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { note, print, printJson } from '../terminal/output.ts';

export type SpendKeyNewFlags = SpendKeyFlags & {
  readonly budget: string;
  readonly expires?: string;
  readonly account?: string;
  readonly name?: string;
};

const LIFE = { minMs: 1_000, maxMs: 10 * 365 * 86_400_000 };

/** The key is the only line on stdout: it can be put into a file or a variable. */
export async function runSpendKeyNew(flags: SpendKeyNewFlags): Promise<void> {
  const { expires, account, name } = flags;
  const { secret, key } = await spendKeyClient(flags).call('admin_createSpendKey', {
    budget: parseSyn(flags.budget).toString(),
    ...(expires === undefined ? {} : { lifeMs: parseDurationMs(expires, LIFE) }),
    ...(account === undefined ? {} : { account }),
    ...(name === undefined ? {} : { name }),
  });
  if (flags.json) return printJson({ secret, ...key });
  print(secret);
  const until = key.expiresAt === null ? 'it never expires' : `until ${key.expiresAt}`;
  note(`✔ ${key.name}: at most ${formatSyn(BigInt(key.budget))} of ${key.account}, ${until}`);
  note('  It is shown this once. Give it to a client as its API key: OPENAI_API_KEY.');
  note(`  What is left:  ${SYNOD} spend-key show ${key.name}`);
}
