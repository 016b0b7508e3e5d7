/**
 * Answers queries for the experts this node runs: generate → keep → commit → reveal. Owns the answers on their way to the
 * chain. An answer is durable before its commitment leaves, so a crash between commit and reveal costs nothing.
 */
import {
  type Address,
  type Answer,
  answerCommitment,
  answerHash,
  decodeAnswer,
  type ExpertDuty,
  encodeAnswer,
  type Hash,
  linkOf,
  type Payload,
  type PendingWork,
  type QueryState,
  type Respondent,
} from '@synod/chain';
import type { ExpertSetup } from '@synod/inference';
import { effortOf } from './effort.ts';
import { sendForExpert } from './expert-transactions.ts';
import { limits } from './limits.ts';
import { encodeDirect } from './messages.ts';
import type { HostedExpert, ProvenAnswer, WorkerMessage } from './ports.ts';
import type { DeskOptions } from './query-coordinator.ts';

/** What desks hear of the worker: the ends of jobs and text on the way. */
export type WorkerJobEvent = Exclude<WorkerMessage, { readonly kind: 'ready' | 'fatal' }>;

type Task = {
  readonly key: string;
  readonly query: QueryState;
  /** Texts of the round before. */
  readonly peers: readonly string[];
  readonly expert: HostedExpert;
  attempts: number;
  jobId: string | null;
  /** Text pieces sent so far. */
  sequence: number;
  answer: Answer | null;
  isStored: boolean;
  /** It was said that the version to answer with is not here. */
  isTold: boolean;
};

/** Whose answer a worker's job of this desk is; null for any other job. */
export function expertOfAnswerJob(id: string): Address | null {
  const [what, , , expert, attempt] = id.split('/');
  return what === 'answer' && attempt !== undefined ? (expert as Address) : null;
}

export class AnswerDesk {
  readonly #options: DeskOptions;
  readonly #tasks = new Map<string, Task>();
  readonly #jobs = new Map<string, Task>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  onHead(work: PendingWork, open: ReadonlySet<Hash>): void {
    for (const duty of work.answer) {
      const task = this.#task(duty);
      if (task === null) continue;
      if (task.isStored) this.#commit(task);
      else if (task.answer === null) this.#generate(task);
    }
    for (const duty of work.revealAnswer) {
      const task = this.#task(duty);
      if (task !== null) this.#reveal(task);
    }
    for (const task of [...this.#tasks.values()]) if (!open.has(task.query.id)) this.#forget(task);
  }

  onStored(key: string): void {
    const task = this.#tasks.get(key);
    if (task === undefined) return;
    task.isStored = true;
    this.#commit(task);
  }

  onJobEvent(event: WorkerJobEvent): void {
    const task = this.#jobs.get(event.id);
    if (task === undefined) return;
    if (event.kind === 'token') return this.#relay(task, event.text);
    this.#jobs.delete(event.id);
    task.jobId = null;
    if (event.kind === 'answered') this.#finish(task, event.result);
    else if (event.kind === 'failed') this.#tell('an answer failed', { query: task.query.id, code: event.code });
  }

  /** The duty's task, taken up again from the store after a restart; null when the expert is not this node's. */
  #task({ query, expert: address, round, peers }: ExpertDuty): Task | null {
    const key = `answer/${query.id}/${round}/${address}`;
    const known = this.#tasks.get(key);
    if (known !== undefined) return known;
    const expert = this.#options.ports.experts.find(({ signer }) => signer.address === address);
    if (expert === undefined) return null;
    const kept = this.#options.ports.store.getLocal(key);
    const decoded = kept === null ? null : decodeAnswer(kept);
    const answer = decoded?.ok ? decoded.value : null;
    const task = {
      key,
      query,
      peers,
      expert,
      attempts: 0,
      jobId: null,
      sequence: 0,
      answer,
      isStored: answer !== null,
      isTold: false,
    };
    this.#forgetEarlier(task);
    this.#tasks.set(key, task);
    return task;
  }

  /** A round that is over needs its answer no more: the chain has it. */
  #forgetEarlier({ query, expert }: Task): void {
    for (const task of [...this.#tasks.values()])
      if (task.query.id === query.id && task.expert === expert) this.#forget(task);
  }

  #generate(task: Task): void {
    if (task.jobId !== null || task.attempts >= limits.jobAttempts) return;
    const prompt = this.#options.privacy.promptOf(task.query);
    const peers = this.#options.privacy.peersOf(task.query, task.expert.signer.address, task.peers);
    const setup = this.#setup(task);
    if (prompt === null || peers === null || setup === null) return;
    task.attempts += 1;
    task.sequence = 0;
    task.jobId = `${task.key}/${task.attempts}`;
    this.#jobs.set(task.jobId, task);
    this.#options.ports.worker.submit({
      kind: 'answer',
      id: task.jobId,
      priority: 'answer',
      messages: [{ role: 'user', content: prompt }],
      expert: setup,
      seed: Number.parseInt(task.query.id.slice(0, 8), 16),
      stop: [],
      peers,
      effort: effortOf(task.query.contract),
    });
  }

  /**
   * The expert as the version that it was selected with has it; null while it has to wait (learning §9.7). Without the version's weights
   * it stays silent: what it wrote would not be what it claims. Without what was learnt it answers once half of the window is over,
   * for its own quotes and words are still what they claim to be.
   */
  #setup(task: Task): ExpertSetup | null {
    const { contract, deadline } = task.query;
    const version = this.#expertOf(task)?.version ?? 0;
    const { setup, isWhole } = this.#options.versions.dress(task.expert.setup, contract.domain, version);
    const isLate = this.#options.head().height + Math.floor(contract.answerWindow / 2) >= deadline;
    if (setup !== null && (isWhole || isLate)) return setup;
    const missing = setup === null ? 'weights' : 'what it learnt';
    if (!task.isTold) this.#tell('an answer waits for its version', { query: task.query.id, version, missing });
    task.isTold = true;
    return null;
  }

  #finish(task: Task, { segments, promptTokens }: ProvenAnswer): void {
    const expert = this.#expertOf(task);
    const isEmpty = segments.every(({ text }) => text === '');
    if (isEmpty || expert === null) return this.#tell('an answer is empty', { query: task.query.id });
    task.answer = {
      segments,
      modelId: expert.modelId,
      promptTokens,
      // Quoted text costs no tokens: nobody wrote it.
      answerTokens: segments.reduce((sum, one) => sum + (one.kind === 'generated' ? one.tokens.length : 0), 0),
    };
    this.#options.privacy.keepAnswer(task.query, task.expert.signer.address, task.answer);
    this.#options.ports.store.putLocal(task.key, encodeAnswer(task.answer));
    if (this.#isFirst(task)) this.#send(task, { kind: 'answerDone' });
  }

  #commit(task: Task): void {
    const answer = task.isStored ? this.#onChain(task) : null;
    if (answer === null) return;
    const salt = this.#salt(task);
    const expert = task.expert.signer.address;
    const commitment = answerCommitment({
      queryId: task.query.id,
      expert,
      salt,
      answerHash: answerHash(answer),
      link: linkOf(task.query),
    });
    this.#submit(task, { type: 'answer.commit', queryId: task.query.id, commitment });
  }

  #reveal(task: Task): void {
    const answer = this.#onChain(task);
    if (answer === null) return;
    this.#submit(task, { type: 'answer.reveal', queryId: task.query.id, salt: this.#salt(task), answer });
  }

  /** The answer, or what stands for it in a private query. */
  #onChain({ query, answer }: Task): Answer | null {
    return answer === null ? null : this.#options.privacy.onChain(query, answer);
  }

  #submit({ query, expert: { signer } }: Task, payload: Payload): void {
    sendForExpert(this.#options, { signer, payload, matter: `${query.id}/${query.round}` });
  }

  #relay(task: Task, text: string): void {
    if (!this.#isFirst(task)) return;
    this.#send(task, { kind: 'answerToken', sequence: task.sequence, text });
    task.sequence += 1;
  }

  /** To the node the requester talks to; lost when it is not connected, which costs the preview only. */
  #send(task: Task, part: { kind: 'answerToken'; sequence: number; text: string } | { kind: 'answerDone' }): void {
    const peer = this.#options.peerOf(task.query.contract.coordinator);
    if (peer === null) return;
    const common = { queryId: task.query.id, expert: task.expert.signer.address };
    this.#options.ports.network.send(peer, encodeDirect({ ...part, ...common }));
  }

  /** Text is told on the way in the first round alone: what comes later builds on what the requester cannot see yet. */
  #isFirst(task: Task): boolean {
    return task.query.round === 1 && task.query.respondents[0]?.expert === task.expert.signer.address;
  }

  #expertOf(task: Task): Respondent | null {
    return task.query.respondents.find(({ expert }) => expert === task.expert.signer.address) ?? null;
  }

  #salt(task: Task): Uint8Array {
    return task.expert.signer.deriveSecret(`answer/${task.query.id}/${task.query.round}`);
  }

  #forget(task: Task): void {
    this.#tasks.delete(task.key);
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
