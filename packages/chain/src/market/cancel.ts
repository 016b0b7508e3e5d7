/**
 * Ending a query early (spec: market §2.4): what is delivered by the end of the grace is scored and paid as always, the rest
 * returns. Owns the request; phases.ts and settlement.ts do the rest.
 */
import type { EmitEvent } from '../state/events.ts';
import { readQuery, writeQuery } from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import type { Address, ChainParams, Height, QueryCancel } from '../types/index.ts';

type CancelContext = {
  readonly sender: Address;
  readonly height: Height;
  readonly params: ChainParams;
  readonly emit: EmitEvent;
};

/** Shortens the window for answers to the grace; no further round begins. Returns `OK` or a stable code. */
export function applyQueryCancel(overlay: Overlay, { queryId }: QueryCancel, context: CancelContext): string {
  const query = readQuery(overlay, queryId);
  if (query === null) return 'QUERY_UNKNOWN';
  if (query.requester !== context.sender) return 'NOT_REQUESTER';
  if (query.cancelledAt !== null) return 'ALREADY_CANCELLED';
  if (query.phase !== 'selecting' && query.phase !== 'answering') return 'QUERY_PHASE_WRONG';
  const deadline = Math.min(query.deadline, context.height + context.params.market.cancelGrace);
  writeQuery(overlay, { ...query, deadline, cancelledAt: context.height });
  context.emit({ type: 'query.cancelled', queryId, deadline });
  return 'OK';
}
