/**
 * Closes a query in state: pays, refunds, has outcomes booked, keeps the record for a while (spec: market §7).
 * Owns the writes; the numbers are settlement.ts.
 */
import assert from 'node:assert/strict';
import { countScores } from '../learning/canary.ts';
import { rememberAsked } from '../learning/feedback.ts';
import { recordUse } from '../learning/lineage.ts';
import { handsOf } from '../rewards/hands.ts';
import { recordTally } from '../rewards/tally.ts';
import type { EmitEvent } from '../state/events.ts';
import { stateKeys } from '../state/keys.ts';
import { moveFromPot } from '../state/ledger.ts';
import { listOpenQueries, readHashList, writeHashList, writeOpenQueries, writeQuery } from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import type { ChainParams, Height, QueryState, Receipt } from '../types/index.ts';
import { recordOutcomes } from './outcomes.ts';
import { createReceipt } from './settlement.ts';
import { slashSubstitutes } from './verification.ts';

export type SettleContext = { readonly height: Height; readonly params: ChainParams; readonly emit: EmitEvent };

/** Settles the query in its present state and returns its receipt. The escrow leaves in full. */
export function settleQuery(overlay: Overlay, query: QueryState, context: SettleContext): Receipt {
  const slashed = slashSubstitutes(overlay, query, context);
  const { contract, requester } = query;
  const isCoordinatorPaid = handsOf(overlay, contract.coordinator) !== handsOf(overlay, requester);
  const receipt = createReceipt(query, context.height, { slashed, isCoordinatorPaid });
  assert.equal(receipt.cost + receipt.refund, query.contract.maxFee);
  assert.ok(receipt.refund >= 0n, 'a query paid more than its escrow');
  for (const { expert, paid } of receipt.respondents) moveFromPot(overlay, 'escrowed', expert, paid);
  for (const { validator, paid } of receipt.scorersPaid) moveFromPot(overlay, 'escrowed', validator, paid);
  moveFromPot(overlay, 'escrowed', contract.coordinator, receipt.coordinatorPaid);
  moveFromPot(overlay, 'escrowed', query.requester, receipt.refund);
  recordOutcomes(overlay, query, receipt, context);
  recordTally(overlay, query, receipt);
  if (contract.expert === null) countScores(overlay, receipt);
  recordUse(overlay, receipt, context.params);
  retire(overlay, query, context.height);
  rememberAsked(overlay, receipt, context);
  context.emit({ type: 'query.settled', queryId: query.id, receipt });
  return receipt;
}

/** Takes the query off the open list and keeps its last state until the bucket of this height is dropped. */
function retire(overlay: Overlay, query: QueryState, height: Height): void {
  writeQuery(overlay, { ...query, phase: 'settled', deadline: height });
  writeOpenQueries(
    overlay,
    listOpenQueries(overlay).filter((id) => id !== query.id),
  );
  const bucket = stateKeys.settled(height);
  writeHashList(overlay, bucket, [...readHashList(overlay, bucket), query.id]);
}
