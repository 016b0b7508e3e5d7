/**
 * What a query came to for the account that asked, as the chain has it. Owns reading it; also when that cannot be known yet, or any more.
 */
import type { Amount, Hash, Height } from '@synod/chain';
import type { NodeApi } from '@synod/rpc';
import type { Reservation } from './ledger.ts';

/** What of a node is asked. */
export type CostSource = Pick<NodeApi, 'query' | 'transaction' | 'status' | 'oldestHeight'>;

/**
 * Nano that the query and its transactions cost; null while that is open. Nothing where no block opened it. Where the blocks that could
 * have opened it are forgotten here, everything that was set aside: the books may be too strict, never too lax.
 */
export function trueCost(source: CostSource, { queryId, validUntil, amount, cancel }: Reservation): Amount | null {
  const cancelFee = cancel === null ? 0n : feeOf(source, cancel);
  if (cancelFee === null) return null;
  const view = source.query(queryId, null);
  if (view?.status === 'final' && view.receipt !== null) {
    const fee = source.transaction(queryId)?.result?.fee;
    // Its block is forgotten, and with it what the transaction cost.
    return fee === undefined ? amount : view.receipt.cost + fee + cancelFee;
  }
  // Refused in its block: the block space is paid all the same.
  const refused = source.transaction(queryId);
  if (refused?.status === 'final' && refused.result !== null && refused.result.code !== 'OK') {
    return refused.result.fee + cancelFee;
  }
  if (view !== null || source.status().head.height <= validUntil) return null;
  return isForgotten(source, validUntil) ? amount : 0n;
}

/** Whether a block that could have taken a transaction of this life is no longer stored here. */
export function isForgotten(source: Pick<NodeApi, 'oldestHeight'>, validUntil: Height): boolean {
  return source.oldestHeight() > Math.max(1, validUntil - BLOCKS_OPEN);
}

/** A transaction's life in blocks, as the node gives it; any longer is only stricter. */
const BLOCKS_OPEN = 64;

/** What a transaction cost; null while it may still come into a block. */
function feeOf(
  source: CostSource,
  { id, validUntil }: { readonly id: Hash; readonly validUntil: Height },
): Amount | null {
  const view = source.transaction(id);
  if (view?.status === 'final') return view.result?.fee ?? 0n;
  return view === null && source.status().head.height > validUntil ? 0n : null;
}
