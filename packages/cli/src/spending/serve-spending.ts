/**
 * Joins the books of a node's spend keys to its chain: every block may settle what is open. Owns that timing.
 */
import type { NodeApi, RpcLog } from '@synod/rpc';
import { openSpendDesk, type SpendDesk } from './spend-desk.ts';
import { spendFileOf } from './spend-file.ts';

/** The desk of this home, and what ends its following of the chain. */
export function serveSpending(home: string, api: NodeApi, log: RpcLog): { readonly desk: SpendDesk; close(): void } {
  const desk = openSpendDesk({ api, file: spendFileOf(home), nowMs: Date.now });
  const reconcile = () => {
    try {
      desk.reconcile();
    } catch (error) {
      // A full disk leaves the reservations as they are, which is only too strict.
      log.error({ error }, 'spend keys could not be settled');
    }
  };
  reconcile();
  return { desk, close: api.subscribe('newHeads', null, reconcile) };
}
