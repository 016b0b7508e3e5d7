/** Looks up what was searched for, and says where it is. Owns the order of asking; reading the text is search.ts. */
import { callRpc } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { allPages } from '../../data/all-pages.ts';
import { pathTo } from '../../ui/values.tsx';
import { matchNames, readSearch } from './search.ts';

export type Found =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'place'; readonly to: string }
  | {
      readonly kind: 'choice';
      readonly experts: readonly { readonly name: string; readonly domain: string; readonly to: string }[];
    }
  /** A sentence that says what was looked for and what to try. */
  | { readonly kind: 'missing'; readonly why: string };

/** Never throws but for a node that does not answer and a signal that aborts. */
export async function findPlace(text: string, signal: AbortSignal): Promise<Found> {
  const term = readSearch(text);
  switch (term.kind) {
    case 'empty':
      return { kind: 'nothing' };
    case 'invalid':
      return { kind: 'missing', why: term.why };
    case 'height':
      return findHeight(term.height, signal);
    case 'hash':
      return findHash(term.hash, signal);
    case 'address':
      return findAddress(term.address, signal);
    case 'name':
      return findName(term.name, signal);
  }
}

async function findHeight(height: string, signal: AbortSignal): Promise<Found> {
  try {
    await callRpc('chain_getBlock', { height }, signal);
    return { kind: 'place', to: pathTo.block(height) };
  } catch (error) {
    return { kind: 'missing', why: whyMissing(error) };
  }
}

/** A query's id is that of the transaction that opened it: the query says more, so it goes first. */
async function findHash(hash: string, signal: AbortSignal): Promise<Found> {
  const places = await Promise.all([
    exists(() => callRpc('query_get', { queryId: hash }, signal), pathTo.query(hash)),
    exists(() => callRpc('tx_get', { id: hash }, signal), pathTo.tx(hash)),
    exists(() => callRpc('chain_getBlock', { hash }, signal), pathTo.block(hash)),
    roundPlace(hash, signal),
  ]);
  const to = places.find((place) => place !== null);
  if (to != null) return { kind: 'place', to };
  const why =
    'This node knows no block, transaction, question or training round of this hash. It may be too new, or no longer kept here.';
  return { kind: 'missing', why };
}

async function roundPlace(round: string, signal: AbortSignal): Promise<string | null> {
  try {
    const { domain } = await callRpc('model_getRound', { round }, signal);
    return `/learning?domain=${encodeURIComponent(domain)}`;
  } catch (error) {
    return unlessUnreachable(error);
  }
}

async function findAddress(address: string, signal: AbortSignal): Promise<Found> {
  try {
    await callRpc('state_getAccount', { address }, signal);
    return { kind: 'place', to: pathTo.account(address) };
  } catch (error) {
    return { kind: 'missing', why: whyMissing(error) };
  }
}

async function findName(name: string, signal: AbortSignal): Promise<Found> {
  const { items } = await allPages((cursor) =>
    callRpc('expert_list', { limit: 100, ...(cursor === null ? {} : { cursor }) }, signal),
  );
  const found = matchNames(items, name);
  const [first] = found;
  if (first === undefined) {
    const why = `No expert has “${name}” in its name. Heights are digits, hashes begin with 0x, addresses with syn1.`;
    return { kind: 'missing', why };
  }
  if (found.length === 1) return { kind: 'place', to: pathTo.expert(first.address) };
  return {
    kind: 'choice',
    experts: found.map((expert) => ({ name: expert.name, domain: expert.domain, to: pathTo.expert(expert.address) })),
  };
}

async function exists(ask: () => Promise<unknown>, to: string): Promise<string | null> {
  try {
    await ask();
    return to;
  } catch (error) {
    return unlessUnreachable(error);
  }
}

/** Null for "not here"; what says nothing about the thing is thrown on. */
function unlessUnreachable(error: unknown): null {
  const { code } = problemOf(error);
  if (code === 'RPC_UNREACHABLE' || code === 'RPC_TIMEOUT' || code === 'PAGE_FAILED') throw error;
  return null;
}

function whyMissing(error: unknown): string {
  unlessUnreachable(error);
  const { what, next } = problemOf(error);
  return next === null ? what : `${what} ${next}`;
}
