/**
 * Judges revealed answers for this validator: score → keep → commit → reveal, all in vote extensions (DESIGN §9). Owns the
 * scores on their way. The salt is derived from the key and the scores are durable before their commitment leaves.
 */
import {
  type Address,
  type GroupScore,
  type Hash,
  type PendingWork,
  type QueryState,
  type ScoreDuty,
  type ScoreItem,
  scoreCommitment,
} from '@synod/chain';
import type { AnswerScore } from '@synod/inference';
import type { WorkerJobEvent } from './answer-desk.ts';
import { limits } from './limits.ts';
import type { DeskOptions } from './query-coordinator.ts';

type Task = {
  readonly key: string;
  readonly queryId: Hash;
  readonly groups: readonly number[];
  /** Those of them that have a text to judge. */
  judged: readonly number[];
  attempts: number;
  jobId: string | null;
  scores: readonly GroupScore[] | null;
  isStored: boolean;
};

export class ScoreDesk {
  readonly #options: DeskOptions;
  readonly #tasks = new Map<Hash, Task>();
  readonly #jobs = new Map<string, Task>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  onHead(work: PendingWork, open: ReadonlySet<Hash>): void {
    for (const duty of work.score) {
      const task = this.#task(duty);
      if (task.scores === null) this.#score(task, duty.query);
    }
    for (const duty of work.revealScores) this.#task(duty);
    for (const task of [...this.#tasks.values()]) if (!open.has(task.queryId)) this.#forget(task);
  }

  onStored(key: string): void {
    for (const task of this.#tasks.values()) if (task.key === key) task.isStored = true;
  }

  onJobEvent(event: WorkerJobEvent): void {
    const task = this.#jobs.get(event.id);
    if (task === undefined) return;
    this.#jobs.delete(event.id);
    task.jobId = null;
    if (event.kind === 'scored') return this.#finish(task, event.scores);
    if (event.kind === 'failed') this.#tell('scoring failed', { query: task.queryId, code: event.code });
  }

  /** Commitments until a decided block carries them, then reveals: repeated, so no proposer can silence a scorer. */
  items(work: PendingWork): readonly ScoreItem[] {
    const validator = this.#options.ports.signer?.operator;
    if (validator === undefined) return [];
    const commits = work.score.flatMap(({ query: { id: queryId } }): ScoreItem[] => {
      const scores = this.#durableScores(queryId);
      if (scores === null) return [];
      const commitment = scoreCommitment({ queryId, validator, salt: this.#salt(queryId), scores, checks: [] });
      return [{ kind: 'score.commit', queryId, commitment }];
    });
    const reveals = work.revealScores.flatMap(({ query }) => this.#reveal(query, validator));
    return [...reveals, ...commits];
  }

  /**
   * Nothing where the scores at hand do not open the commitment on chain: after a change of keys or the loss of the store a
   * wrong reveal would cost stake, silence costs one say.
   */
  #reveal({ id: queryId, scorers }: QueryState, validator: Address): readonly ScoreItem[] {
    const scores = this.#durableScores(queryId);
    if (scores === null) return [];
    const salt = this.#salt(queryId);
    const committed = scorers.find(({ operator }) => operator === validator)?.commitment;
    if (scoreCommitment({ queryId, validator, salt, scores, checks: [] }) === committed) {
      return [{ kind: 'score.reveal', queryId, salt, scores, checks: [] }];
    }
    this.#tell('scores at hand are not those committed to; they are not revealed', { query: queryId });
    return [];
  }

  /** Scores that survive a crash; null while they do not. */
  #durableScores(queryId: Hash): readonly GroupScore[] | null {
    const task = this.#tasks.get(queryId);
    return task?.isStored ? task.scores : null;
  }

  #task({ query: { id: queryId }, groups }: ScoreDuty): Task {
    const known = this.#tasks.get(queryId);
    if (known !== undefined) return known;
    const key = `score/${queryId}`;
    const kept = this.#options.ports.store.getLocal(key);
    const scores = kept === null ? null : decodeScores(kept);
    const isStored = scores !== null;
    const task: Task = { key, queryId, groups, judged: groups, attempts: 0, jobId: null, scores, isStored };
    this.#tasks.set(queryId, task);
    return task;
  }

  #score(task: Task, query: QueryState): void {
    if (task.jobId !== null || task.attempts >= limits.jobAttempts) return;
    const texts = this.#options.privacy.scoringTexts(query, task.groups);
    if (texts === null) return;
    task.judged = task.groups.filter((_, index) => texts.answers[index] !== null);
    if (task.judged.length === 0) return this.#finish(task, []);
    task.attempts += 1;
    task.jobId = `${task.key}/${task.attempts}`;
    this.#jobs.set(task.jobId, task);
    this.#options.ports.worker.submit({
      kind: 'score',
      id: task.jobId,
      priority: 'score',
      prompt: texts.prompt,
      answers: texts.answers.filter((text) => text !== null),
      knowledge: this.#options.ports.knowledge?.get(query.contract.domain) ?? null,
    });
  }

  #finish(task: Task, scores: readonly AnswerScore[]): void {
    task.scores = task.groups.map((group) => ({ group, score: scores[task.judged.indexOf(group)]?.scorePpm ?? 0 }));
    this.#options.ports.store.putLocal(task.key, encodeScores(task.scores));
  }

  #salt(queryId: Hash): Uint8Array {
    return this.#options.ports.signer?.deriveSecret(`score/${queryId}`) ?? new Uint8Array(32);
  }

  #forget(task: Task): void {
    this.#tasks.delete(task.queryId);
    if (task.jobId !== null) {
      this.#jobs.delete(task.jobId);
      this.#options.ports.worker.cancel(task.jobId);
    }
    if (task.isStored) this.#options.ports.store.deleteLocal(task.key);
  }

  #tell(message: string, facts: Readonly<Record<string, unknown>>): void {
    this.#options.ports.observer.onHostEvent({ kind: 'log', level: 'warn', message, facts });
  }
}

/** Eight bytes a score: group and score as unsigned 32-bit little-endian integers. */
function encodeScores(scores: readonly GroupScore[]): Uint8Array {
  const bytes = new Uint8Array(8 * scores.length);
  const view = new DataView(bytes.buffer);
  scores.forEach(({ group, score }, index) => {
    view.setUint32(8 * index, group, true);
    view.setUint32(8 * index + 4, score, true);
  });
  return bytes;
}

function decodeScores(bytes: Uint8Array): readonly GroupScore[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, index) => ({
    group: view.getUint32(8 * index, true),
    score: view.getUint32(8 * index + 4, true),
  }));
}
