/**
 * JSON-RPC 2.0 over any transport: bytes in, text out (spec: rpc §1): single requests, batches and their limits, strict UTF-8 and error
 * mapping. Does not own transports.
 */
import { SynodError } from '@synod/chain';
import { isBug, type RpcErrorBody, toRpcError } from '../errors.ts';
import type { RpcLimits } from '../limits.ts';
import type { AnyRpcMethod } from '../methods/method.ts';
import { parseParams } from '../methods/parse-params.ts';
import { nearestName } from '../suggest.ts';
import type { RpcLog } from './log.ts';
import { rateLimited } from './rate-limiter.ts';

export type RpcId = string | number | null;

/** A response object: `result` or `error`. */
export type RpcResponse = {
  readonly jsonrpc: '2.0';
  readonly id: RpcId;
  readonly result?: unknown;
  readonly error?: RpcErrorBody;
};

/** What is there at once is given at once: most methods answer from memory, and each promise costs a request its part of the time. */
export type Soon<Value> = Value | Promise<Value>;

export type Dispatcher<Context> = {
  /**
   * Answers a body holding one request or a batch; null when it holds notifications only. Never throws. `admit` is asked first, with
   * the number of requests: above 0 they are refused for as many milliseconds.
   */
  answerBytes(body: Uint8Array, context: Context, admit?: (requests: number) => number): Soon<string | null>;
  /** Answers one decoded request; null for a notification. Never throws. */
  answer(request: unknown, context: Context): Soon<RpcResponse | null>;
};

/** Creates the dispatcher over these methods. */
export function createDispatcher<Context>(options: {
  readonly methods: readonly AnyRpcMethod[];
  readonly limits: RpcLimits;
  readonly log: RpcLog;
}): Dispatcher<Context> {
  const { limits, log } = options;
  const call = createCalls<Context>(options.methods, log);

  function answer(request: unknown, context: Context): Soon<RpcResponse | null> {
    const problem = requestProblem(request);
    if (problem !== null) return errorResponse(idOf(request), new SynodError('INVALID_REQUEST', problem));
    return call(request as RpcRequest, context);
  }

  /** Answers in groups, in order; once the answers pass the limit, the rest get an error and are not run. */
  async function answerBatch(requests: readonly unknown[], context: Context): Promise<string | null> {
    const answers: string[] = [];
    let bytes = 2;
    for (let start = 0; start < requests.length; start += limits.batchConcurrency) {
      const group = requests.slice(start, start + limits.batchConcurrency);
      const full = bytes >= limits.batchResponseBytesMax;
      const responses = full
        ? group.map(refuseFull)
        : await Promise.all(group.map((request) => answer(request, context)));
      for (const response of responses) {
        if (response === null) continue;
        let text = JSON.stringify(response);
        if (bytes + Buffer.byteLength(text) + 1 > limits.batchResponseBytesMax) {
          text = JSON.stringify(errorResponse(response.id, batchFull()));
          bytes = limits.batchResponseBytesMax;
        }
        bytes += Buffer.byteLength(text) + 1;
        answers.push(text);
      }
    }
    return answers.length === 0 ? null : `[${answers.join(',')}]`;
  }

  function refuseFull(request: unknown): RpcResponse | null {
    return isNotification(request) ? null : errorResponse(idOf(request), batchFull());
  }

  function batchFull(): SynodError {
    return new SynodError(
      'LIMIT_EXCEEDED',
      `The answers of a batch may have ${limits.batchResponseBytesMax} bytes. Ask for less at a time.`,
      {
        facts: { bytesMax: limits.batchResponseBytesMax },
      },
    );
  }

  function answerBytes(body: Uint8Array, context: Context, admit: (requests: number) => number): Soon<string | null> {
    const parsed = parseJson(body);
    const waitMs = admit(parsed.ok && Array.isArray(parsed.value) ? Math.max(1, parsed.value.length) : 1);
    if (waitMs > 0) return JSON.stringify(errorResponse(parsed.ok ? idOf(parsed.value) : null, rateLimited(waitMs)));
    if (!parsed.ok) return JSON.stringify(errorResponse(null, new SynodError('PARSE_ERROR', parsed.problem)));
    if (!Array.isArray(parsed.value)) {
      const response = answer(parsed.value, context);
      return response instanceof Promise ? response.then(responseText) : responseText(response);
    }
    if (parsed.value.length === 0) {
      return JSON.stringify(
        errorResponse(null, new SynodError('INVALID_REQUEST', 'The batch is empty. Put at least one request into it.')),
      );
    }
    if (parsed.value.length > limits.batchItemsMax) {
      const error = new SynodError(
        'LIMIT_EXCEEDED',
        `A batch has at most ${limits.batchItemsMax} requests, not ${parsed.value.length}. Split it.`,
        {
          facts: { itemsMax: limits.batchItemsMax, items: parsed.value.length },
        },
      );
      return JSON.stringify(errorResponse(null, error));
    }
    return answerBatch(parsed.value, context);
  }

  /** An answer that cannot be written as JSON is a bug of ours: it is logged, and the caller gets −32603. */
  function unwritable(error: unknown): string {
    log.error({ error }, 'an answer could not be written');
    return JSON.stringify(errorResponse(null, error));
  }

  return {
    answer,
    answerBytes(body, context, admit = () => 0) {
      try {
        const text = answerBytes(body, context, admit);
        return text instanceof Promise ? text.catch(unwritable) : text;
      } catch (error) {
        return unwritable(error);
      }
    },
  };
}

/** A request object that `requestProblem` found none in. */
type RpcRequest = { readonly method: string; readonly params?: unknown; readonly id?: RpcId };

/** Calls one method for a request. The returned function never throws; its answer is null for a notification. */
function createCalls<Context>(
  methods: readonly AnyRpcMethod[],
  log: RpcLog,
): (request: RpcRequest, context: Context) => Soon<RpcResponse | null> {
  const byName = new Map(methods.map((method) => [method.name, method]));

  function failed({ method, id }: RpcRequest, error: unknown): RpcResponse | null {
    if (isBug(error)) log.error({ error }, `a bug ended the JSON-RPC method "${method}"`);
    return id === undefined ? null : errorResponse(id, error);
  }

  return (request, context) => {
    const method = byName.get(request.method);
    if (method === undefined) return unknownMethod(request, [...byName.keys()]);
    try {
      const result: unknown = method.handle(context, parseParams(method, request.params));
      if (!(result instanceof Promise)) return resultResponse(request, result);
      return result.then(
        (value: unknown) => resultResponse(request, value),
        (error: unknown) => failed(request, error),
      );
    } catch (error) {
      return failed(request, error);
    }
  };
}

function unknownMethod({ method, id }: RpcRequest, names: readonly string[]): RpcResponse | null {
  if (id === undefined) return null;
  const nearest = nearestName(method, names);
  const hint = nearest === null ? 'rpc_methods lists all methods.' : `Did you mean "${nearest}"?`;
  return errorResponse(
    id,
    new SynodError('METHOD_NOT_FOUND', `There is no method "${method.slice(0, 64)}". ${hint}`, { facts: { hint } }),
  );
}

function resultResponse({ id }: RpcRequest, result: unknown): RpcResponse | null {
  return id === undefined ? null : { jsonrpc: '2.0', id, result: result === undefined ? null : result };
}

function responseText(response: RpcResponse | null): string | null {
  return response === null ? null : JSON.stringify(response);
}

/** What keeps a value from being a request object, or null. */
function requestProblem(request: unknown): string | null {
  if (request === null || typeof request !== 'object' || Array.isArray(request)) return 'A request is a JSON object.';
  const { jsonrpc, method, params, id, result, error } = request as Record<string, unknown>;
  if (jsonrpc !== '2.0') return 'A request says "jsonrpc": "2.0".';
  if (typeof method !== 'string') return 'A request names its method as a string.';
  if (params !== undefined && (params === null || typeof params !== 'object'))
    return 'params is an object (by name) or an array (by position).';
  if (id !== undefined && id !== null && typeof id !== 'string' && typeof id !== 'number')
    return 'id is a string, a number or null.';
  if (result !== undefined || error !== undefined) return 'A request has neither result nor error.';
  return null;
}

function idOf(request: unknown): RpcId {
  const id = request !== null && typeof request === 'object' ? (request as Record<string, unknown>)['id'] : null;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

function isNotification(request: unknown): boolean {
  return requestProblem(request) === null && (request as Record<string, unknown>)['id'] === undefined;
}

/** The response that carries an error, of any origin. */
export function errorResponse(id: RpcId, error: unknown): RpcResponse {
  return { jsonrpc: '2.0', id, error: toRpcError(error) };
}

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

/** One for all: to make it costs more than to decode a request. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads strict UTF-8 JSON; a body that is not both is a verdict, not a throw. */
export function parseJson(body: Uint8Array): Parsed {
  let text: string;
  try {
    text = strictUtf8.decode(body);
  } catch {
    // TextDecoder's only way to say "not UTF-8".
    return { ok: false, problem: 'The body is not UTF-8 text. Encode it as UTF-8.' };
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    // JSON.parse's only way to say "not JSON"; its message quotes the body, which may be large.
    return { ok: false, problem: 'The body is not JSON. Check brackets, quotes and commas.' };
  }
}
