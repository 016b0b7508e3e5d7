/**
 * The one table from `SynodError` codes to JSON-RPC error codes (spec: rpc §4), and the conversion of any thrown value.
 * Does not own HTTP statuses of the OpenAI surface (openai/errors.ts).
 */
import { SynodError } from '@synod/chain';
import { eventDataJson } from './json/topic-event.ts';
import { learningHints } from './learning-hints.ts';

/** The error object of a JSON-RPC response. `data.name` is the stable key; `message` is for people. */
export type RpcErrorBody = {
  readonly code: number;
  readonly message: string;
  readonly data: { readonly name: string; readonly hint: string | null } & Readonly<Record<string, unknown>>;
};

/** JSON-RPC code per `SynodError` code. −320xx as EIP-1474 has them; 3000–3099 transactions, 3200–3299 queries, 3300–3399 learning. */
export const rpcCodes: Readonly<Record<string, number>> = {
  PARSE_ERROR: -32700,
  INVALID_REQUEST: -32600,
  UNAUTHORISED: -32600,
  CONTENT_TYPE: -32600,
  HOST_NOT_ALLOWED: -32600,
  ORIGIN_NOT_ALLOWED: -32600,
  METHOD_NOT_FOUND: -32601,
  INVALID_PARAMS: -32602,
  ADDRESS_INVALID: -32602,
  NAME_INVALID: -32602,

  MALFORMED: -32000,

  NOT_FOUND: -32001,
  UNKNOWN: -32001,
  QUERY_UNKNOWN: -32001,
  SPEND_KEY_UNKNOWN: -32001,
  PRUNED: -32001,
  FUTURE: -32001,

  SYNCING: -32002,
  DEVNET_BUSY: -32002,
  DEVNET_NOT_READY: -32002,
  DEVNET_STALLED: -32002,
  NODES_APART: -32002,
  NODE_DOWN: -32002,
  NODE_PAUSED: -32002,
  NODE_RUNNING: -32002,
  SNAPSHOT_EXISTS: -32002,
  NOT_REQUESTER: -32002,
  PEER_UNREACHABLE: -32002,
  TRAIL_BROKEN: -32002,

  TRANSACTION_REJECTED: -32003,

  NOT_DEVNET: -32004,
  NO_COORDINATOR: -32004,
  NOT_COORDINATOR: -32004,
  NOT_SUPPORTED: -32004,
  NODE_ASKED: -32004,
  NO_SUPERVISOR: -32004,

  LIMIT_EXCEEDED: -32005,
  RATE_LIMITED: -32005,
  TRAIL_TOO_LONG: -32005,
  BODY_TOO_LARGE: -32005,
  MEMPOOL_FULL: -32005,
  OPEN_QUERIES_FULL: -32005,
  PRIVATE_QUERIES_FULL: -32005,

  STATE_FORMAT: -32006,
  VERSION_NOT_SUPPORTED: -32006,

  INSUFFICIENT_BALANCE: 3001,
  ACCOUNT_UNKNOWN: 3002,
  FEE_TOO_LOW: 3003,
  EXPIRED: 3004,
  VALID_UNTIL_TOO_FAR: 3005,
  BAD_SIGNATURE: 3006,
  WRONG_CHAIN: 3007,
  DUPLICATE: 3008,
  TRANSACTION_TOO_LARGE: 3009,
  PAYLOAD_INVALID: 3010,

  PROMPT_EMPTY: 3201,
  PROMPT_TOO_LONG: 3202,
  PROMPT_NOT_TEXT: 3203,
  MAX_COST_TOO_LOW: 3204,
  MAX_FEE_TOO_LOW: 3204,
  NO_EXPERT: 3205,
  DOMAIN_UNKNOWN: 3206,
  COORDINATOR_UNKNOWN: 3207,
  PRIVATE_PROMPT_MISSING: 3208,
  PRIVATE_PROMPT_MISMATCH: 3209,
  READ_KEY_WRONG: 3210,
  EXPERT_UNKNOWN: 3211,
  EXPERT_UNAVAILABLE: 3212,

  FEEDBACK_UNKNOWN_QUERY: 3301,
  FEEDBACK_UNSETTLED: 3302,
  FEEDBACK_NO_ANSWER: 3303,
  FEEDBACK_WINDOW_OVER: 3304,
  FEEDBACK_FOREIGN: 3305,
  FEEDBACK_TWICE: 3306,
  FEEDBACK_PRIVATE: 3307,
  FEEDBACK_TOO_LONG: 3308,
  FEEDBACK_EMPTY: 3309,
  FEEDBACK_LEAF: 3310,
  FEEDBACK_MALFORMED: 3311,
  FEEDBACK_UNFUNDED: 3312,
  FEEDBACK_FULL: 3313,
  FEEDBACK_FILE_FULL: 3314,
  LEARNING_FULL: 3315,
  FEEDBACK_UNKNOWN: 3316,
  BLOB_UNKNOWN: 3320,
  BLOB_MISSING: 3321,
  BLOB_MISMATCH: 3322,
  BLOB_NOT_STORED: 3323,
  LINEAGE_EMPTY: 3330,
  VERSION_UNKNOWN: 3331,
  ROUND_UNKNOWN: 3332,
};

/** `data.reason` that tells the kinds of "not here" apart (spec: rpc §4.3). */
const missingReasons: Readonly<Record<string, string>> = {
  NOT_FOUND: 'unknown',
  UNKNOWN: 'unknown',
  QUERY_UNKNOWN: 'unknown',
  PRUNED: 'pruned',
  FUTURE: 'future',
};

/**
 * Turns anything thrown by a handler into a JSON-RPC error. A `SynodError` whose code is not in the table is still an operating
 * failure (−32002 with its name); anything else is a bug: −32603, with neither its message nor its stack.
 */
export function toRpcError(error: unknown): RpcErrorBody {
  if (!(error instanceof SynodError)) {
    return {
      code: -32603,
      message: 'The node made a mistake answering this request. Its log has the details.',
      data: { name: 'INTERNAL', hint: 'Read the log of the node, and report what it says.' },
    };
  }
  const reason = missingReasons[error.code];
  return {
    code: rpcCodes[error.code] ?? -32002,
    message: error.message,
    data: {
      name: error.code,
      hint: learningHints[error.code] ?? adviceOf(error.message),
      ...(reason === undefined ? {} : { reason }),
      ...eventDataJson(error.facts),
    },
  };
}

/** What a message says beyond its first sentence is what to do; null where it says nothing more. */
function adviceOf(message: string): string | null {
  const end = message.search(/[.!?] /);
  return end === -1 ? null : message.slice(end + 2);
}

/** True for errors that are nobody's input and nobody's surroundings: they belong in the log. */
export function isBug(error: unknown): boolean {
  return !(error instanceof SynodError);
}

/** A parameter or request the caller can fix. `hint` says how. */
export function invalidParams(
  message: string,
  hint: string | null,
  facts: Record<string, string | number> = {},
): SynodError {
  return new SynodError('INVALID_PARAMS', message, { facts: { ...facts, hint } });
}
