/** What subscribers hear of a block besides its head: which chain events are told under which topic. Owns the choice; sending is events.ts. */
import type { ChainEvent } from '@synod/chain';

type Told = Readonly<Record<string, unknown>>;

/** Versions of domains' models that were made, adopted or taken back. */
export function modelUpdates(events: readonly ChainEvent[]): readonly Told[] {
  return events.filter(({ type }) => type === 'version.made' || type === 'version.changed');
}

/** What happened to validators: made, left, jailed and slashed, released, new keys, accused. */
export function validatorEvents(events: readonly ChainEvent[]): readonly Told[] {
  return events.filter(({ type }) => type.startsWith('validator.') || type === 'evidence.recorded');
}
