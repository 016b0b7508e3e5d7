/**
 * Transactions that a node sends for its experts as their duty. Owns that one is sent once per period: its id is a function of sender,
 * matter and period, so that repeating it at every head costs nothing.
 */
import {
  encodeTransaction,
  type Payload,
  readBaseFee,
  type TransactionBody,
  transactionId,
  transactionSignBytes,
} from '@synod/chain';
import type { ChainHead, ChainIdentity } from './chain-head.ts';
import type { Admission } from './mempool.ts';
import type { ExpertSigner, HostPorts } from './ports.ts';

/** Heights that one may wait for a block before it is sent anew. */
const VALID_HEIGHTS = 20;

export type ExpertSender = {
  readonly ports: HostPorts;
  readonly identity: ChainIdentity;
  readonly head: () => ChainHead;
  readonly submit: (transaction: Uint8Array) => Admission;
};

/** `matter` tells payloads of one type apart. A refusal is told in the log. */
export function sendForExpert(
  { ports, identity, head, submit }: ExpertSender,
  { signer, payload, matter }: { readonly signer: ExpertSigner; readonly payload: Payload; readonly matter: string },
): void {
  const { height, state } = head();
  const period = Math.floor(height / VALID_HEIGHTS);
  const label = `transaction/${payload.type}/${matter}/${period}`;
  const body: TransactionBody = {
    chainId: identity.chainId,
    sender: signer.publicKey,
    salt: signer.deriveSecret(label).subarray(0, 16),
    validUntil: (period + 2) * VALID_HEIGHTS,
    maxBaseFeePerByte: 4n * readBaseFee(state),
    tip: 0n,
    payload,
  };
  const admission = submit(encodeTransaction({ body, signature: signer.sign(transactionSignBytes(body)) }));
  if (admission.kind !== 'refused' || admission.code === 'DUPLICATE') return;
  const facts = { id: transactionId(body), code: admission.code };
  const message = 'an expert transaction was refused';
  ports.observer.onHostEvent({ kind: 'log', level: 'warn', message, facts });
}
