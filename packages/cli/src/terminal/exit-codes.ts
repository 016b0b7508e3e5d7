/**
 * Exit codes of every command (UX §7) and which error code leads to which. Owns that one table.
 */

export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  unreachable: 3,
  notFound: 4,
  rejected: 5,
  timeout: 6,
  funds: 7,
  noExpert: 8,
  unsafe: 10,
  interrupted: 130,
} as const;

const BY_CODE: Readonly<Record<string, number>> = {
  USAGE: EXIT.usage,
  AMOUNT_INVALID: EXIT.usage,
  DURATION_INVALID: EXIT.usage,
  PORT_INVALID: EXIT.usage,
  NUMBER_INVALID: EXIT.usage,
  URL_INVALID: EXIT.usage,
  ADDRESS_INVALID: EXIT.usage,
  CHECKPOINT_INVALID: EXIT.usage,
  CHECKPOINT_REQUIRED: EXIT.usage,
  CHECKPOINT_EXPIRED: EXIT.usage,
  CHECKPOINT_UNKNOWN: EXIT.usage,
  PROMPT_EMPTY: EXIT.usage,
  PROMPT_TOO_LONG: EXIT.usage,
  PROMPT_NOT_UTF8: EXIT.usage,
  PROMPT_NOT_TEXT: EXIT.usage,
  INVALID_PARAMS: EXIT.usage,
  NODE_UNREACHABLE: EXIT.unreachable,
  NOT_FOUND: EXIT.notFound,
  QUERY_UNKNOWN: EXIT.notFound,
  UNKNOWN: EXIT.notFound,
  PRUNED: EXIT.notFound,
  FUTURE: EXIT.notFound,
  ACCOUNT_UNKNOWN: EXIT.notFound,
  TRANSACTION_REJECTED: EXIT.rejected,
  FEE_TOO_LOW: EXIT.rejected,
  EXPIRED: EXIT.rejected,
  VALID_UNTIL_TOO_FAR: EXIT.rejected,
  BAD_SIGNATURE: EXIT.rejected,
  WRONG_CHAIN: EXIT.rejected,
  DUPLICATE: EXIT.rejected,
  TRANSACTION_TOO_LARGE: EXIT.rejected,
  PAYLOAD_INVALID: EXIT.rejected,
  OPEN_QUERIES_FULL: EXIT.rejected,
  MEMPOOL_FULL: EXIT.rejected,
  TIMEOUT: EXIT.timeout,
  INSUFFICIENT_BALANCE: EXIT.funds,
  MAX_COST_TOO_LOW: EXIT.funds,
  MAX_FEE_TOO_LOW: EXIT.funds,
  NO_EXPERT: EXIT.noExpert,
  DOMAIN_UNKNOWN: EXIT.noExpert,
  CHECKPOINT_MISMATCH: EXIT.unsafe,
  SIGN_CONFLICT: EXIT.unsafe,
  SIGN_SLOT_OLD: EXIT.unsafe,
  SIGN_STATE_DAMAGED: EXIT.unsafe,
  SIGN_STATE_FOREIGN: EXIT.unsafe,
  INTERRUPTED: EXIT.interrupted,
};

/** Exit code for a stable error code; 1 for codes without a class of their own. */
export function exitCodeOf(code: string): number {
  return BY_CODE[code] ?? EXIT.failure;
}
