/**
 * The network port over libp2p: gossip, direct messages, and who is connected. Owns the making of a node from its parts;
 * what runs is running-network.ts, what messages say is the host's. libp2p is some 500 modules: it is loaded by the first node that is made.
 */
import { scopeOf, withoutPeer } from './address-rules.ts';
import { ConnectionGate } from './connection-gate.ts';
import type { SynodLibp2p } from './libp2p-options.ts';
import { NETWORK_LIMITS, type NetworkLimits } from './network-limits.ts';
import type { Libp2pNetwork, Libp2pNetworkOptions } from './network-options.ts';
import { PeerDesk } from './peer-desk.ts';
import { keyPairBytes, peerIdOfSeed } from './peer-id.ts';

/**
 * Starts a libp2p node and keeps it connected. Throws `LISTEN_FAILED` when the address cannot be listened on.
 */
export async function createLibp2pNetwork(options: Libp2pNetworkOptions): Promise<Libp2pNetwork> {
  const { chainId, networkId = chainId, listen, announce = [], mdns = false, dht = false, nat = [] } = options;
  const limits: NetworkLimits = { ...NETWORK_LIMITS, ...options.limits };
  const scope = options.scope ?? scopeOf(listen, announce);
  const { privateKeyFromRaw } = await import('@libp2p/crypto/keys');
  const { createNode, GOSSIP_TOPICS } = await import('./libp2p-options.ts');
  const { RunningNetwork, topicName } = await import('./running-network.ts');
  let node: SynodLibp2p | null = null;
  const desk = new PeerDesk({
    options,
    limits,
    scope,
    ownPeer: peerIdOfSeed(options.privateKeySeed),
    ownAddresses: () => node?.getMultiaddrs().map((address) => withoutPeer(address.toString())) ?? [],
  });
  const gate = new ConnectionGate({
    limits,
    isLoopbackNetwork: scope === 'loopback',
    isProtected: (peer) => desk.isProtected(peer),
    isBanned: (peerOrIp) => desk.isBanned(peerOrIp),
    mayDial: (address) => desk.mayDial(address),
    connections: () => node?.getConnections() ?? [],
    onRefused: (reason) => desk.onRefused(reason),
  });
  node = await createNode({
    privateKey: privateKeyFromRaw(keyPairBytes(options.privateKeySeed)),
    listen,
    announce,
    topics: GOSSIP_TOPICS.map((topic) => topicName(chainId, topic)),
    discovery: { networkId, mdns, dht, nat, scope, limits },
    gater: gate.gater(),
  });
  const started = node;
  const running = new RunningNetwork({ node, desk, gate, limits, options });
  await running.start();
  return {
    network: running,
    peerId: started.peerId.toString(),
    multiaddrs: () => started.getMultiaddrs().map(String),
    peers: () => running.peers(),
    report: () => desk.report(),
    knownAddresses: () => desk.reachedAddresses(),
    connect: (address) => running.connect(address),
    disconnect: (peer) => running.disconnect(peer),
    stop: () => running.stop(),
  };
}
