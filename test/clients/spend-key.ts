/** A spend key of a devnet, made and looked at as its owner does: by the `synod` command. */
import assert from 'node:assert/strict';
import { type Devnet, runSynod } from '../e2e/devnet-process.ts';

type Given = { readonly address: string; readonly balance: string };

export type MadeKey = { readonly secret: string; readonly name: string; readonly account: string };

/** `budget` in SYN. */
export async function newSpendKey(devnet: Devnet, budget: string, more: readonly string[] = []): Promise<MadeKey> {
  return (await spendKey(devnet, ['new', '--budget', budget, ...more])) as unknown as MadeKey;
}

/** `synod spend-key …`, as JSON. Fails where the command does. */
export async function spendKey(devnet: Devnet, args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runSynod(['spend-key', ...args, '--data-dir', devnet.dataDir, '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** Waits until nothing is set aside any more. `lost`: what the account has less than a devnet gives it, in nano. */
export async function settledSpendKey(devnet: Devnet, name: string): Promise<{ spent: string; lost: string }> {
  let shown: Record<string, unknown> = {};
  await devnet.until('every query of the key is settled', 120_000, async () => {
    shown = await spendKey(devnet, ['show', name]);
    return shown['reserved'] === '0';
  });
  const address = shown['account'];
  const { balance } = await devnet.rpc<{ balance: string }>('state_getAccount', { address });
  const { genesis } = await devnet.rpc<{ genesis: { accounts: Given[] } }>('chain_getGenesis');
  const given = genesis.accounts.find((account) => account.address === address)?.balance ?? '0';
  return { spent: String(shown['spent']), lost: (BigInt(given) - BigInt(balance)).toString() };
}
