/**
 * Opening a query (spec: market §2): checks against accounts and experts, the escrow, the place in the open list.
 * Owns nothing after that; the contract's own bounds are contract-check.ts.
 */

import { CHAIN_LIMITS } from '../limits.ts';
import type { EmitEvent } from '../state/events.ts';
import { moveToPot } from '../state/ledger.ts';
import {
  listExperts,
  listOpenQueries,
  readAccount,
  readExpert,
  readValidatorRecord,
  writeOpenQueries,
  writeQuery,
} from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import {
  type Address,
  type Hash,
  type Height,
  PPM,
  type QueryContract,
  type QueryState,
  ZERO_HASH,
} from '../types/index.ts';
import { respondentShare } from './pricing.ts';
import { leastFee } from './selection.ts';

export type OpenContext = {
  readonly queryId: Hash;
  readonly requester: Address;
  readonly height: Height;
  readonly emit: EmitEvent;
};

/** Escrows `maxFee` and opens the query for selection in the next block. Returns `OK` or a stable code. */
export function applyQueryOpen(overlay: Overlay, contract: QueryContract, context: OpenContext): string {
  const { queryId, requester, height } = context;
  const open = listOpenQueries(overlay);
  if (open.length >= CHAIN_LIMITS.openQueriesMax) return 'OPEN_QUERIES_FULL';
  const { validators } = readValidatorRecord(overlay);
  if (!validators.some(({ operator }) => operator === contract.coordinator)) return 'COORDINATOR_UNKNOWN';
  const experts = listExperts(overlay, contract.domain);
  if (experts.length === 0) return 'DOMAIN_UNKNOWN';
  if (contract.expert !== null && !experts.includes(contract.expert)) return 'EXPERT_UNKNOWN';
  const share = respondentShare(contract);
  const asked = contract.expert === null ? experts : [contract.expert];
  if (!asked.some((expert) => leastFee(overlay, readExpert(overlay, expert)!, contract) <= share))
    return 'MAX_FEE_TOO_LOW';
  if (readAccount(overlay, requester).balance < contract.maxFee) return 'INSUFFICIENT_BALANCE';
  moveToPot(overlay, requester, 'escrowed', contract.maxFee);
  writeQuery(overlay, newQuery({ queryId, requester, contract, height }));
  writeOpenQueries(overlay, [...open, queryId]);
  context.emit({ type: 'query.opened', queryId, requester, domain: contract.domain });
  return 'OK';
}

/** A query as it stands in the block that opened it. */
export function newQuery({
  queryId,
  requester,
  contract,
  height,
}: Omit<OpenContext, 'emit'> & { readonly contract: QueryContract }): QueryState {
  return {
    id: queryId,
    requester,
    contract,
    openedAt: height,
    phase: 'selecting',
    deadline: height + 1,
    selection: { seed: ZERO_HASH, candidates: [] },
    loadFactor: PPM,
    respondents: [],
    round: 1,
    earlier: [],
    cancelledAt: null,
    groups: [],
    scorers: [],
    misrevealed: [],
    disclosed: [],
    calibrator: null,
  };
}
