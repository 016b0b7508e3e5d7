/**
 * A trainer's duties for the experts that this node runs (spec: learning §4, §5): train → keep → commit → publish → reveal. Owns the
 * deltas on their way to the chain. A delta and what names it are durable before the commitment leaves; the salt follows from the
 * expert's key, so a crash at any moment costs nothing but time.
 */
import {
  type Address,
  blobId,
  deltaCommitment,
  fromHex,
  type Hash,
  type LearningWork,
  type Payload,
  type TrainDuty,
  type TrainingRound,
  toHex,
} from '@synod/chain';
import { sendForExpert } from './expert-transactions.ts';
import { earlierExamples, examplesOf, requireLine } from './learning-blobs.ts';
import type { LearningDeskOptions } from './learning-coordinator.ts';
import type { LearnerMessage } from './learning-ports.ts';
import { limits } from './limits.ts';

type Delta = { readonly content: Hash; readonly bytes: number };

type Task = {
  readonly key: string;
  readonly round: Hash;
  readonly domain: string;
  readonly expert: Address;
  attempts: number;
  /** Known once trained; a blob of this node from then on. */
  delta: Delta | null;
  isStored: boolean;
  isTold: boolean;
};

export class LearningDesk {
  readonly #options: LearningDeskOptions;
  readonly #tasks = new Map<string, Task>();

  constructor(options: LearningDeskOptions) {
    this.#options = options;
  }

  onHead(work: LearningWork, rounds: ReadonlySet<Hash>): void {
    for (const duty of work.train) {
      const task = this.#task(duty);
      if (task.isStored) this.#commit(task);
      else if (task.delta === null) this.#train(task, duty);
      else this.#keep(task);
    }
    for (const duty of work.revealDelta) this.#reveal(this.#task(duty), duty);
    for (const task of [...this.#tasks.values()]) if (!rounds.has(task.round)) this.#forget(task);
    this.#dropLate(work);
  }

  onStored(key: string): void {
    const task = this.#tasks.get(key);
    if (task === undefined) return;
    task.isStored = true;
    this.#commit(task);
  }

  /** The delta's blob is durable: now its name may be. */
  onBlobStored(content: Hash): void {
    for (const task of this.#tasks.values()) if (task.delta?.content === content) this.#keep(task);
  }

  onLearner(message: LearnerMessage): void {
    const task = message.kind === 'progress' ? undefined : this.#tasks.get(message.id);
    if (task === undefined) return;
    if (message.kind === 'trained') this.#take(task, message.delta);
    else if (message.kind === 'failed' && message.code !== 'BUSY' && message.code !== 'CANCELLED') {
      task.attempts += 1;
      this.#tell('training for a round failed', { round: task.round, code: message.code, reason: message.message });
    }
  }

  /** The duty's task, taken up again from the store after a restart. */
  #task({ round, expert }: TrainDuty): Task {
    const key = `delta/${round.id}/${expert}`;
    const known = this.#tasks.get(key);
    if (known !== undefined) return known;
    const kept = this.#options.ports.store.getLocal(key);
    const delta = kept === null ? null : decodeDelta(kept);
    const isStored = delta !== null && this.#options.ports.blobs?.has(delta.content) === true;
    const fresh = { attempts: 0, delta: isStored ? delta : null, isStored, isTold: false };
    const task: Task = { key, round: round.id, domain: round.domain, expert, ...fresh };
    this.#tasks.set(key, task);
    return task;
  }

  /** Waits for the files of the version to start from, and for all blobs of the shard. */
  #train(task: Task, { round, trainer, shard }: TrainDuty): void {
    const { ports, learner, versions, head } = this.#options;
    if (ports.learner === undefined || learner.has(task.key) || task.attempts >= limits.jobAttempts) return;
    const reader = { view: head().state, blobs: ports.blobs };
    const base = versions.base(round.domain, round.base);
    const examples = examplesOf(reader, round.domain, shard);
    if (base === null || examples === null) return this.#tellWaiting(task, base === null ? 'version' : 'feedback');
    learner.submit({
      kind: 'train',
      id: task.key,
      domain: round.domain,
      base,
      round: round.id,
      knowledge: ports.knowledge?.get(round.domain) ?? null,
      shard: examples,
      learns: 'accepted',
      earlier: earlierExamples(reader, requireLine(reader.view, round.domain), round.items),
      seed: seedOf(round, trainer),
    });
  }

  #take(task: Task, delta: Uint8Array): void {
    task.delta = { content: blobId(delta), bytes: delta.length };
    if (this.#options.ports.blobs?.has(task.delta.content) === true) this.#keep(task);
    else this.#options.ports.blobs?.save(task.delta.content, delta);
  }

  #keep(task: Task): void {
    const { ports } = this.#options;
    if (task.delta === null || task.isStored || ports.blobs?.has(task.delta.content) !== true) return;
    ports.store.putLocal(task.key, encodeDelta(task.delta));
  }

  #commit(task: Task): void {
    const commitment = this.#commitment(task);
    const isDue = this.#options
      .work()
      .train.some(({ round, expert }) => round.id === task.round && expert === task.expert);
    if (commitment !== null && isDue) this.#send(task, { type: 'delta.commit', round: task.round, commitment });
  }

  /** Nothing where what is at hand does not open the commitment on chain, as after the loss of the store. */
  #reveal(task: Task, { round, trainer }: TrainDuty): void {
    const { delta } = task;
    const salt = this.#salt(task);
    if (delta === null || !task.isStored || salt === null) return;
    if (this.#commitment(task) === round.trainers[trainer]?.commitment)
      return this.#send(task, { type: 'delta.reveal', round: round.id, salt, ...delta });
    if (!task.isTold)
      this.#tell('the delta at hand is not the one committed to; it is not revealed', { round: round.id });
    task.isTold = true;
  }

  #commitment(task: Task): Hash | null {
    const salt = this.#salt(task);
    if (task.delta === null || !task.isStored || salt === null) return null;
    return deltaCommitment({ round: task.round, trainer: task.expert, salt, content: task.delta.content });
  }

  #send(task: Task, payload: Payload): void {
    const signer = this.#signer(task);
    if (signer !== null) sendForExpert(this.#options, { signer, payload, matter: task.round });
  }

  #salt(task: Task): Uint8Array | null {
    return this.#signer(task)?.deriveSecret(`delta/${task.round}`) ?? null;
  }

  #signer({ expert }: Task) {
    return this.#options.ports.experts.find(({ signer }) => signer.address === expert)?.signer ?? null;
  }

  /** Training that has no commitment on chain when the window closes is of no use any more. */
  #dropLate({ train }: LearningWork): void {
    for (const task of this.#tasks.values()) {
      const isDue = train.some(({ round, expert }) => round.id === task.round && expert === task.expert);
      if (!isDue && this.#options.learner.has(task.key)) this.#options.learner.cancel(task.key);
    }
  }

  #forget(task: Task): void {
    this.#tasks.delete(task.key);
    this.#options.learner.cancel(task.key);
    this.#options.learner.forget(task.key);
    if (task.isStored) this.#options.ports.store.deleteLocal(task.key);
  }

  /** Once a round: what the node lacks is on its way, or never comes. */
  #tellWaiting(task: Task, missing: 'version' | 'feedback'): void {
    if (!task.isTold) this.#tell('training waits for what this node has not got yet', { round: task.round, missing });
    task.isTold = true;
  }

  #tell(message: string, facts: Readonly<Record<string, unknown>>): void {
    this.#options.ports.observer.onHostEvent({ kind: 'log', level: 'warn', message, facts });
  }
}

/** Every trainer draws its own phrasings and order. */
function seedOf({ seed }: TrainingRound, trainer: number): number {
  return (Number.parseInt(seed.slice(0, 8), 16) ^ trainer) >>> 0;
}

/** 32 bytes of the blob's id, then its length. */
function encodeDelta({ content, bytes }: Delta): Uint8Array {
  const note = new Uint8Array(36);
  note.set(fromHex(content));
  new DataView(note.buffer).setUint32(32, bytes, true);
  return note;
}

function decodeDelta(note: Uint8Array): Delta | null {
  if (note.length !== 36) return null;
  const bytes = new DataView(note.buffer, note.byteOffset).getUint32(32, true);
  return { content: toHex(note.subarray(0, 32)) as Hash, bytes };
}
