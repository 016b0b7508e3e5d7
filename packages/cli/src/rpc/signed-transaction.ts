/**
 * Signs a payload here and submits it; the key never leaves this process. Owns the transaction's terms and how its end is
 * told: what the chain refuses is a failure under the chain's own code.
 */
import { randomBytes } from 'node:crypto';
import {
  encodeTransaction,
  type Payload,
  publicKeyOf,
  SynodError,
  sign,
  type TransactionBody,
  toHex,
  transactionId,
  transactionSignBytes,
} from '@synod/chain';
import type { AccountKey } from './dev-accounts.ts';
import type { NodeClient } from './node-client.ts';

const VALID_HEIGHTS = 60;
const WAIT_MS = 20_000;
/** Longest wait for one answer of a client that submits. */
export const SUBMIT_TIMEOUT_MS = WAIT_MS + 5_000;
/** Well above the floor: what is not needed is not charged. */
const BASE_FEE_PER_BYTE_MAX = 1_000n;

export type Submitted = { readonly id: string; readonly status: string; readonly height: string | null };

/**
 * Waits until the transaction is final. `what` names it in messages, e.g. "transfer". Throws the chain's code, or `TIMEOUT`
 * while it may still be included.
 */
export async function signAndSubmit(
  node: NodeClient,
  request: { readonly key: AccountKey; readonly payload: Payload; readonly what: string },
): Promise<Submitted> {
  const { what } = request;
  const { id, raw } = await signed(node, request);
  const result = await node.call('tx_submit', { raw, waitFor: 'final', timeoutMs: WAIT_MS });
  if (result.status === 'failed') {
    const message = `The chain refused the ${what} (${result.code}); only its fee was charged. ${result.hint ?? ''}`;
    throw new SynodError(result.code, message.trim(), { facts: { id } });
  }
  if (result.status === 'pending') {
    throw new SynodError(
      'TIMEOUT',
      `The ${what} ${id} is not in a block yet. Do not send it again; look later:  curl -s '${node.url}/rpc/tx_get?id=${id}'`,
      { facts: { id } },
    );
  }
  return { id, status: result.status, height: result.height };
}

/** A transaction of the key, for the chain that the node follows; not submitted. */
export async function signed(
  node: NodeClient,
  { key, payload }: { readonly key: AccountKey; readonly payload: Payload },
): Promise<{ readonly id: string; readonly raw: string }> {
  const status = await node.status();
  const body: TransactionBody = {
    chainId: status.chainId,
    sender: publicKeyOf(key.seed),
    salt: randomBytes(16),
    validUntil: Number(status.head.height) + VALID_HEIGHTS,
    maxBaseFeePerByte: BASE_FEE_PER_BYTE_MAX,
    tip: 0n,
    payload,
  };
  const raw = encodeTransaction({ body, signature: sign(key.seed, transactionSignBytes(body)) });
  return { id: `0x${transactionId(body)}`, raw: `0x${toHex(raw)}` };
}
