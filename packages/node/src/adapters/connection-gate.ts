/**
 * Who is let in, and how many. Owns the counting of connections by direction, address and peer; closing what is too many
 * is asked of the network. Protected peers come in when everybody else is refused, unless they are banned.
 */
import type { Connection, ConnectionGater, MultiaddrConnection } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { PeerId } from '../host/ports.ts';
import { ownerOf, parseTcpAddress, reachOf } from './address-rules.ts';
import type { NetworkLimits } from './network-limits.ts';

/** Why a connection was refused. */
export type Refusal = 'banned' | 'perAddress' | 'perPeer' | 'inboundTotal' | 'dialBanned' | 'dialAddress';

export type GatePort = {
  readonly limits: NetworkLimits;
  /** All peers come from one address: it is not counted by. */
  readonly isLoopbackNetwork: boolean;
  isProtected(peer: PeerId): boolean;
  isBanned(peerOrIp: string): boolean;
  /** Addresses the operator named, and those that the scope allows. */
  mayDial(address: string): boolean;
  /** Open connections of all peers. */
  connections(): readonly Connection[];
  onRefused(reason: Refusal): void;
};

export class ConnectionGate {
  readonly #port: GatePort;

  constructor(port: GatePort) {
    this.#port = port;
  }

  /** The doors libp2p asks at; each refuses as early as what it knows allows. */
  gater(): ConnectionGater {
    return {
      denyDialPeer: (peer) => this.#refuse(this.#port.isBanned(peer.toString()) ? 'dialBanned' : null),
      denyDialMultiaddr: (address) => this.#refuse(this.#port.mayDial(address.toString()) ? null : 'dialAddress'),
      denyInboundConnection: (connection) => this.#refuse(this.#beforeHandshake(connection)),
      denyInboundEncryptedConnection: (peer) => this.#refuse(this.#port.isBanned(peer.toString()) ? 'banned' : null),
    };
  }

  /** Whether a connection that was just opened is one too many; it then must be closed. */
  excess(opened: Connection): Refusal | null {
    const { limits, isProtected } = this.#port;
    const peer = opened.remotePeer.toString();
    const others = this.#port.connections().filter(({ id }) => id !== opened.id);
    const ofPeer = others.filter(({ remotePeer }) => remotePeer.equals(opened.remotePeer));
    if (ofPeer.length >= limits.connectionsPerPeerMax) return this.#refused('perPeer');
    if (opened.direction === 'outbound' || isProtected(peer)) return null;
    const ip = ipOf(opened.remoteAddr);
    if (ip !== null && this.#isAddressFull(ip, others)) return this.#refused('perAddress');
    const inbound = others.filter((other) => isInbound(other) && !isProtected(other.remotePeer.toString()));
    return inbound.length >= limits.inboundConnectionsMax ? this.#refused('inboundTotal') : null;
  }

  /** Nobody's name is known yet: only addresses can be judged, and a few places are kept for protected peers. */
  #beforeHandshake(connection: MultiaddrConnection): Refusal | null {
    const ip = ipOf(connection.remoteAddr);
    if (ip === null) return null;
    if (this.#port.isBanned(ip)) return 'banned';
    return this.#isAddressFull(ip, this.#port.connections()) ? 'perAddress' : null;
  }

  #isAddressFull(ip: string, connections: readonly Connection[]): boolean {
    if (this.#port.isLoopbackNetwork && reachOf(ip) === 'loopback') return false;
    const owner = ownerOf(ip);
    const counted = connections.filter((one) => {
      const other = isInbound(one) ? ipOf(one.remoteAddr) : null;
      return other !== null && ownerOf(other) === owner && !this.#port.isProtected(one.remotePeer.toString());
    });
    return counted.length >= this.#port.limits.inboundPerAddressMax;
  }

  #refuse(reason: Refusal | null): boolean {
    return reason !== null && this.#refused(reason) !== null;
  }

  #refused(reason: Refusal): Refusal {
    this.#port.onRefused(reason);
    return reason;
  }
}

/** The IP address of a connection's other end; null where there is none. */
export function ipOf(address: Multiaddr): string | null {
  return parseTcpAddress(address.toString())?.ip ?? null;
}

function isInbound({ direction }: Connection): boolean {
  return direction === 'inbound';
}
