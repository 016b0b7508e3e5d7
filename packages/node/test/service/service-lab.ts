/** A node's service over a node of the lab, driven in virtual time. Owns what such a service is told of a process that is none. */
import { genesisHash } from '@synod/chain';
import type { NodeFacts } from '../../src/service/node-facts.ts';
import { NodeService } from '../../src/service/node-service.ts';
import { QueryRouter } from '../../src/service/query-router.ts';
import type { Lab } from '../host/lab.ts';

/** The service of a node, the first unless told otherwise, with these facts instead of those of a node without peers, worker and accounts. */
export function serviceOf(lab: Lab, facts: Partial<NodeFacts> = {}, index = 0): NodeService {
  const { host, store } = lab.nodes[index]!;
  return new NodeService(host!, store, { ...factsOf(lab), ...facts });
}

/** What is so of the first node: no peers, no worker, no accounts. */
export function factsOf(lab: Lab): NodeFacts {
  return {
    name: 'val-0',
    version: '0.1.0',
    genesis: lab.genesis,
    genesisHash: genesisHash(lab.genesis),
    operator: lab.nodes[0]!.operator,
    experts: [],
    devAccounts: [],
    peers: () => [],
    network: () => ({ bans: {}, bannedNow: 0, dialFailures: 0, refused: {}, knownPeers: 0 }),
    addresses: () => ({ peerId: '', own: [], others: [] }),
    worker: () => ({ state: 'off', info: undefined, queued: 0 }),
    cards: { hosted: [], knowledge: new Map(), model: () => undefined },
    router: new QueryRouter({
      ask: () => Promise.reject(new Error('there is no worker')),
      cancel: () => undefined,
      workerState: () => 'off',
    }),
    nowMs: () => lab.nowMs,
  };
}

/** Runs the lab until the condition holds, and tells the service what its host does, for at most this virtual time. */
export function runnerOf(lab: Lab, service: NodeService, virtualMsMax: number): (isDone: () => boolean) => void {
  const { events } = lab.nodes[0]!;
  let told = 0;
  return (isDone) => {
    lab.runUntil(() => {
      for (; told < events.length; told++) service.onHostEvent(events[told]!);
      return isDone();
    }, virtualMsMax);
  };
}
