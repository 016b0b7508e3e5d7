/** `node_*`: the state of the node that answers. */
import { z } from 'zod';
import { HeadJson, headJson } from '../json/block.ts';
import { AddressText, Count, Decimal, decimal, HexHash, hexOf } from '../json/scalars.ts';
import type { NodeStatus } from '../node-api.ts';
import { defineMethod } from './method.ts';
import { page, pageOf, pageParams } from './paging.ts';

export const nodeStatus = defineMethod({
  name: 'node_status',
  summary: 'Version, chain, head, role, peers, worker and warnings of this node.',
  access: 'read',
  params: z.strictObject({}),
  result: z.strictObject({
    version: z.string(),
    chainId: z.string(),
    genesisHash: HexHash,
    devnet: z.boolean(),
    name: z.string(),
    head: HeadJson,
    finalized: HeadJson,
    syncing: z.boolean(),
    role: z.enum(['validator', 'observer']),
    roleReason: z.string().nullable(),
    operator: AddressText.nullable(),
    /** The consensus key this node signs with now; null where it holds none. */
    signingKey: HexHash.nullable(),
    experts: z.array(AddressText),
    peers: Count,
    round: Count,
    mempoolTransactions: Count,
    openQueries: Count,
    worker: z.strictObject({
      state: z.enum(['starting', 'ready', 'down', 'off']),
      model: z.string().nullable(),
      modelHash: z.string().nullable(),
      queued: Count,
    }),
    warnings: z.array(z.string()),
  }),
  handle: ({ api }) => {
    const status = api.status();
    return {
      version: status.version,
      chainId: status.chainId,
      genesisHash: hexOf(status.genesisHash),
      devnet: status.devnet,
      name: status.name,
      head: headJson(status.head),
      finalized: headJson(status.finalized),
      syncing: status.syncing,
      role: status.role,
      roleReason: status.roleReason,
      operator: status.operator,
      signingKey: status.signingKey === null ? null : hexOf(status.signingKey),
      experts: [...status.experts],
      peers: status.peers,
      // Between two heights there is none under way.
      round: Math.max(0, status.round),
      mempoolTransactions: status.mempoolTransactions,
      openQueries: status.openQueries,
      worker: {
        state: status.worker.state,
        model: status.worker.model,
        modelHash: status.worker.modelHash,
        queued: status.worker.queued,
      },
      warnings: [...status.warnings],
    };
  },
});

/** Why the node should not be sent traffic yet, or null when it should. */
export function unreadyReason(status: NodeStatus): string | null {
  if (status.syncing) return `catching up with the chain, at height ${status.head.height}`;
  if (status.head.height < 1) return 'no block has been decided yet';
  return null;
}

export const nodeHealth = defineMethod({
  name: 'node_health',
  summary: 'Whether the node is ready to answer, and why not.',
  access: 'read',
  params: z.strictObject({}),
  result: z.strictObject({ ready: z.boolean(), reason: z.string().nullable(), warnings: z.array(z.string()) }),
  handle: ({ api }) => {
    const status = api.status();
    const reason = unreadyReason(status);
    return { ready: reason === null, reason, warnings: [...status.warnings] };
  },
});

export const nodePeers = defineMethod({
  name: 'node_peers',
  summary: 'The connected peers.',
  access: 'read',
  params: z.strictObject(pageParams),
  result: pageOf(
    z.strictObject({
      peerId: z.string(),
      address: z.string(),
      direction: z.enum(['inbound', 'outbound']),
      penalty: z.number(),
      gossipScore: z.number(),
      operator: AddressText.nullable(),
      height: Decimal.nullable(),
    }),
  ),
  handle: ({ api }, params) => {
    const { items, nextCursor } = page(api.peers(), { ...params, keyOf: (peer) => peer.peerId });
    return {
      items: items.map((peer) => ({
        peerId: peer.peerId,
        address: peer.address,
        direction: peer.direction,
        penalty: peer.penalty,
        gossipScore: peer.gossipScore,
        operator: peer.operator,
        height: peer.height === null ? null : decimal(peer.height),
      })),
      nextCursor,
    };
  },
});

export const nodeAddresses = defineMethod({
  name: 'node_addresses',
  summary: 'Where this node and others of its network can be dialled, for a node that wants to join.',
  access: 'read',
  params: z.strictObject({}),
  result: z.strictObject({ peerId: z.string(), own: z.array(z.string()), others: z.array(z.string()) }),
  handle: ({ api }) => {
    const { peerId, own, others } = api.addresses();
    return { peerId, own: [...own], others: [...others] };
  },
});

const Retention = z.strictObject({ oldestHeight: Decimal });

export const nodeCapabilities = defineMethod({
  name: 'node_capabilities',
  summary: 'What this node can answer: how far back each resource goes, and its limits.',
  access: 'read',
  params: z.strictObject({}),
  result: z.strictObject({
    blocks: Retention,
    commits: Retention,
    devnetSigning: z.boolean(),
    limits: z.strictObject({
      bodyBytesMax: Count,
      batchItemsMax: Count,
      batchResponseBytesMax: Count,
      pageItemsMax: Count,
      subscriptionsPerConnectionMax: Count,
    }),
  }),
  handle: ({ api, limits }) => {
    const oldestHeight = decimal(api.oldestHeight());
    return {
      blocks: { oldestHeight },
      commits: { oldestHeight },
      devnetSigning: api.status().devnet,
      limits: {
        bodyBytesMax: limits.bodyBytesMax,
        batchItemsMax: limits.batchItemsMax,
        batchResponseBytesMax: limits.batchResponseBytesMax,
        pageItemsMax: limits.pageItemsMax,
        subscriptionsPerConnectionMax: limits.subscriptionsPerConnectionMax,
      },
    };
  },
});
