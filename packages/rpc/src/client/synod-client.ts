/**
 * A typed client of the JSON-RPC surface over fetch. Types come from the server's zod schemas; nothing of the server is loaded.
 * Never repeats a request by itself: the caller knows whether asking twice is safe.
 */
import { type ErrorFacts, SynodError } from '@synod/chain/errors';
import type { QueryEventJson } from '../json/query.ts';
import type { RpcMethodMap, RpcMethodName } from '../methods/registry.ts';
import { readEventData } from './event-source.ts';
import { readBody } from './read-body.ts';

export type SynodClientOptions = {
  /** Base URL of a node, e.g. http://127.0.0.1:9545. */
  readonly url: string;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Longest wait for one answer; default 30 s. Following a query has no limit but its signal and `silenceMs`. */
  readonly timeoutMs?: number | undefined;
  /** Longest silence of a node while a query is followed; it sends a comment every 5 s. Default 20 s. */
  readonly silenceMs?: number | undefined;
};

type Params<Name extends RpcMethodName> = RpcMethodMap[Name]['params'];
type Result<Name extends RpcMethodName> = RpcMethodMap[Name]['result'];
/** Parameters may be left out where none is required. */
type Arguments<Name extends RpcMethodName> =
  Record<never, never> extends Params<Name> ? [params?: Params<Name>] : [params: Params<Name>];

export type FollowQueryOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Opens the texts of a private query. */
  readonly readKey?: string | null | undefined;
};

export type SynodClient = {
  readonly url: string;
  /**
   * Calls a method by name. Throws `SynodError`: `RPC_UNREACHABLE`, `RPC_TIMEOUT`, `RPC_RESPONSE_INVALID`, or the server's own
   * `data.name` with the facts of its `data`, and `rpcCode`.
   */
  call<Name extends RpcMethodName>(name: Name, ...params: Arguments<Name>): Promise<Result<Name>>;
  /** Events of a query from its beginning to `final` or `failed`, or until the signal or the server's bound ends it. */
  followQuery(queryId: string, options?: FollowQueryOptions): AsyncGenerator<QueryEventJson>;
};

/** Creates a client; nothing is sent before the first call. */
export function createSynodClient(options: SynodClientOptions): SynodClient {
  const url = options.url.replace(/\/+$/, '');
  const timeoutMs = options.timeoutMs ?? 30_000;
  const silenceMs = options.silenceMs ?? 20_000;
  const send = options.fetch ?? globalThis.fetch;

  return {
    url,
    async call(name, ...[params]) {
      return (await callRpc(name, params ?? {}, { url, timeoutMs, headers: {}, send })) as never;
    },
    async *followQuery(queryId, { signal, readKey } = {}) {
      const silence = new AbortController();
      const watched = () => setTimeout(() => silence.abort(), silenceMs);
      let watch = watched();
      const either = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
      try {
        const response = await send(`${url}/v1/queries/${encodeURIComponent(queryId)}/events`, {
          signal: either,
          ...(readKey == null ? {} : { headers: { 'x-synod-read-key': readKey } }),
        });
        if (!response.ok || response.body === null) throw openAiError(await readJson(response, url, timeoutMs), url);
        // A browser's timer cannot be refreshed.
        const onChunk = () => {
          clearTimeout(watch);
          watch = watched();
        };
        for await (const data of readEventData(response.body, onChunk)) yield JSON.parse(data) as QueryEventJson;
      } catch (cause) {
        if (signal?.aborted === true) return;
        if (silence.signal.aborted) throw timeoutError(cause, url, silenceMs);
        throw cause instanceof SynodError ? cause : sendError(cause, url, timeoutMs);
      } finally {
        clearTimeout(watch);
      }
    },
  };
}

/** What a node may call an error, and say of it: whoever answers is not always a friend. */
const ERROR_NAME = /^[A-Z][A-Z0-9_]{0,63}$/;
const MESSAGE_CHARACTERS_MAX = 2_000;

export type RpcTransport = {
  readonly url: string;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly send: typeof globalThis.fetch;
};

/** One JSON-RPC request and its result. Throws as `SynodClient.call` does. */
export async function callRpc(
  method: string,
  params: object,
  { url, timeoutMs, headers, send }: RpcTransport,
): Promise<unknown> {
  let response: Response;
  try {
    response = await send(`${url}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    throw sendError(cause, url, timeoutMs);
  }
  return resultOf(await readJson(response, url, timeoutMs), url);
}

async function readJson(response: Response, url: string, timeoutMs: number): Promise<unknown> {
  let text: string | null;
  try {
    text = await readBody(response);
  } catch (cause) {
    throw sendError(cause, url, timeoutMs);
  }
  if (text === null) throw notSynod(url, { facts: { status: response.status } });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notSynod(url, { cause, facts: { status: response.status } });
  }
}

function resultOf(answer: unknown, url: string): unknown {
  const { result, error } = asObject(answer);
  if (error === undefined) {
    if (result === undefined) throw notSynod(url, {});
    return result;
  }
  const { code, message, data } = asObject(error);
  const { name, ...facts } = asObject(data);
  throw new SynodError(
    typeof name === 'string' && ERROR_NAME.test(name) ? name : 'RPC_ERROR',
    String(message ?? 'The node refused the request.').slice(0, MESSAGE_CHARACTERS_MAX),
    {
      facts: { ...scalarFacts(facts), rpcCode: typeof code === 'number' ? code : null },
    },
  );
}

function openAiError(answer: unknown, url: string): SynodError {
  const { code, message } = asObject(asObject(answer)['error']);
  if (typeof code !== 'string' || typeof message !== 'string') return notSynod(url, {});
  return new SynodError(code.toUpperCase(), message);
}

function sendError(cause: unknown, url: string, timeoutMs: number): SynodError {
  if (cause instanceof Error && cause.name === 'TimeoutError') return timeoutError(cause, url, timeoutMs);
  return new SynodError(
    'RPC_UNREACHABLE',
    `No node answers at ${url}. Start one with "synod devnet", or point elsewhere with --rpc URL or SYNOD_RPC_URL.`,
    {
      facts: { url },
      cause,
    },
  );
}

function timeoutError(cause: unknown, url: string, timeoutMs: number): SynodError {
  const message = `${url} did not answer within ${timeoutMs} ms. It may still act on the request; look before asking again.`;
  return new SynodError('RPC_TIMEOUT', message, { facts: { url, timeoutMs }, cause });
}

function notSynod(url: string, options: { readonly cause?: unknown; readonly facts?: ErrorFacts }): SynodError {
  return new SynodError(
    'RPC_RESPONSE_INVALID',
    `${url} does not answer as a Synod node does. Check the URL and the port.`,
    {
      facts: { url, ...options.facts },
      cause: options.cause,
    },
  );
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' ? (value as Readonly<Record<string, unknown>>) : {};
}

function scalarFacts(facts: Readonly<Record<string, unknown>>): ErrorFacts {
  return Object.fromEntries(
    Object.entries(facts).filter(
      (entry): entry is [string, string | number | boolean | null] =>
        entry[1] === null || ['string', 'number', 'boolean'].includes(typeof entry[1]),
    ),
  );
}
