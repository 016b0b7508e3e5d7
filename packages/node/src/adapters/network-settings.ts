/** What a configuration may say about the network and how it is read, without loading libp2p. Owns the NAT helpers' names. */
export { type AddressScope, scopeOf } from './address-rules.ts';

/**
 * `upnp` asks the router for a port, `autonat` asks peers whether this node can be dialled, `relay` takes a place at a
 * relay and then punches a hole, `relay-server` is such a relay for others.
 */
export const NAT_HELPERS = ['upnp', 'autonat', 'relay', 'relay-server'] as const;
export type NatHelper = (typeof NAT_HELPERS)[number];
