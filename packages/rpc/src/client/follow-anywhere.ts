/**
 * Follows a query to its end although the node that opened it dies: it goes on with the next one. Owns when a node counts as
 * gone and when a query was never opened; each node's events are synod-client.ts.
 */
import { SynodError } from '@synod/chain/errors';
import type { QueryEventJson } from '../json/query.ts';
import type { FollowQueryOptions, SynodClient } from './synod-client.ts';

const limits = {
  /** Pause after every node was asked in vain. */
  pauseMs: 500,
} as const;

/** What a node that cannot tell the query's end says; anything else is told to the caller. */
const goneCodes: ReadonlySet<string> = new Set(['RPC_UNREACHABLE', 'RPC_TIMEOUT', 'RPC_RESPONSE_INVALID']);
const unknownCodes: ReadonlySet<string> = new Set(['QUERY_UNKNOWN', 'UNKNOWN', 'NOT_FOUND']);

export type FollowAnywhere = {
  readonly signal: AbortSignal;
  /** Last height at which a block could open the query, as `query_submit` told. */
  readonly validUntil: number;
  /** Opens the texts of a private query, at the first of the nodes; the others hold none and are not told it. */
  readonly readKey?: string | null;
  /** Called before another node is asked; `reason` is the code of what the one before said. */
  readonly onMove?: (move: { readonly from: string; readonly to: string; readonly reason: string }) => void;
};

/**
 * Events until `final` or `failed`, or until the signal ends it; a node that is taken up later tells the query's course again.
 * Throws `QUERY_NOT_OPENED` once a node above `validUntil` knows no such query, and what the last node said when all are gone.
 */
export async function* followAnywhere(
  clients: readonly SynodClient[],
  queryId: string,
  { signal, validUntil, readKey = null, onMove }: FollowAnywhere,
): AsyncGenerator<QueryEventJson> {
  const moved = new Set<string>();
  while (!signal.aborted) {
    let gone = 0;
    for (const [index, client] of clients.entries()) {
      if (await wasNeverOpened(client, queryId, validUntil)) throw notOpened(queryId, client.url, validUntil);
      const problem = yield* followOne(client, queryId, { signal, readKey: index === 0 ? readKey : null });
      if (problem === null || signal.aborted) return;
      if (goneCodes.has(problem.code)) gone += 1;
      if (gone === clients.length) throw problem;
      const to = clients[(index + 1) % clients.length]?.url ?? client.url;
      if (to !== client.url && !moved.has(client.url)) onMove?.({ from: client.url, to, reason: problem.code });
      moved.add(client.url);
    }
    await pause(signal);
  }
}

/** Null after the query's end; else why the node cannot tell it. */
async function* followOne(
  client: SynodClient,
  queryId: string,
  options: FollowQueryOptions,
): AsyncGenerator<QueryEventJson, SynodError | null> {
  try {
    for await (const event of client.followQuery(queryId, options)) {
      yield event;
      if (event.kind === 'final' || event.kind === 'failed') return null;
    }
  } catch (error) {
    if (!(error instanceof SynodError) || !(goneCodes.has(error.code) || unknownCodes.has(error.code))) throw error;
    return error;
  }
  return new SynodError('RPC_UNREACHABLE', `${client.url} ended the stream before the query was settled.`);
}

/** The height is asked first: a block that comes in between can only make the query known. */
async function wasNeverOpened(client: SynodClient, queryId: string, validUntil: number): Promise<boolean> {
  try {
    const { height } = await client.call('chain_getHead');
    if (Number(height) <= validUntil) return false;
    await client.call('query_get', { queryId });
    return false;
  } catch (error) {
    if (!(error instanceof SynodError)) throw error;
    return unknownCodes.has(error.code);
  }
}

function notOpened(queryId: string, url: string, validUntil: number): SynodError {
  return new SynodError(
    'QUERY_NOT_OPENED',
    `The query never reached a block, and none can take it any more (it was valid until block ${validUntil}). Nothing was charged; ask again.`,
    { facts: { queryId, url, validUntil } },
  );
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, limits.pauseMs);
    signal.addEventListener('abort', done, { once: true });
  });
}
