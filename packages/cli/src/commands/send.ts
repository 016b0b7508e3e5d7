/**
 * `synod send`: moves money. Owns the words; signing and submitting is signed-transaction.ts.
 */
import { SynodError } from '@synod/chain';
import { devnetRecordOf, resolveAddress } from '../rpc/dev-accounts.ts';
import { createNodeClient } from '../rpc/node-client.ts';
import { SUBMIT_TIMEOUT_MS, signAndSubmit } from '../rpc/signed-transaction.ts';
import { signerKey } from '../rpc/signer-key.ts';
import { formatSyn, parseSyn } from '../settings/amounts.ts';
import { rpcUrl } from '../settings/settings.ts';
import { type CommonOptions, print, printJson } from '../terminal/output.ts';

export type SendFlags = CommonOptions & {
  readonly rpc?: string;
  readonly dataDir?: string;
  readonly from: string;
  readonly keyFile?: string;
  readonly passwordFile?: string;
};

export async function runSend(to: string, amountText: string, flags: SendFlags): Promise<void> {
  const amount = parseSyn(amountText);
  if (amount === 0n) throw new SynodError('AMOUNT_INVALID', 'The amount is zero. Send at least 0.000000001 SYN.');
  const record = devnetRecordOf(flags.dataDir);
  const recipient = resolveAddress(to, record);
  const key = signerKey(flags, record);
  const node = createNodeClient(rpcUrl(flags, process.env), SUBMIT_TIMEOUT_MS);
  const payload = { type: 'transfer', to: recipient, amount } as const;
  const { id, status, height } = await signAndSubmit(node, { key, payload, what: 'transfer' });
  if (flags.json) return printJson({ id, status, height, from: key.address, to: recipient, amount });
  print(`✔ ${formatSyn(amount)} sent to ${recipient}   block ${height}`);
  print(`  transaction ${id}`);
}
