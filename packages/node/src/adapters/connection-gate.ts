/**
 * Who is let in, and how many. Owns the counting of connections by direction, address and peer; closing what is too many
 * is asked of the network. Protected peers come in when everybody else is refused, unless they are banned. Who gives up a place when all
 * are taken is inbound-eviction.ts's.
 */
import { randomBytes } from 'node:crypto';
import type { Connection, ConnectionGater, MultiaddrConnection } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { PeerId } from '../host/ports.ts';
import { groupOf, ownerOf, parseTcpAddress, reachOf } from './address-rules.ts';
import { type Guest, guestToEvict } from './inbound-eviction.ts';
import type { NetworkLimits } from './network-limits.ts';

/** Why a connection was refused, or given up for another (`evicted`). */
export type Refusal =
  | 'banned'
  | 'perAddress'
  | 'pendingPerAddress'
  | 'perPeer'
  | 'inboundTotal'
  | 'evicted'
  | 'dialBanned'
  | 'dialAddress';

/** What an opened connection costs: itself, or the place of another peer, or nothing. */
export type Admission = { readonly refusal: Refusal | null; readonly evicted: PeerId | null };

/** What is known of an inbound peer beyond its connections. */
export type GuestFacts = (peer: PeerId) => Pick<Guest, 'validator' | 'newsAtMs'>;

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
  /** Inbound connections that have not shaken hands yet, by who stands behind their addresses. */
  readonly #pending = new Map<MultiaddrConnection, string>();
  readonly #secret = randomBytes(32);

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
      denyInboundUpgradedConnection: (_, connection) => {
        this.#pending.delete(connection);
        return false;
      },
    };
  }

  /** Whether a connection that was just opened is one too many, or another one has to go for it; either then must be closed. */
  admit(opened: Connection, facts: GuestFacts): Admission {
    const { limits, isProtected } = this.#port;
    const peer = opened.remotePeer.toString();
    const others = this.#port.connections().filter(({ id, status }) => id !== opened.id && status === 'open');
    const ofPeer = others.filter(({ remotePeer }) => remotePeer.equals(opened.remotePeer));
    if (ofPeer.length >= limits.connectionsPerPeerMax) return this.#refusal('perPeer');
    if (opened.direction === 'outbound' || isProtected(peer)) return ADMITTED;
    const ip = ipOf(opened.remoteAddr);
    if (ip !== null && this.#isAddressFull(ip, others)) return this.#refusal('perAddress');
    const inbound = others.filter((other) => isInbound(other) && !isProtected(other.remotePeer.toString()));
    if (inbound.length < limits.inboundConnectionsMax) return ADMITTED;
    const evicted = guestToEvict(guestsOf(peer, others, inbound, facts), limits, this.#secret);
    if (evicted === null) return this.#refusal('inboundTotal');
    this.#port.onRefused('evicted');
    return { refusal: null, evicted };
  }

  /** Nobody's name is known yet: only addresses can be judged, and a few places are kept for protected peers. */
  #beforeHandshake(connection: MultiaddrConnection): Refusal | null {
    const ip = ipOf(connection.remoteAddr);
    if (ip === null) return null;
    if (this.#port.isBanned(ip)) return 'banned';
    if (this.#isAddressFull(ip, this.#port.connections())) return 'perAddress';
    return this.#isWaitingTooOften(ip, connection) ? 'pendingPerAddress' : null;
  }

  /** One address that shakes no hands must not take the places of all that would. */
  #isWaitingTooOften(ip: string, connection: MultiaddrConnection): boolean {
    if (this.#isExempt(ip)) return false;
    const owner = ownerOf(ip);
    const waiting = [...this.#pending.values()].filter((other) => other === owner).length;
    if (waiting >= this.#port.limits.inboundPendingPerAddressMax) return true;
    this.#pending.set(connection, owner);
    connection.addEventListener('close', () => this.#pending.delete(connection), { once: true });
    return false;
  }

  #isExempt(ip: string): boolean {
    return this.#port.isLoopbackNetwork && reachOf(ip) === 'loopback';
  }

  #isAddressFull(ip: string, connections: readonly Connection[]): boolean {
    if (this.#isExempt(ip)) return false;
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

  #refusal(reason: Refusal): Admission {
    return { refusal: this.#refused(reason), evicted: null };
  }

  #refused(reason: Refusal): Refusal {
    this.#port.onRefused(reason);
    return reason;
  }
}

const ADMITTED: Admission = { refusal: null, evicted: null };

/** Peers that only came, and were not called: who has a connection that this node made is none of them. */
function guestsOf(
  newcomer: PeerId,
  connections: readonly Connection[],
  inbound: readonly Connection[],
  facts: GuestFacts,
): readonly Guest[] {
  const called = new Set(connections.filter((one) => !isInbound(one)).map(({ remotePeer }) => remotePeer.toString()));
  return [...Map.groupBy(inbound, ({ remotePeer }) => remotePeer.toString())].flatMap(([peer, own]) => {
    const [first] = own;
    if (first === undefined || peer === newcomer || called.has(peer)) return [];
    const ip = ipOf(first.remoteAddr);
    const connectedAtMs = Math.min(...own.map(({ timeline }) => timeline.open));
    return [{ peer, connectedAtMs, group: ip === null ? 'no address' : groupOf(ip), ...facts(peer) }];
  });
}

/** The IP address of a connection's other end; null where there is none. */
export function ipOf(address: Multiaddr): string | null {
  return parseTcpAddress(address.toString())?.ip ?? null;
}

function isInbound({ direction }: Connection): boolean {
  return direction === 'inbound';
}
