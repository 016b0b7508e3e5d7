/** What the service of a node tells of its process: names, cards, peers, worker. Owns gathering them; the chain's part is the host's. */
import { addressOf, publicKeyOf } from '@synod/chain';
import { HomeStorage, type Libp2pNetwork, systemClock } from './adapters/index.ts';
import type { ModelLibrary } from './host/index.ts';
import type { NodeConfig, P2pConfig } from './node.ts';
import { createEmbeddings } from './service/embeddings.ts';
import { createTokenTexts } from './service/token-texts.ts';
import { version } from './version.ts';
import type { NodeWorker } from './worker.ts';

/** What the service tells of this process rather than of the chain. */
export function serviceFacts(
  config: NodeConfig,
  network: Libp2pNetwork,
  { worker, library }: { readonly worker: NodeWorker; readonly library: ModelLibrary },
) {
  const { name, keys, genesis, faults, p2p } = config;
  const clock = faults?.clock(systemClock) ?? systemClock;
  const storage = new HomeStorage(config.home);
  return {
    name,
    version,
    operator: keys.operator,
    experts: keys.experts.map(({ seed }) => addressOf(publicKeyOf(seed))),
    devAccounts: genesis.devnet ? config.devAccounts : [],
    paying: config.paying ?? [],
    embeddings: createEmbeddings(worker),
    tokens: createTokenTexts({ worker, library }),
    cards: {
      hosted: keys.experts.map(({ seed, ...setup }) => ({ address: addressOf(publicKeyOf(seed)), ...setup })),
      knowledge: new Map(Object.entries(config.knowledge ?? {})),
      model: () => worker.status().info,
    },
    peers: () => network.peers(),
    addresses: () => knownAddresses(network, p2p),
    network: () => network.report(),
    worker: () => worker.status(),
    nowMs: clock.nowMs,
    storage: () => storage.report(),
  };
}

/** Own addresses, and those of others that this node was given or reached: enough for a newcomer to find the network. */
function knownAddresses(network: Libp2pNetwork, { bootstrap, persistent = [] }: P2pConfig) {
  const others = [...new Set([...persistent, ...bootstrap, ...network.knownAddresses()])];
  return { peerId: network.peerId, own: network.multiaddrs(), others };
}
