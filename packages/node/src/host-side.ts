/** What the network tells and asks the host, which may not be there yet. Owns the answers given in its place. */
import type { Libp2pNetworkOptions } from './adapters/index.ts';
import type { Host } from './host/index.ts';
import type { InputQueue } from './input-queue.ts';

export type HostSide = Required<Pick<Libp2pNetworkOptions, 'onInput' | 'onGossip' | 'validatorOf'>>;

export function hostSide(inputs: InputQueue, host: () => Host | null): HostSide {
  return {
    onInput: (input) => inputs.deliver(input),
    onGossip: (peer, topic, bytes) => inputs.guard(() => host()?.onGossip(peer, topic, bytes) ?? 'ignore', 'ignore'),
    validatorOf: (peer) => host()?.sync.validatorOf(peer) ?? null,
  };
}
