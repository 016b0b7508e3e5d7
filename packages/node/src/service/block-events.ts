/** What subscribers hear of a block: which of its facts are told under which topic, in which form. Owns the choice; sending is events.ts. */
import type { BlockResults, ChainEvent } from '@synod/chain';
import type { HostEvent } from '../host/index.ts';
import type { EventLog } from './events.ts';
import { learningEvents } from './learning-reader.ts';

type Told = Readonly<Record<string, unknown>>;

/** Tells a block that is the head now, with its results. */
export function tellBlock(
  log: Pick<EventLog, 'emit'>,
  { height, hash, block, events }: Extract<HostEvent, { kind: 'blockApplied' }>,
  results: BlockResults | null,
): void {
  const summary = { height, hash, time: block.header.time };
  log.emit('newHeads', { ...summary, transactions: block.transactions.length });
  log.emit('finalized', summary);
  for (const { id, code } of results?.transactions ?? []) {
    log.emit('txStatus', { id, status: code === 'OK' ? 'included' : 'failed', code, height });
  }
  for (const data of queryEvents(events)) log.emit('query', { ...data, height });
  for (const { queryId, outcome } of results?.receipts ?? []) {
    log.emit('query', { queryId, status: 'settled', outcome, height });
  }
  for (const data of learningEvents(events)) log.emit('learning', { ...data, height });
  for (const data of modelUpdates(events)) log.emit('modelUpdate', { ...data, height });
  for (const data of validatorEvents(events)) log.emit('validatorEvent', { ...data, height });
}

/** Queries that were opened or went on; settled ones are told by their receipts. */
function queryEvents(events: readonly ChainEvent[]): readonly Told[] {
  return events.flatMap((event): Told[] => {
    const { type } = event;
    if (type === 'query.opened') return [{ queryId: event.queryId, status: 'opened', domain: event.domain }];
    if (type === 'query.phase') return [{ queryId: event.queryId, status: 'open', phase: event.phase }];
    return [];
  });
}

/** Versions of domains' models that were made, adopted or taken back. */
function modelUpdates(events: readonly ChainEvent[]): readonly Told[] {
  return events.filter(({ type }) => type === 'version.made' || type === 'version.changed');
}

/** What happened to validators: made, left, jailed and slashed, released, new keys, accused. */
function validatorEvents(events: readonly ChainEvent[]): readonly Told[] {
  return events.filter(({ type }) => type.startsWith('validator.') || type === 'evidence.recorded');
}
