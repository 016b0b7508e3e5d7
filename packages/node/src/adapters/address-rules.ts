/**
 * Which addresses this node dials, remembers and tells others. Owns the classes of addresses and the rule which class a
 * network uses; addresses the operator named are not asked about.
 */
import { BlockList, isIP } from 'node:net';
import type { PeerId } from '../host/ports.ts';

/**
 * How far a node's addresses reach: `loopback` deals with this machine alone, `private` with a LAN and the internet,
 * `public` with the internet alone.
 */
export type AddressScope = 'loopback' | 'private' | 'public';

/** A TCP address with a literal IP address. */
export type TcpAddress = { readonly ip: string; readonly port: number; readonly peer: PeerId | null };

const TCP = /^\/ip[46]\/([0-9a-fA-F.:]{2,45})\/tcp\/(\d{1,5})(?:\/p2p\/([1-9A-HJ-NP-Za-km-z]{1,64}))?$/;

const LOOPBACK = blockList(['127.0.0.0', 8], ['::1', 128]);
const PRIVATE = blockList(
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
  ['fc00::', 7],
  ['fe80::', 10],
);
const NOBODY = blockList(['0.0.0.0', 8], ['224.0.0.0', 3], ['::', 128], ['ff00::', 8]);

/** Null for anything but a literal IP address and a TCP port: names of strangers are never resolved. */
export function parseTcpAddress(address: string): TcpAddress | null {
  const match = TCP.exec(address);
  const [ip, port, peer] = [match?.[1] ?? '', Number(match?.[2] ?? 0), match?.[3] ?? null];
  if (isIP(ip) === 0 || port < 1 || port > 65_535) return null;
  return { ip, port, peer };
}

/** Null for addresses that belong to nobody (unspecified, multicast, reserved). */
export function reachOf(ip: string): AddressScope | null {
  const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(ip) === 0 || NOBODY.check(ip, family)) return null;
  if (LOOPBACK.check(ip, family)) return 'loopback';
  return PRIVATE.check(ip, family) ? 'private' : 'public';
}

/** Whether a node of this scope uses an address that somebody told it. */
export function isUsable(scope: AddressScope, address: string): boolean {
  const parsed = parseTcpAddress(address);
  const reach = parsed === null ? null : reachOf(parsed.ip);
  if (reach === null) return false;
  if (scope === 'loopback' || reach === 'loopback') return scope === reach;
  return scope === 'private' || reach === 'public';
}

/** The scope that follows from where a node listens and what it announces. */
export function scopeOf(listen: string, announce: readonly string[]): AddressScope {
  // Port 0 stands for a free one.
  const reachOfAddress = (address: string) => reachOf(TCP.exec(address)?.[1] ?? '');
  if (reachOfAddress(listen) === 'loopback') return 'loopback';
  if (reachOfAddress(listen) === 'public') return 'public';
  return announce.some((address) => reachOfAddress(address) === 'public') ? 'public' : 'private';
}

/** Addresses that one owner is likely to have many of: /16 of IPv4, /32 of IPv6. */
export function groupOf(ip: string): string {
  const groups = groupsOf6(ip);
  return groups === null ? plainOf(ip).split('.').slice(0, 2).join('.') : groups.slice(0, 2).join(':');
}

/** For whom an address stands where connections and bans are counted: whoever has one IPv6 address has all of its /64. */
export function ownerOf(ip: string): string {
  const groups = groupsOf6(ip);
  return groups === null ? plainOf(ip) : `${groups.slice(0, 4).join(':')}::/64`;
}

/** The eight groups of an IPv6 address, or null for IPv4, also where it stands inside IPv6. */
function groupsOf6(ip: string): readonly string[] | null {
  if (isIP(plainOf(ip)) !== 6) return null;
  const [head = '', tail] = ip.toLowerCase().split('::');
  const [before, after] = [head, tail ?? ''].map((part) => part.split(':').filter((group) => group !== '')) as [
    string[],
    string[],
  ];
  const missing = Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: missing }, () => '0'), ...after].map((group) =>
    Number.parseInt(group, 16).toString(16),
  );
}

/** IPv4 without the IPv6 in which a socket of both families shows it. */
function plainOf(ip: string): string {
  return /^(?:0:0:0:0:0|:):ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1] ?? ip;
}

/** The address without the peer id at its end. */
export function withoutPeer(address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '');
}

/** The peer id at the end of an address, or null. */
export function peerOf(address: string): PeerId | null {
  return /\/p2p\/([^/]+)$/.exec(address)?.[1] ?? null;
}

function blockList(...subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, isIP(network) === 6 ? 'ipv6' : 'ipv4');
  return list;
}
