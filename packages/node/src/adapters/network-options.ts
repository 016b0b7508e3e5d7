/** What the network adapter is given and what it tells: types alone. */
import type { GossipTopic, GossipVerdict, HostInput, Network, PeerId } from '../host/ports.ts';
import type { AddressScope } from './address-rules.ts';
import type { NetworkLimits } from './network-limits.ts';
import type { NatHelper } from './network-settings.ts';

/** Short constant message, facts as fields; a pino logger fits. */
export type NetworkLog = {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
};

export type ConnectedPeer = {
  readonly peerId: PeerId;
  readonly address: string;
  readonly direction: 'inbound' | 'outbound';
  /** Offences that are not forgotten yet: from 0 up to `banScore`, at which the peer is banned. */
  readonly penalty: number;
  /** Gossipsub's score: above 0 is of use, below the graylist threshold is not heard. */
  readonly gossipScore: number;
};

export type Libp2pNetworkOptions = {
  readonly chainId: string;
  /** Names the chain in discovery, best by its genesis; the chain id when left out. */
  readonly networkId?: string;
  /** 32 bytes: the Ed25519 seed of this node's network identity. */
  readonly privateKeySeed: Uint8Array;
  /** Multiaddr, e.g. `/ip4/127.0.0.1/tcp/9000`; port 0 takes a free one. */
  readonly listen: string;
  /** Multiaddrs dialled while peers are wanted, best with `/p2p/<peer id>` at the end. */
  readonly bootstrap: readonly string[];
  /** Multiaddrs with peer ids that are dialled for ever, and let in when others are refused. */
  readonly persistent?: readonly string[];
  /** Told to others instead of what this node sees itself. */
  readonly announce?: readonly string[];
  /** How far addresses reach that others tell; follows from `listen` and `announce` when left out. */
  readonly scope?: AddressScope;
  /** Looks for peers on the LAN by multicast. */
  readonly mdns?: boolean;
  /** Takes part in the network's table of peers. */
  readonly dht?: boolean;
  readonly nat?: readonly NatHelper[];
  /** Folder of `peers.json` and `bans.json`; nothing is remembered when left out. */
  readonly directory?: string;
  /** Never called from inside a call of the network port. */
  onInput(input: HostInput): void;
  onGossip(peer: PeerId, topic: GossipTopic, bytes: Uint8Array): GossipVerdict;
  onPeersChanged?(peers: readonly ConnectedPeer[]): void;
  /** Peers that must not be connected now, whatever they did; see `disconnect`. */
  isBlocked?(peer: PeerId): boolean;
  /** The operator in the validator set whose node the peer has proven to be, or null; such peers keep their places. */
  validatorOf?(peer: PeerId): string | null;
  readonly log: NetworkLog;
  readonly limits?: Partial<NetworkLimits>;
};

/** Counts since the start, and what holds now. */
export type NetworkReport = {
  /** Bans by reason, since the start. */
  readonly bans: Readonly<Record<string, number>>;
  readonly bannedNow: number;
  readonly dialFailures: number;
  /** Connections refused, or given up for others (`evicted`), by reason, since the start. */
  readonly refused: Readonly<Record<string, number>>;
  /** Peers in the address book. */
  readonly knownPeers: number;
};

export type Libp2pNetwork = {
  readonly network: Network;
  readonly peerId: PeerId;
  /** Addresses others can dial, with the peer id. */
  multiaddrs(): string[];
  /** Peers that direct messages and gossip reach, as the host was told. */
  peers(): ConnectedPeer[];
  /** Dials a peer now. Throws `ADDRESS_INVALID` or `PEER_UNREACHABLE`. */
  connect(address: string): Promise<void>;
  report(): NetworkReport;
  /** Addresses with peer ids at which others were reached, for a newcomer. */
  knownAddresses(): string[];
  /** Closes every connection with the peer. */
  disconnect(peer: PeerId): void;
  stop(): Promise<void>;
};
