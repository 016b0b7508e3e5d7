/**
 * Whether a transaction may stand in a block (spec: state §3). The one check that mempool, proposer and block validity share.
 * Owns everything up to the fee; what the payload then does is apply-transaction.ts.
 */

import { privateSlot, transactionSignBytes } from '../codec/index.ts';
import { toHex } from '../crypto/hex.ts';
import { addressOf } from '../crypto/index.ts';
import type { ErrorFacts } from '../errors.ts';
import { transactionFee } from '../fees.ts';
import { learningProblem } from '../learning/apply-learning.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { marketProblem } from '../market/apply-market.ts';
import { contractProblem, profileProblem } from '../market/contract-check.ts';
import { stakingProblem } from '../staking/apply-staking.ts';
import type { Address, Amount, ChainParams, Hash, Height, Payload, PublicKey, Transaction } from '../types/index.ts';
import { votingProblem } from '../voting/voting-transactions.ts';
import { isTransactionSeen, readAccount, readBaseFee, readChainId, readParams } from './records.ts';
import { transactionForm } from './transaction-form.ts';
import type { StateView } from './view.ts';

/** Verifies an Ed25519 signature by the one rule (consensus §2). */
export type VerifySignature = (publicKey: PublicKey, message: Uint8Array, signature: Uint8Array) => boolean;

/** A transaction that may stand in the block it was checked for, with what checking found out. */
export type CheckedTransaction = {
  readonly transaction: Transaction;
  readonly id: Hash;
  readonly sender: Address;
  readonly bytes: number;
  /** The part that is burnt, in nano; the tip comes on top. */
  readonly burnt: Amount;
  readonly fee: Amount;
};

export type TransactionVerdict =
  | { readonly ok: true; readonly checked: CheckedTransaction }
  | { readonly ok: false; readonly code: TransactionRefusal; readonly facts: ErrorFacts };

/** Stable codes of refusal; a transaction refused costs nothing. */
export type TransactionRefusal =
  | 'TRANSACTION_TOO_LARGE'
  | 'WRONG_CHAIN'
  | 'EXPIRED'
  | 'VALID_UNTIL_TOO_FAR'
  | 'DUPLICATE'
  | 'PAYLOAD_INVALID'
  | 'FEE_TOO_LOW'
  | 'INSUFFICIENT_BALANCE'
  | 'BAD_SIGNATURE';

export type TransactionCheckContext = {
  /** Height of the block it is to stand in. */
  readonly height: Height;
  /** Says whether the signature is valid; see {@link createSignatureCheck}. */
  readonly isSignatureValid: SignatureCheck;
};

export type SignatureCheck = (transaction: Transaction, id: Hash) => boolean;

/**
 * Key under which a valid signature is remembered. It holds id **and** signature, because the id alone does not cover the
 * signature: a node that had seen a good one would accept a block with a bad one that others reject.
 */
export function signatureKey(id: Hash, signature: Uint8Array): string {
  const known = signatureKeys.read(signature);
  if (known?.id === id) return known.key;
  const key = `${id}:${toHex(signature)}`;
  signatureKeys.write(signature, { id, key });
  return key;
}

/** The last key of each signature: it is asked for when its transaction comes, in every block and when it goes. */
const signatureKeys = privateSlot<Uint8Array, { readonly id: Hash; readonly key: string }>();

/** Looks the signature up among those verified before and verifies it only when it is not there. */
export function createSignatureCheck(verify: VerifySignature, verified?: ReadonlySet<string>): SignatureCheck {
  return ({ body, signature }, id) =>
    verified?.has(signatureKey(id, signature)) === true || verify(body.sender, transactionSignBytes(body), signature);
}

/** Checks in order of cost; the first refusal wins. `view` is the state the transaction would be applied to. */
export function checkTransaction(
  view: StateView,
  transaction: Transaction,
  context: TransactionCheckContext,
): TransactionVerdict {
  const params = readParams(view);
  const { body } = transaction;
  const { encoded, id } = transactionForm(transaction);
  const bytes = encoded.length;
  if (bytes > params.transactionBytesMax)
    return refuse('TRANSACTION_TOO_LARGE', { bytes, bytesMax: params.transactionBytesMax });
  const chainId = readChainId(view);
  if (body.chainId !== chainId) return refuse('WRONG_CHAIN', { chainId: body.chainId, expected: chainId });
  const { validUntil } = body;
  const { height } = context;
  if (validUntil < height) return refuse('EXPIRED', { validUntil, height });
  if (validUntil > height + CHAIN_LIMITS.validUntilAheadMax)
    return refuse('VALID_UNTIL_TOO_FAR', { validUntil, height });
  if (isTransactionSeen(view, id)) return refuse('DUPLICATE', { id });
  const field = payloadProblem(body.payload, params);
  if (field !== null) return refuse('PAYLOAD_INVALID', { payload: body.payload.type, field });
  const baseFee = readBaseFee(view);
  if (body.maxBaseFeePerByte < baseFee) {
    return refuse('FEE_TOO_LOW', { maxBaseFeePerByte: `${body.maxBaseFeePerByte}`, baseFeePerByte: `${baseFee}` });
  }
  const { burnt, total: fee } = transactionFee(bytes, baseFee, body.tip);
  const sender = addressOf(body.sender);
  const { balance } = readAccount(view, sender);
  if (balance < fee) return refuse('INSUFFICIENT_BALANCE', { balance: `${balance}`, needed: `${fee}` });
  if (!context.isSignatureValid(transaction, id)) return refuse('BAD_SIGNATURE', { id });
  return { ok: true, checked: { transaction, id, sender, bytes, burnt, fee } };
}

/** Name of the payload's first field that can never be right under these parameters, or null. */
export function payloadProblem(payload: Payload, params: ChainParams): string | null {
  switch (payload.type) {
    case 'transfer':
      return payload.amount > 0n ? null : 'amount';
    case 'expert.register':
      return profileProblem(payload.expert);
    case 'query.open':
      return contractProblem(payload.contract, params);
    case 'answer.commit':
    case 'answer.reveal':
      return null;
    case 'validator.create':
    case 'validator.edit':
    case 'validator.exit':
    case 'validator.unjail':
    case 'validator.rotate':
    case 'delegate':
    case 'undelegate':
    case 'redelegate':
      return stakingProblem(payload);
    case 'params.propose':
    case 'params.vote':
      return votingProblem(payload);
    case 'expert.update':
    case 'expert.pause':
    case 'expert.retire':
    case 'query.cancel':
    case 'query.disclose':
    case 'calibration.reveal':
      return marketProblem(payload, params);
    case 'feedback.give':
    case 'delta.commit':
    case 'delta.reveal':
    case 'model.rollback':
    case 'expert.learn':
      return learningProblem(payload, params);
  }
}

function refuse(code: TransactionRefusal, facts: ErrorFacts): TransactionVerdict {
  return { ok: false, code, facts };
}
