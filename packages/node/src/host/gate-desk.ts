/**
 * A validator's part in the gate (spec: learning §7): measure → keep → commit → reveal, all in vote extensions. Owns the reports on
 * their way. A report is durable before its commitment leaves, and its salt follows from the key.
 */
import {
  decodeGateReport,
  encodeGateReport,
  type GateReport,
  gateCommitment,
  type Hash,
  type LearningItem,
  type LearningWork,
  shardOf,
  type TrainingRound,
} from '@synod/chain';
import { earlierExamples, examplesOf, requireLine } from './learning-blobs.ts';
import type { LearningDeskOptions } from './learning-coordinator.ts';
import type { LearnerMessage } from './learning-ports.ts';
import { limits } from './limits.ts';

type Task = {
  readonly key: string;
  readonly round: Hash;
  attempts: number;
  report: GateReport | null;
  isStored: boolean;
  isTold: boolean;
};

export class GateDesk {
  readonly #options: LearningDeskOptions;
  readonly #tasks = new Map<string, Task>();

  constructor(options: LearningDeskOptions) {
    this.#options = options;
  }

  onHead(work: LearningWork, rounds: ReadonlySet<Hash>): void {
    for (const round of work.gate) this.#measure(this.#task(round), round);
    for (const round of work.revealGate) this.#task(round);
    for (const task of [...this.#tasks.values()]) if (!rounds.has(task.round)) this.#forget(task);
    for (const task of this.#tasks.values())
      if (work.gate.every(({ id }) => id !== task.round)) this.#options.learner.cancel(task.key);
  }

  onStored(key: string): void {
    const task = this.#tasks.get(key);
    if (task !== undefined) task.isStored = true;
  }

  onLearner(message: LearnerMessage): void {
    const task = message.kind === 'progress' ? undefined : this.#tasks.get(message.id);
    if (task === undefined) return;
    if (message.kind === 'evaluated') {
      task.report = message.report as GateReport;
      this.#options.ports.store.putLocal(task.key, encodeGateReport(task.report));
    } else if (message.kind === 'failed' && message.code !== 'BUSY' && message.code !== 'CANCELLED') {
      task.attempts += 1;
      this.#tell('a candidate could not be measured', {
        round: task.round,
        code: message.code,
        reason: message.message,
      });
    }
  }

  /** Commitments until a decided block carries them, then reveals: repeated, so that no proposer can silence a validator. */
  items(work: LearningWork): readonly LearningItem[] {
    const validator = this.#options.ports.signer?.operator;
    if (validator === undefined) return [];
    const opening = (round: TrainingRound) => {
      const task = this.#tasks.get(keyOf(round));
      if (task?.report == null || !task.isStored) return null;
      const salt = this.#salt(round);
      const { report } = task;
      return { task, salt, report, commitment: gateCommitment({ round: round.id, validator, salt, report }) };
    };
    const commits = work.gate.flatMap((round): LearningItem[] => {
      const own = opening(round);
      return own === null ? [] : [{ kind: 'gate.commit', round: round.id, commitment: own.commitment }];
    });
    const reveals = work.revealGate.flatMap((round): LearningItem[] => {
      const own = opening(round);
      if (own === null) return [];
      const committed = round.evaluators.find(({ operator }) => operator === validator)?.commitment;
      if (own.commitment !== committed) return this.#silent(own.task);
      return [{ kind: 'gate.reveal', round: round.id, salt: own.salt, report: own.report }];
    });
    return [...reveals, ...commits];
  }

  #silent(task: Task): [] {
    if (!task.isTold)
      this.#tell('the report at hand is not the one committed to; it is not revealed', { round: task.round });
    task.isTold = true;
    return [];
  }

  #task(round: TrainingRound): Task {
    const key = keyOf(round);
    const known = this.#tasks.get(key);
    if (known !== undefined) return known;
    const kept = this.#options.ports.store.getLocal(key);
    const decoded = kept === null ? null : decodeGateReport(kept);
    const report = decoded?.ok ? decoded.value : null;
    const task: Task = { key, round: round.id, attempts: 0, report, isStored: report !== null, isTold: false };
    this.#tasks.set(key, task);
    return task;
  }

  /** Waits for all that is measured: every validator must find the same candidate. */
  #measure(task: Task, round: TrainingRound): void {
    const { ports, learner, versions, head } = this.#options;
    const isGivenUp = ports.learner === undefined || ports.signer === null || task.attempts >= limits.jobAttempts;
    if (task.report !== null || isGivenUp || learner.has(task.key)) return;
    const reader = { view: head().state, blobs: ports.blobs };
    const { aggregator, normMax } = round.rule;
    const base = versions.base(round.domain, round.base);
    const items = examplesOf(reader, round.domain, round.items);
    const deltas = round.trainers.map(({ delta, leftOut }) =>
      delta?.isAvailable === true && leftOut === null ? delta.content : null,
    );
    // Read, and not only looked for: what is damaged is fetched again.
    const isHere = deltas.every((content) => content === null || ports.blobs?.read(content) != null);
    if (base === null || items === null || !isHere) return this.#tellWaiting(task, { base, items });
    learner.submit({
      kind: 'evaluate',
      id: task.key,
      domain: round.domain,
      base,
      round: round.id,
      knowledge: ports.knowledge?.get(round.domain) ?? null,
      deltas: round.trainers.map(({ operator, order }, place) => ({
        content: deltas[place]!,
        order,
        shard: shardOf(round, place),
        isOwn: operator === ports.signer?.operator,
      })),
      items,
      earlier: earlierExamples(reader, requireLine(reader.view, round.domain), round.items),
      gateSeed: round.gateSeed,
      aggregator,
      normMax,
    });
  }

  #tellWaiting(task: Task, { base, items }: { readonly base: unknown; readonly items: unknown }): void {
    if (task.isTold) return;
    task.isTold = true;
    const missing = base === null ? 'version' : items === null ? 'feedback' : 'delta';
    this.#tell('measuring waits for what this node has not got yet', { round: task.round, missing });
  }

  #salt(round: TrainingRound): Uint8Array {
    return this.#options.ports.signer?.deriveSecret(keyOf(round)) ?? new Uint8Array(32);
  }

  #forget(task: Task): void {
    this.#tasks.delete(task.key);
    this.#options.learner.cancel(task.key);
    this.#options.learner.forget(task.key);
    if (task.isStored) this.#options.ports.store.deleteLocal(task.key);
  }

  #tell(message: string, facts: Readonly<Record<string, unknown>>): void {
    this.#options.ports.observer.onHostEvent({ kind: 'log', level: 'warn', message, facts });
  }
}

/** A round may be looked at twice, each time with another beacon. */
function keyOf({ id, gateSeed }: TrainingRound): string {
  return `gate/${id}/${gateSeed}`;
}
