/**
 * Errors as OpenAI clients expect them: `{error: {message, type, code, param}}` and an HTTP status (spec: openai §9).
 * Stock clients repeat 408, 409, 429 and 5xx by themselves; `x-should-retry: false` stops them once a query may be open.
 */
import { SynodError } from '@synod/chain';
import type { FastifyReply } from 'fastify';

type Kind = { readonly status: number; readonly code: string; readonly type: string };

const invalid = (code: string, status = 400): Kind => ({ status, code, type: 'invalid_request_error' });
const unavailable = (code: string): Kind => ({ status: 503, code, type: 'service_unavailable' });

/** Status and code per `SynodError` code. */
const kinds: Readonly<Record<string, Kind>> = {
  INVALID_PARAMS: invalid('invalid_request'),
  INVALID_REQUEST: invalid('invalid_request'),
  PARSE_ERROR: invalid('invalid_json'),
  BODY_TOO_LARGE: invalid('body_too_large', 413),
  CONTENT_TYPE: invalid('content_type', 415),
  HOST_NOT_ALLOWED: invalid('host_not_allowed', 403),
  ORIGIN_NOT_ALLOWED: invalid('origin_not_allowed', 403),
  NOT_FOUND: invalid('not_found', 404),
  UNKNOWN: invalid('not_found', 404),
  QUERY_UNKNOWN: invalid('not_found', 404),
  MODEL_NOT_FOUND: invalid('model_not_found', 404),
  DOMAIN_UNKNOWN: invalid('model_not_found', 404),
  IDEMPOTENCY_KEY_REUSED: invalid('idempotency_key_reused', 422),
  API_KEY_INVALID: invalid('invalid_api_key', 401),
  QUOTA_EXCEEDED: { status: 402, code: 'insufficient_quota', type: 'insufficient_quota' },
  UNSUPPORTED: invalid('unsupported_parameter'),
  LOGPROBS_UNAVAILABLE: invalid('logprobs_unavailable'),
  JSON_SCHEMA_UNSATISFIABLE: invalid('json_schema_unsatisfiable'),
  EXPERT_UNKNOWN: invalid('model_not_found', 404),
  EXPERT_UNAVAILABLE: invalid('expert_unavailable', 409),
  QUERY_CANCELLED: invalid('query_cancelled', 409),
  PROMPT_EMPTY: invalid('prompt_empty'),
  PROMPT_NOT_TEXT: invalid('prompt_not_text'),
  PROMPT_TOO_LONG: invalid('context_length_exceeded'),
  MAX_COST_TOO_LOW: invalid('max_cost_exceeded'),
  MAX_FEE_TOO_LOW: invalid('max_cost_exceeded'),
  PAYLOAD_INVALID: invalid('invalid_request'),
  ACCOUNT_UNKNOWN: invalid('account_unknown'),
  NOT_DEVNET: invalid('not_devnet'),
  FEEDBACK_UNKNOWN_QUERY: invalid('not_found', 404),
  FEEDBACK_UNSETTLED: invalid('feedback_unsettled', 409),
  FEEDBACK_NO_ANSWER: invalid('feedback_no_answer', 409),
  FEEDBACK_WINDOW_OVER: invalid('feedback_window_over', 409),
  FEEDBACK_FOREIGN: invalid('feedback_foreign', 403),
  FEEDBACK_TWICE: invalid('feedback_twice', 409),
  FEEDBACK_PRIVATE: invalid('feedback_private'),
  FEEDBACK_TOO_LONG: invalid('feedback_too_long'),
  FEEDBACK_EMPTY: invalid('feedback_empty'),
  FEEDBACK_MALFORMED: invalid('feedback_malformed'),
  READ_KEY_WRONG: invalid('read_key_wrong', 403),
  FEEDBACK_UNFUNDED: { status: 402, code: 'insufficient_balance', type: 'insufficient_quota' },
  INSUFFICIENT_BALANCE: { status: 402, code: 'insufficient_balance', type: 'insufficient_quota' },
  LIMIT_EXCEEDED: { status: 429, code: 'rate_limited', type: 'rate_limit_error' },
  RATE_LIMITED: { status: 429, code: 'rate_limited', type: 'rate_limit_error' },
  PRIVATE_QUERIES_FULL: { status: 429, code: 'rate_limited', type: 'rate_limit_error' },
  MEMPOOL_FULL: { status: 429, code: 'rate_limited', type: 'rate_limit_error' },
  OPEN_QUERIES_FULL: { status: 429, code: 'rate_limited', type: 'rate_limit_error' },
  NO_EXPERT: unavailable('no_expert_online'),
  NO_ANSWER: unavailable('no_answer'),
  QUERY_PENDING: unavailable('query_pending'),
  EMBEDDINGS_UNAVAILABLE: unavailable('embeddings_unavailable'),
  EMBEDDINGS_BUSY: unavailable('embeddings_busy'),
  ANSWER_TIMEOUT: { status: 504, code: 'answer_timeout', type: 'service_unavailable' },
};

export type OpenAiErrorBody = {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly code: string;
    readonly param: string | null;
  };
};

/** Status and body of any thrown value; bugs show nothing of themselves. */
export function toOpenAiError(error: unknown): { readonly status: number; readonly body: OpenAiErrorBody } {
  if (!(error instanceof SynodError)) {
    const message = 'The node made a mistake answering this request. Its log has the details.';
    return { status: 500, body: { error: { message, type: 'api_error', code: 'internal_error', param: null } } };
  }
  const kind = kinds[error.code] ?? unavailable(error.code.toLowerCase());
  const param = error.facts['param'];
  return {
    status: kind.status,
    body: {
      error: {
        message: error.message,
        type: kind.type,
        code: kind.code,
        param: typeof param === 'string' ? param : null,
      },
    },
  };
}

/** Sends an error. `retry: false` tells clients that repeating the request could buy the answer twice. */
export function sendOpenAiError(
  reply: FastifyReply,
  error: unknown,
  options: { readonly retry?: false | undefined } = {},
): FastifyReply {
  const { status, body } = toOpenAiError(error);
  if (options.retry === false) reply.header('x-should-retry', 'false');
  else if (status === 429 || status === 503) reply.header('retry-after', '1');
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
}
