/** What a node says of itself in one look: chain, head, role, worker, warnings. Owns the choice of facts; warnings.ts owns the words. */
import type { Hash, Height, TimestampMs } from '@synod/chain';
import type { Host } from '../host/index.ts';
import type { NodeFacts } from './node-facts.ts';
import { warningsOf } from './warnings.ts';

/** The newest block; before the first that is genesis. */
function headInfo(
  { head }: Host,
  { genesis, genesisHash }: NodeFacts,
): { readonly height: Height; readonly hash: Hash; readonly time: TimestampMs } {
  const { height, blockId, header } = head;
  return { height, hash: height === 0 ? genesisHash : blockId, time: header?.time ?? genesis.time };
}

/** Of this moment. */
export function nodeStatus(host: Host, facts: NodeFacts) {
  const { genesis, genesisHash, name, version, operator, experts } = facts;
  const { state, info, queued } = facts.worker();
  const head = headInfo(host, facts);
  const { observerReason } = host;
  return {
    version,
    name,
    chainId: genesis.chainId,
    genesisHash,
    devnet: genesis.devnet,
    head,
    finalized: head,
    syncing: host.sync.isBehind(),
    role: observerReason === null ? ('validator' as const) : ('observer' as const),
    roleReason: observerReason,
    operator,
    signingKey: host.signingKey,
    experts,
    peers: facts.peers().length,
    round: host.runner.state?.machine.round ?? -1,
    mempoolTransactions: host.mempool.size,
    openQueries: host.queries.open.size,
    worker: { state, model: info?.name ?? null, modelHash: info?.hash ?? null, queued },
    warnings: warningsOf(host, facts, head.time),
  };
}
