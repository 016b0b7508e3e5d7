/**
 * The network port over libp2p: gossip, direct messages, and who is connected. Owns the making of a node from its parts;
 * what runs is running-network.ts, what messages say is the host's.
 */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import type { PeerId } from '../host/ports.ts';
import { scopeOf, withoutPeer } from './address-rules.ts';
import { ConnectionGate } from './connection-gate.ts';
import { createNode, GOSSIP_TOPICS, type SynodLibp2p } from './libp2p-options.ts';
import { NETWORK_LIMITS, type NetworkLimits } from './network-limits.ts';
import type { Libp2pNetwork, Libp2pNetworkOptions } from './network-options.ts';
import { PeerDesk } from './peer-desk.ts';
import { RunningNetwork, topicName } from './running-network.ts';

/** Peer id that a seed gives, without starting anything. */
export async function peerIdOfSeed(privateKeySeed: Uint8Array): Promise<PeerId> {
  const key = await generateKeyPairFromSeed('Ed25519', privateKeySeed);
  return key.publicKey.toString();
}

/**
 * Starts a libp2p node and keeps it connected. Throws `LISTEN_FAILED` when the address cannot be listened on.
 */
export async function createLibp2pNetwork(options: Libp2pNetworkOptions): Promise<Libp2pNetwork> {
  const { chainId, networkId = chainId, listen, announce = [], mdns = false, dht = false, nat = [] } = options;
  const limits: NetworkLimits = { ...NETWORK_LIMITS, ...options.limits };
  const scope = options.scope ?? scopeOf(listen, announce);
  let node: SynodLibp2p | null = null;
  const desk = new PeerDesk({
    options,
    limits,
    scope,
    ownPeer: await peerIdOfSeed(options.privateKeySeed),
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
    privateKey: await generateKeyPairFromSeed('Ed25519', options.privateKeySeed),
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
