/**
 * A transaction tried on a copy of the newest state: what a block would say to it, and what it would cost. Owns the trial; the rules
 * are the chain's.
 */
import {
  type Address,
  type Amount,
  addressFromBytes,
  checkTransaction,
  createSignatureCheck,
  decodeTransaction,
  dryRunTransaction,
  type Hash,
  readParams,
  SynodError,
  transactionId,
} from '@synod/chain';
import type { ChainHead } from '../host/index.ts';
import { chainCrypto } from '../host/ports.ts';
import { describeRefusal } from './refusals.ts';

export type Simulated = {
  readonly id: Hash;
  /** `refused`: no block would take it. `failed`: a block would, and charge the fee. */
  readonly outcome: 'ok' | 'failed' | 'refused';
  readonly code: string;
  readonly hint: string | null;
  readonly fee: Amount | null;
  readonly isSignatureChecked: boolean;
};

/** Whoever proposes is paid the tip; here nobody. */
const NOBODY: Address = addressFromBytes(new Uint8Array(20));

/** Throws `MALFORMED` for bytes that are no transaction. A signature of 64 zeros is not checked: it is to be made. */
export function simulateTransaction(raw: Uint8Array, head: Pick<ChainHead, 'height' | 'state'>): Simulated {
  const decoded = decodeTransaction(raw);
  if (!decoded.ok) {
    throw new SynodError(
      'MALFORMED',
      `The transaction does not decode: ${decoded.reason}. ${describeRefusal('MALFORMED')}`,
    );
  }
  const { body, signature } = decoded.value;
  const id = transactionId(body);
  const isSignatureChecked = signature.some((byte) => byte !== 0);
  const isSignatureValid = isSignatureChecked ? createSignatureCheck(chainCrypto.verifySignature) : () => true;
  const height = head.height + 1;
  const verdict = checkTransaction(head.state, decoded.value, { height, isSignatureValid });
  if (!verdict.ok) {
    const { code, facts } = verdict;
    return { id, outcome: 'refused', code, hint: describeRefusal(code, facts), fee: null, isSignatureChecked };
  }
  const { code, fee } = dryRunTransaction(head.state, verdict.checked, {
    height,
    params: readParams(head.state),
    proposer: NOBODY,
  });
  const outcome = code === 'OK' ? 'ok' : 'failed';
  return { id, outcome, code, hint: describeRefusal(code), fee, isSignatureChecked };
}
