/** `synod faucet`: money on a devnet. Owns the words; the node signs for the devnet's faucet account. */
import { SynodError } from '@synod/chain';
import { devnetRecordOf, resolveAddress } from '../rpc/dev-accounts.ts';
import { createNodeClient } from '../rpc/node-client.ts';
import { SUBMIT_TIMEOUT_MS } from '../rpc/signed-transaction.ts';
import { formatSyn, parseSyn } from '../settings/amounts.ts';
import { rpcUrl } from '../settings/settings.ts';
import { type CommonOptions, tell } from '../terminal/output.ts';

export type FaucetFlags = CommonOptions & { readonly rpc?: string; readonly dataDir?: string };

export const FAUCET_DEFAULT = '100';

export async function runFaucet(to: string, text: string | undefined, flags: FaucetFlags): Promise<void> {
  const amount = parseSyn(text ?? FAUCET_DEFAULT);
  if (amount === 0n) throw new SynodError('AMOUNT_INVALID', 'The amount is zero. Ask for at least 0.000000001 SYN.');
  const address = resolveAddress(to, devnetRecordOf(flags.dataDir));
  const node = createNodeClient(rpcUrl(flags, process.env), SUBMIT_TIMEOUT_MS);
  const json = await node.call('dev_faucet', { to: address, amount: amount.toString() });
  const where = json.height === null ? 'waits for a block' : `block ${json.height}`;
  tell(flags, { json, lines: [`✔ ${formatSyn(amount)} for ${to}   ${where}`, `  transaction ${json.id}`] });
}
