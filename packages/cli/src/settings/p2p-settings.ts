/**
 * The settings of `synod start` for peers: flags over what node.json says over defaults. Owns their names and their check;
 * what they do is the node's.
 */
import { SynodError } from '@synod/chain';
import type { P2pConfig } from '@synod/node';
import { NAT_HELPERS, type NatHelper, scopeOf } from '@synod/node/network-settings';

export type P2pFlags = {
  readonly listen?: string;
  readonly bootstrap?: string;
  readonly persistentPeers?: string;
  readonly announce?: string;
  readonly mdns?: string;
  readonly dht?: string;
  readonly nat?: string;
};

const ADDRESS =
  /^\/(?:ip4\/[\d.]+|ip6\/[0-9a-fA-F:]+|dns[46]?\/[\w.-]+)\/tcp\/\d{1,5}(?:\/p2p\/[1-9A-HJ-NP-Za-km-z]{40,64})?$/;
export const EXAMPLE = '/ip4/203.0.113.5/tcp/9546/p2p/12D3KooW…';

/**
 * What the node is started with. The multicast of mDNS and the table of peers are off on a loopback network and on
 * elsewhere, unless said otherwise. Addresses of `--bootstrap` and `--persistent-peers` are added to those of node.json.
 * Throws `USAGE`, naming the flag.
 */
export function p2pSettings(file: P2pConfig, flags: P2pFlags): P2pConfig {
  const listen = flags.listen === undefined ? file.listen : addresses(flags.listen, '--listen')[0]!;
  const announce = flags.announce === undefined ? (file.announce ?? []) : addresses(flags.announce, '--announce');
  const isBeyondLoopback = scopeOf(listen, announce) !== 'loopback';
  const bootstrap = [...new Set([...file.bootstrap, ...addresses(flags.bootstrap, '--bootstrap')])];
  const persistent = [...(file.persistent ?? []), ...persistentPeers(flags.persistentPeers)];
  return {
    listen,
    announce,
    bootstrap,
    persistent: [...new Set(persistent)],
    mdns: onOff(flags.mdns, '--mdns') ?? file.mdns ?? isBeyondLoopback,
    dht: onOff(flags.dht, '--dht') ?? file.dht ?? isBeyondLoopback,
    nat: flags.nat === undefined ? (file.nat ?? []) : natHelpers(flags.nat, '--nat'),
  };
}

/** What a network tells of itself may also lead through a relay. */
const TOLD = new RegExp(`${ADDRESS.source.slice(0, -1)}(?:/p2p-circuit(?:/p2p/[1-9A-HJ-NP-Za-km-z]{40,64})?)?$`);

/** Whether it is an address that a node can be given or tell. */
export function isAddress(text: string): boolean {
  return TOLD.test(text);
}

/** Names of NAT helpers; `none` or nothing is none of them. */
export function natHelpers(text: string, source: string): NatHelper[] {
  const names = split(text).filter((name) => name !== 'none');
  const unknown = names.find((name) => !NAT_HELPERS.some((helper) => helper === name));
  if (unknown === undefined) return names as NatHelper[];
  throw usage(
    `${source} "${unknown}" is unknown. Choose from ${NAT_HELPERS.join(', ')}, separated by commas, or none.`,
  );
}

function persistentPeers(text: string | undefined): string[] {
  const flag = '--persistent-peers';
  const given = addresses(text, flag);
  const nameless = given.find((address) => !address.includes('/p2p/'));
  if (nameless !== undefined) throw usage(`${flag} "${nameless}" lacks the peer id. Write it like ${EXAMPLE}`);
  return given;
}

function addresses(text: string | undefined, flag: string): string[] {
  const given = split(text ?? '');
  const wrong = text !== undefined && given.length === 0 ? '' : given.find((address) => !ADDRESS.test(address));
  if (wrong === undefined) return given;
  throw usage(`${flag} "${wrong}" is not an address. Write it like ${EXAMPLE}`);
}

function onOff(text: string | undefined, flag: string): boolean | null {
  if (text === undefined) return null;
  if (text === 'on' || text === 'off') return text === 'on';
  throw usage(`${flag} "${text}" must be on or off.`);
}

function split(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function usage(message: string): SynodError {
  return new SynodError('USAGE', message);
}
