/** Real libp2p nodes on loopback, and strangers that speak the protocols as they like. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2pNetwork } from '../../src/adapters/libp2p-network.ts';
import { createNode } from '../../src/adapters/libp2p-options.ts';
import { NETWORK_LIMITS } from '../../src/adapters/network-limits.ts';
import type { Libp2pNetwork, Libp2pNetworkOptions } from '../../src/adapters/network-options.ts';
import { peerIdOfSeed } from '../../src/adapters/peer-id.ts';
import type { GossipTopic, GossipVerdict, HostInput, PeerId } from '../../src/host/ports.ts';

export const quiet = { debug() {}, info() {}, warn() {} };
export const chainId = 'test-net';

/** A node with everything it received, and a way to wait for more of it. */
export class TestNode {
  readonly inputs: HostInput[] = [];
  readonly gossip: { readonly peer: PeerId; readonly topic: GossipTopic; readonly text: string }[] = [];
  verdict: (text: string) => GossipVerdict = () => 'accept';
  net!: Libp2pNetwork;
  #changed = Promise.withResolvers<void>();

  static async start(
    context: TestContext,
    options: Pick<Libp2pNetworkOptions, 'privateKeySeed' | 'listen' | 'bootstrap'> & Partial<Libp2pNetworkOptions>,
  ) {
    const node = new TestNode();
    node.net = await createLibp2pNetwork({
      chainId,
      log: quiet,
      onInput: (input) => node.#note(() => node.inputs.push(input)),
      onGossip: (peer, topic, bytes) => {
        const text = Buffer.from(bytes).toString();
        node.#note(() => node.gossip.push({ peer, topic, text }));
        return node.verdict(text);
      },
      ...options,
    });
    context.after(() => node.net.stop());
    return node;
  }

  /** Resolves once the condition holds; looked at whenever something arrives. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#changed.promise;
  }

  peersSeen(): PeerId[] {
    const peers = new Set<PeerId>();
    for (const input of this.inputs) {
      if (input.kind === 'peerConnected') peers.add(input.peer);
      if (input.kind === 'peerDisconnected') peers.delete(input.peer);
    }
    return [...peers].sort();
  }

  directTexts(peer: PeerId): string[] {
    return this.inputs.flatMap((input) =>
      input.kind === 'direct' && input.peer === peer ? [Buffer.from(input.bytes).toString()] : [],
    );
  }

  #note(change: () => void): void {
    change();
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

export const seedOf = (number: number): Uint8Array => new Uint8Array(32).fill(number);

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

export type Cluster = { readonly nodes: TestNode[]; readonly ids: PeerId[]; restart(index: number): Promise<TestNode> };

export async function startCluster(
  context: TestContext,
  count: number,
  more: Partial<Libp2pNetworkOptions> = {},
): Promise<Cluster> {
  const seeds = Array.from({ length: count }, (_, index) => seedOf(index + 1));
  const ids = seeds.map(peerIdOfSeed);
  const addresses = (await freePorts(count)).map((port) => `/ip4/127.0.0.1/tcp/${port}`);
  const bootstrap = addresses.map((address, index) => `${address}/p2p/${ids[index]}`);
  const start = (index: number) =>
    TestNode.start(context, { privateKeySeed: seeds[index]!, listen: addresses[index]!, bootstrap, ...more });
  const nodes = await Promise.all(seeds.map((_, index) => start(index)));
  const full = (node: TestNode): Promise<void> => node.until(() => node.peersSeen().length === count - 1);
  await Promise.all(nodes.map(full));
  return { nodes, ids, restart: start };
}

let strangers = 100;

/** A libp2p node that gossips as it should and speaks the direct protocol as it likes, also an older one. */
export async function startStranger(
  context: TestContext,
  target: TestNode,
  seed: Uint8Array = seedOf(strangers++),
  directVersion = 5,
) {
  const topics = ['transactions', 'proposals', 'votes', 'sealed'].map((topic) => `/synod/${chainId}/${topic}/1`);
  const privateKey = await generateKeyPairFromSeed('Ed25519', seed);
  const listen = '/ip4/127.0.0.1/tcp/0';
  const limits = { ...NETWORK_LIMITS, connectionsPerPeerMax: 1_000 };
  const discovery = { networkId: chainId, mdns: false, dht: false, nat: [], scope: 'loopback', limits } as const;
  const stranger = await createNode({ privateKey, listen, announce: [], topics, discovery, gater: {} });
  context.after(() => stranger.stop());
  const direct = `/synod/${chainId}/direct/${directVersion}`;
  await stranger.handle(direct, () => {});
  await stranger.start();
  for (const topic of topics) stranger.services.gossip.subscribe(topic);
  const address = multiaddr(target.net.multiaddrs()[0]!);
  const open = () => stranger.dialProtocol(address, direct);
  return { id: stranger.peerId.toString(), node: stranger, address, topics, open };
}
