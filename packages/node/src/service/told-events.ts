/** The events of one node for its subscribers: what its blocks are told as, and its health while somebody listens to that. Owns the joining only. */
import type { BlockResults } from '@synod/chain';
import type { HostEvent } from '../host/index.ts';
import { tellBlock } from './block-events.ts';
import { EventLog, type Topic, type TopicEvent } from './events.ts';
import { type Health, HealthWatch } from './health-watch.ts';

export class ToldEvents {
  readonly #log = new EventLog();
  readonly #health: HealthWatch;

  constructor(health: () => Health) {
    this.#health = new HealthWatch(health, ({ syncing, warnings }) => this.#log.emit('health', { syncing, warnings }));
  }

  cursors(): ReturnType<EventLog['cursors']> {
    return this.#log.cursors();
  }

  subscribe(topic: Topic, fromCursor: number | null, listener: (event: TopicEvent) => void): () => void {
    const end = this.#log.subscribe(topic, fromCursor, listener);
    const endLooking = topic === 'health' ? this.#health.listen() : () => undefined;
    return () => {
      end();
      endLooking();
    };
  }

  onBlock(event: Extract<HostEvent, { kind: 'blockApplied' }>, results: BlockResults | null): void {
    tellBlock(this.#log, event, results);
    this.#health.look();
  }
}
