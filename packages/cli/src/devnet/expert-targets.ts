/** Which experts are meant: by name, by address, all of a node, or all. Owns the look-up on the running chain. */
import { SynodError } from '@synod/chain';
import { createNodeClient } from '../rpc/node-client.ts';
import { nearest } from '../settings/nearest.ts';
import type { Fleet } from './fleet.ts';
import { rpcUrlOf } from './layout.ts';

const REQUEST_TIMEOUT_MS = 2_000;
const SHOWN_MAX = 8;

export type ExpertTarget = { readonly node: string; readonly expert: string; readonly name: string };

/** Experts that nodes of the devnet host. Throws `NOT_FOUND` with the nearest name. */
export async function resolveExperts(
  fleet: Fleet,
  { node, expert }: { readonly node?: string | undefined; readonly expert?: string | undefined },
): Promise<readonly ExpertTarget[]> {
  const hosted = await hostedExperts(fleet);
  const found = hosted.filter((one) => {
    return (node ?? one.node) === node || node === undefined
      ? expert === undefined || one.name === expert || one.expert === expert
      : false;
  });
  if (found.length > 0) return found;
  const names = hosted.filter((one) => node === undefined || one.node === node).map(({ name }) => name);
  const near = expert === undefined ? null : nearest(expert, names);
  const shown =
    names.length === 0 ? 'none' : `${names.slice(0, SHOWN_MAX).join(', ')}${names.length > SHOWN_MAX ? ', …' : ''}`;
  const where = node === undefined ? 'This devnet' : node;
  throw new SynodError(
    'NOT_FOUND',
    `${where} has no expert${expert === undefined ? '' : ` "${expert}"`}. ${near === null ? `There are: ${shown}.` : `Did you mean ${near}?`}`,
    { facts: { expert: expert ?? null, node: node ?? null } },
  );
}

/** Every expert that a running node hosts, with its name on chain. */
export async function hostedExperts(fleet: Fleet): Promise<readonly ExpertTarget[]> {
  const running = fleet.running().map(({ place }) => ({
    node: place.name,
    client: createNodeClient(rpcUrlOf(place), REQUEST_TIMEOUT_MS),
  }));
  const lists = await Promise.all(running.map(({ client }) => client.experts().catch(() => [])));
  const nameOf = new Map(lists.flat().map(({ address, name }) => [address, name]));
  const hosted = await Promise.all(
    running.map(async ({ node, client }) => {
      const experts = await client.status().then(
        (status) => status.experts,
        // It does not answer: what it hosts cannot be told a fault either.
        () => [],
      );
      return experts.map((expert) => ({ node, expert, name: nameOf.get(expert) ?? expert }));
    }),
  );
  return hosted.flat();
}
