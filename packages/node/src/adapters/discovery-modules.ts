/**
 * The parts of libp2p that find peers and get through NATs, each loaded only when it is asked for. Owns their settings;
 * what is done with found peers is peer-finder.ts's.
 */

import { MemoryDatastore } from 'datastore-core/memory';
import { type AddressScope, isUsable } from './address-rules.ts';
import type { NetworkLimits } from './network-limits.ts';
import type { NatHelper } from './network-settings.ts';

export type DiscoverySettings = {
  /** Names the chain, so that peers of others are not found. */
  readonly networkId: string;
  readonly mdns: boolean;
  readonly dht: boolean;
  readonly nat: readonly NatHelper[];
  readonly scope: AddressScope;
  readonly limits: NetworkLimits;
};

type Services = Record<string, (components: never) => unknown>;
type Key = Parameters<MemoryDatastore['put']>[0];

/** Additions to the options of a libp2p node. */
export type DiscoveryModules = {
  readonly services: Services;
  readonly peerDiscovery: readonly ((components: never) => unknown)[];
  readonly transports: readonly ((components: never) => unknown)[];
  /** Listened on besides the node's own address. */
  readonly listen: readonly string[];
};

/** Protocol of the table of peers, one for each chain. */
export function dhtProtocol(networkId: string): string {
  return `/synod/${networkId}/kad/1.0.0`;
}

/** Name under which the nodes of one chain call each other on a LAN; 63 characters at most are a label. */
export function mdnsServiceTag(networkId: string): string {
  return `_synod-${networkId
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .slice(0, 48)}._udp.local`;
}

export async function discoveryModules(settings: DiscoverySettings): Promise<DiscoveryModules> {
  const services: Services = {};
  if (settings.dht) services['dht'] = await dhtService(settings);
  const peerDiscovery = settings.mdns ? [await mdnsDiscovery(settings)] : [];
  const isRelayed = settings.nat.includes('relay');
  for (const helper of settings.nat) Object.assign(services, await natServices(helper));
  const transports = isRelayed ? [(await import('@libp2p/circuit-relay-v2')).circuitRelayTransport()] : [];
  return { services, peerDiscovery, transports, listen: isRelayed ? ['/p2p-circuit'] : [] };
}

async function dhtService({ networkId, scope, limits }: DiscoverySettings): Promise<(components: never) => unknown> {
  const { kadDHT } = await import('@libp2p/kad-dht');
  return kadDHT({
    protocol: dhtProtocol(networkId),
    clientMode: false,
    allowQueryWithZeroPeers: true,
    maxInboundStreams: limits.dhtStreamsMax,
    maxOutboundStreams: limits.dhtStreamsMax,
    validators: { pk: refuseRecord, ipns: refuseRecord },
    peerInfoMapper: (peer) => ({
      ...peer,
      multiaddrs: peer.multiaddrs
        .filter((address) => isUsable(scope, address.toString()))
        .slice(0, limits.addressesPerPeerMax),
    }),
  });
}

/** The table finds peers; it stores nothing for anybody. */
function refuseRecord(): void {
  throw new Error('this network keeps no records in its table of peers');
}

async function mdnsDiscovery({ networkId }: DiscoverySettings): Promise<(components: never) => unknown> {
  const { mdns } = await import('@libp2p/mdns');
  return mdns({ serviceTag: mdnsServiceTag(networkId) });
}

async function natServices(helper: NatHelper): Promise<Services> {
  switch (helper) {
    case 'upnp':
      return { upnp: (await import('@libp2p/upnp-nat')).uPnPNAT({ portMappingDescription: 'synod' }) };
    case 'autonat':
      return { autonat: (await import('@libp2p/autonat')).autoNAT() };
    case 'relay':
      return { dcutr: (await import('@libp2p/dcutr')).dcutr() };
    case 'relay-server':
      return { relay: (await import('@libp2p/circuit-relay-v2')).circuitRelayServer() };
  }
}

/** libp2p's memory of peers: the record longest unchanged is forgotten first, and nothing is stored for the table. */
export class BoundedRecords extends MemoryDatastore {
  readonly #max: number;
  readonly #order = new Map<string, Key>();

  constructor(max: number) {
    super();
    this.#max = max;
  }

  get size(): number {
    return this.#order.size;
  }

  override put(key: Key, value: Uint8Array): Key {
    const name = key.toString();
    if (name.startsWith('/dht')) return key;
    this.#order.delete(name);
    this.#order.set(name, key);
    super.put(key, value);
    if (this.#order.size > this.#max) this.delete(this.#order.values().next().value!);
    return key;
  }

  override delete(key: Key): void {
    this.#order.delete(key.toString());
    void super.delete(key);
  }
}
