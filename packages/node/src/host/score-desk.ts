/**
 * Judges revealed answers for this validator: score and verify → keep → commit → reveal, all in vote extensions (DESIGN §9). Owns
 * the scores and checks on their way. The salt is derived from the key and they are durable before their commitment leaves.
 */
import {
  type Answer,
  answerText,
  decodeScoreContent,
  encodeScoreContent,
  type GroupCheck,
  type GroupScore,
  type Hash,
  type PendingWork,
  type QueryState,
  type ScoreContent,
  type ScoreDuty,
  type ScoreItem,
  scoreCommitment,
} from '@synod/chain';
import type { AnswerScore } from '@synod/inference';
import type { WorkerJobEvent } from './answer-desk.ts';
import { effortOf } from './effort.ts';
import { checkOf, isPassing, verifyJob } from './group-check.ts';
import { limits } from './limits.ts';
import type { DeskOptions } from './query-coordinator.ts';
import type { RecipeSetup } from './recipe-desk.ts';

type Task = {
  readonly key: string;
  readonly queryId: Hash;
  readonly duty: ScoreDuty;
  /** Groups that have a text to judge. */
  judged: readonly number[];
  /** Kinds of work that wait for the worker: `score`, or the number of a group that is verified. */
  readonly jobs: Map<string, string>;
  readonly attempts: Map<string, number>;
  scores: readonly GroupScore[] | null;
  readonly checks: Map<number, GroupCheck>;
  content: ScoreContent | null;
  isStored: boolean;
};

type Work = 'score' | `verify/${number}`;

export class ScoreDesk {
  readonly #options: DeskOptions;
  readonly #tasks = new Map<Hash, Task>();
  readonly #jobs = new Map<string, { readonly task: Task; readonly work: Work }>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  onHead(work: PendingWork, open: ReadonlySet<Hash>): void {
    for (const duty of work.score) this.#advance(this.#task(duty));
    for (const duty of work.revealScores) this.#task(duty);
    for (const task of [...this.#tasks.values()]) if (!open.has(task.queryId)) this.#forget(task);
  }

  onStored(key: string): void {
    for (const task of this.#tasks.values()) if (task.key === key) task.isStored = true;
  }

  onJobEvent(event: WorkerJobEvent): void {
    const known = this.#jobs.get(event.id);
    if (known === undefined) return;
    const { task, work } = known;
    this.#jobs.delete(event.id);
    task.jobs.delete(work);
    if (event.kind === 'scored') this.#onScores(task, event.scores);
    else if (work !== 'score' && !(event.kind === 'failed' && isPassing(event.code)))
      task.checks.set(groupOf(work), checkOf(groupOf(work), event));
    else if (event.kind === 'failed') this.#tell('judging failed', { query: task.queryId, work, code: event.code });
    this.#finish(task);
  }

  /** Commitments until a decided block carries them, then reveals: repeated, so no proposer can silence a scorer. */
  items(work: PendingWork): readonly ScoreItem[] {
    const validator = this.#options.ports.signer?.operator;
    if (validator === undefined) return [];
    const commits = work.score.flatMap(({ query: { id: queryId } }): ScoreItem[] => {
      const content = this.#durable(queryId);
      if (content === null) return [];
      const commitment = scoreCommitment({ queryId, validator, salt: this.#salt(queryId), ...content });
      return [{ kind: 'score.commit', queryId, commitment }];
    });
    const reveals = work.revealScores.flatMap(({ query }) => this.#reveal(query, validator));
    return [...reveals, ...commits];
  }

  /**
   * Nothing where what is at hand does not open the commitment on chain: after a change of keys or the loss of the store a
   * wrong reveal would cost stake, silence costs one say.
   */
  #reveal({ id: queryId, scorers }: QueryState, validator: ScoreOwner): readonly ScoreItem[] {
    const content = this.#durable(queryId);
    if (content === null) return [];
    const salt = this.#salt(queryId);
    const committed = scorers.find(({ operator }) => operator === validator)?.commitment;
    if (scoreCommitment({ queryId, validator, salt, ...content }) === committed) {
      return [{ kind: 'score.reveal', queryId, salt, ...content }];
    }
    this.#tell('scores at hand are not those committed to; they are not revealed', { query: queryId });
    return [];
  }

  /** What survives a crash; null while it does not. */
  #durable(queryId: Hash): ScoreContent | null {
    const task = this.#tasks.get(queryId);
    return task?.isStored ? task.content : null;
  }

  #task(duty: ScoreDuty): Task {
    const queryId = duty.query.id;
    const known = this.#tasks.get(queryId);
    if (known !== undefined) return known;
    const key = `score/${queryId}`;
    const kept = this.#options.ports.store.getLocal(key);
    const decoded = kept === null ? null : decodeScoreContent(kept);
    const content = decoded?.ok ? decoded.value : null;
    const empty = { jobs: new Map(), attempts: new Map(), scores: null, checks: new Map() };
    const task: Task = { key, queryId, duty, judged: duty.groups, ...empty, content, isStored: content !== null };
    this.#tasks.set(queryId, task);
    return task;
  }

  /** Asks the worker for whatever is still missing. */
  #advance(task: Task): void {
    if (task.content !== null) return;
    const { query, groups, verify } = task.duty;
    const texts = this.#options.privacy.scoringTexts(query, groups);
    if (texts === null) return;
    const answerOf = (group: number): Answer | null => texts.answers[groups.indexOf(group)] ?? null;
    if (!task.jobs.has('score')) task.judged = groups.filter((group) => answerOf(group) !== null);
    if (task.judged.length === 0) this.#onScores(task, []);
    if (task.scores === null && !this.#awaitsKnowledge(query) && this.#mayStart(task, 'score')) {
      this.#options.ports.worker.submit({
        kind: 'score',
        id: this.#start(task, 'score'),
        priority: 'score',
        prompt: texts.prompt,
        answers: texts.answers.flatMap((answer) => (answer === null ? [] : [answerText(answer)])),
        knowledge: this.#options.contents.published.folder(query.contract.domain),
        learnt: this.#options.versions.newestLearnt(query.contract.domain),
      });
    }
    for (const group of verify) this.#verify(task, { group, prompt: texts.prompt, answer: answerOf(group) });
    this.#finish(task);
  }

  /** An answer that nobody showed cannot be verified. */
  #verify(
    task: Task,
    { group, prompt, answer }: { readonly group: number; readonly prompt: string; readonly answer: Answer | null },
  ): void {
    const work: Work = `verify/${group}`;
    if (task.checks.has(group) || !this.#mayStart(task, work)) return;
    const setup = answer === null ? null : this.#setup(task.duty.query, group, answer);
    if (setup === 'waiting' || (setup === 'unknown' && !this.#isLate(task))) return;
    if (answer === null || setup === 'unknown' || setup === null)
      task.checks.set(group, { group, verdict: 'unavailable', distanceMilli: 0 });
    else {
      const effort = effortOf(task.duty.query.contract);
      this.#options.ports.worker.submit(verifyJob(this.#start(task, work), { prompt, answer, setup, effort }));
    }
  }

  /** As the recipe has it, with the weights of the version that the group's first member was selected with. */
  #setup({ contract, groups, respondents }: QueryState, group: number, answer: Answer): RecipeSetup {
    const setup = this.#options.contents.recipes.setup(answer.modelId);
    if (setup === null || typeof setup === 'string') return setup;
    const version = respondents[groups[group]?.members[0] ?? 0]?.version ?? 0;
    const dressed = this.#options.versions.dress(setup, contract.domain, version);
    return dressed.isWhole && dressed.setup !== null ? dressed.setup : 'unknown';
  }

  /** For the first heights of the window a judge would rather know than hurry (judging §8); then it judges with what it has. */
  #awaitsKnowledge({ contract, deadline }: QueryState): boolean {
    const patience = Math.min(limits.knowledgePatienceHeights, Math.floor(contract.scoreWindow / 4));
    const isEarly = this.#options.head().height < deadline - contract.scoreWindow + patience;
    return isEarly && this.#options.contents.published.isComing(contract.domain);
  }

  /** Nobody gave the recipe until now, and what is found must still be committed to. */
  #isLate({ duty }: Task): boolean {
    const { contract, deadline } = duty.query;
    const margin = Math.min(limits.recipeMarginHeights, Math.floor(contract.scoreWindow / 2));
    return this.#options.head().height + margin >= deadline;
  }

  #mayStart(task: Task, work: Work): boolean {
    return !task.jobs.has(work) && (task.attempts.get(work) ?? 0) < limits.jobAttempts;
  }

  #start(task: Task, work: Work): string {
    const attempt = (task.attempts.get(work) ?? 0) + 1;
    const id = `${task.key}/${work}/${attempt}`;
    task.attempts.set(work, attempt);
    task.jobs.set(work, id);
    this.#jobs.set(id, { task, work });
    return id;
  }

  #onScores(task: Task, scores: readonly AnswerScore[]): void {
    task.scores = task.duty.groups.map((group) => ({
      group,
      score: scores[task.judged.indexOf(group)]?.scorePpm ?? 0,
    }));
  }

  /** Scores without the checks that are due would not count: both or nothing. */
  #finish(task: Task): void {
    const { scores, checks } = task;
    if (task.content !== null || scores === null || checks.size < task.duty.verify.length) return;
    task.content = { scores, checks: task.duty.verify.map((group) => checks.get(group)!) };
    this.#options.ports.store.putLocal(task.key, encodeScoreContent(task.content));
  }

  #salt(queryId: Hash): Uint8Array {
    return this.#options.ports.signer?.deriveSecret(`score/${queryId}`) ?? new Uint8Array(32);
  }

  #forget(task: Task): void {
    this.#tasks.delete(task.queryId);
    for (const id of task.jobs.values()) {
      this.#jobs.delete(id);
      this.#options.ports.worker.cancel(id);
    }
    if (task.isStored) this.#options.ports.store.deleteLocal(task.key);
  }

  #tell(message: string, facts: Readonly<Record<string, unknown>>): void {
    this.#options.ports.observer.onHostEvent({ kind: 'log', level: 'warn', message, facts });
  }
}

type ScoreOwner = Parameters<typeof scoreCommitment>[0]['validator'];

function groupOf(work: `verify/${number}`): number {
  return Number(work.slice('verify/'.length));
}
