/**
 * What a checked transaction does (spec: state §3, §4): the fee always, the payload if it can.
 * Owns the fee's way and transfers; the other payloads are the market's and the staking folder's.
 */
import { encodeU64 } from '../codec/index.ts';
import { applyLearning } from '../learning/apply-learning.ts';
import { applyAnswerCommit, applyAnswerReveal } from '../market/answers.ts';
import { applyMarket } from '../market/apply-market.ts';
import { applyExpertRegister } from '../market/expert-register.ts';
import { applyQueryOpen } from '../market/query-open.ts';
import { applyStaking } from '../staking/apply-staking.ts';
import type { Address, ChainParams, Hash, Height, TransactionResult, Transfer } from '../types/index.ts';
import { applyVoting } from '../voting/voting-transactions.ts';
import type { CheckedTransaction } from './check-transaction.ts';
import type { EmitEvent } from './events.ts';
import { stateKeys } from './keys.ts';
import { credit, debit, moveToPot } from './ledger.ts';
import { readAccount } from './records.ts';
import { Overlay, type StateView } from './view.ts';

export type TransactionContext = {
  readonly height: Height;
  readonly params: ChainParams;
  /** Operator of the block's proposer, who is paid the tip. */
  readonly proposer: Address;
  readonly emit: EmitEvent;
};

/** Charges the fee, marks the id as seen, and applies the payload; a payload that fails leaves nothing but its code. */
export function applyTransaction(
  overlay: Overlay,
  checked: CheckedTransaction,
  context: TransactionContext,
): TransactionResult {
  const { id, sender, burnt, fee } = checked;
  moveToPot(overlay, sender, 'burnt', burnt);
  debit(overlay, sender, fee - burnt);
  credit(overlay, context.proposer, fee - burnt);
  overlay.set(stateKeys.transaction(id), encodeU64(BigInt(context.height)));
  return { id, code: applyPayload(overlay, checked, context), fee };
}

/**
 * The code that the transaction would have if it were next, on a copy that is thrown away: how a surface tells its user
 * `INSUFFICIENT_BALANCE` before a fee is spent. The transaction has passed `checkTransaction` on the same view.
 */
export function dryRunTransaction(
  view: StateView,
  checked: CheckedTransaction,
  context: Omit<TransactionContext, 'emit'>,
): TransactionResult {
  return applyTransaction(new Overlay(view), checked, { ...context, emit: () => undefined });
}

/** Every handler checks first and writes last, so a failing one has written nothing. */
function applyPayload(overlay: Overlay, checked: CheckedTransaction, context: TransactionContext): string {
  const { id, sender } = checked;
  const { payload, chainId, sender: publicKey } = checked.transaction.body;
  const { height, params, emit } = context;
  switch (payload.type) {
    case 'transfer':
      return applyTransfer(overlay, payload, { id, sender, emit });
    case 'expert.register':
      return applyExpertRegister(overlay, payload, { chainId, sender, publicKey, height, params, emit });
    case 'query.open':
      return applyQueryOpen(overlay, payload.contract, { queryId: id, requester: sender, height, emit });
    case 'answer.commit':
      return applyAnswerCommit(overlay, payload, { expert: sender, params, emit });
    case 'answer.reveal':
      return applyAnswerReveal(overlay, payload, { expert: sender, params, emit });
    case 'validator.create':
    case 'validator.edit':
    case 'validator.exit':
    case 'validator.unjail':
    case 'validator.rotate':
    case 'delegate':
    case 'undelegate':
    case 'redelegate':
      return applyStaking(overlay, payload, { chainId, sender, height, params, emit });
    case 'expert.update':
    case 'expert.pause':
    case 'expert.retire':
    case 'query.cancel':
    case 'query.disclose':
    case 'calibration.reveal':
      return applyMarket(overlay, payload, { chainId, sender, publicKey, height, params, emit });
    case 'params.propose':
    case 'params.vote':
      return applyVoting(overlay, payload, { id, sender, height, params, emit });
    case 'feedback.give':
    case 'delta.commit':
    case 'delta.reveal':
    case 'model.rollback':
    case 'expert.learn':
      return applyLearning(overlay, payload, { id, chainId, sender, publicKey, height, params, emit });
  }
}

function applyTransfer(
  overlay: Overlay,
  { to, amount }: Transfer,
  { id, sender, emit }: { readonly id: Hash; readonly sender: Address; readonly emit: EmitEvent },
): string {
  if (readAccount(overlay, sender).balance < amount) return 'INSUFFICIENT_BALANCE';
  debit(overlay, sender, amount);
  credit(overlay, to, amount);
  emit({ type: 'transfer', transaction: id, from: sender, to, amount });
  return 'OK';
}
