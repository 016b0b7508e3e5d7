/** What a validator signs to prove to its peers which operator a network identity belongs to. Owns those bytes. */
import { fromHex, taggedHash } from '@synod/chain';
import type { PeerId } from './ports.ts';

const utf8 = new TextEncoder();

/** Tagged hash over chain id and peer id: a domain of its own, useless for votes or transactions. */
export function identitySignBytes(chainId: string, peerId: PeerId): Uint8Array {
  return fromHex(taggedHash('synod/identity', utf8.encode(`${chainId}\n${peerId}`)));
}
