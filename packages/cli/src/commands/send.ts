/**
 * `synod send`: signs a transfer here and submits it. Owns the transaction's terms; the key never leaves this process.
 */
import { randomBytes } from 'node:crypto';
import {
  encodeTransaction,
  publicKeyOf,
  SynodError,
  sign,
  type TransactionBody,
  toHex,
  transactionId,
  transactionSignBytes,
} from '@synod/chain';
import { devnetKey, devnetRecordOf, readKeyFile, resolveAddress } from '../rpc/dev-accounts.ts';
import { createNodeClient } from '../rpc/node-client.ts';
import { formatSyn, parseSyn } from '../settings/amounts.ts';
import { rpcUrl } from '../settings/settings.ts';
import { type CommonOptions, print, printJson } from '../terminal/output.ts';

export type SendFlags = CommonOptions & {
  readonly rpc?: string;
  readonly dataDir?: string;
  readonly from: string;
  readonly keyFile?: string;
};

const VALID_HEIGHTS = 60;
const WAIT_MS = 20_000;
/** Well above the floor: what is not needed is not charged. */
const BASE_FEE_PER_BYTE_MAX = 1_000n;

export async function runSend(to: string, amountText: string, flags: SendFlags): Promise<void> {
  const amount = parseSyn(amountText);
  if (amount === 0n) throw new SynodError('AMOUNT_INVALID', 'The amount is zero. Send at least 0.000000001 SYN.');
  const record = devnetRecordOf(flags.dataDir);
  const recipient = resolveAddress(to, record);
  const key = flags.keyFile === undefined ? devnetKey(flags.from, record) : readKeyFile(flags.keyFile);
  const node = createNodeClient(rpcUrl(flags, process.env), WAIT_MS + 5_000);
  const status = await node.status();
  const body: TransactionBody = {
    chainId: status.chainId,
    sender: publicKeyOf(key.seed),
    salt: randomBytes(16),
    validUntil: Number(status.head.height) + VALID_HEIGHTS,
    maxBaseFeePerByte: BASE_FEE_PER_BYTE_MAX,
    tip: 0n,
    payload: { type: 'transfer', to: recipient, amount },
  };
  const raw = encodeTransaction({ body, signature: sign(key.seed, transactionSignBytes(body)) });
  const id = `0x${transactionId(body)}`;
  const result = await node.call('tx_submit', { raw: `0x${toHex(raw)}`, waitFor: 'final', timeoutMs: WAIT_MS });
  if (result.status === 'failed') {
    throw new SynodError(
      result.code,
      `The chain refused the transfer (${result.code}); only its fee was charged. ${result.hint ?? ''}`.trim(),
      {
        facts: { id },
      },
    );
  }
  if (result.status === 'pending') {
    throw new SynodError(
      'TIMEOUT',
      `The transfer ${id} is not in a block yet. Do not send it again; look later:  curl -s '${node.url}/rpc/tx_get?id=${id}'`,
      { facts: { id } },
    );
  }
  if (flags.json)
    return printJson({ id, status: result.status, height: result.height, from: key.address, to: recipient, amount });
  print(`✔ ${formatSyn(amount)} sent to ${recipient}   block ${result.height}`);
  print(`  transaction ${id}`);
}
