/**
 * This node's part in what its chain learns: joins trainer, gate and the versions' files. Owns the walk over rounds at every new head;
 * the work itself is learning-desk.ts, gate-desk.ts and version-shelf.ts.
 */
import {
  type Hash,
  type LearningItem,
  type LearningWork,
  learningWork,
  listLines,
  listPendingBlobs,
  readLine,
  readRound,
  type StateView,
} from '@synod/chain';
import type { ExpertSender } from './expert-transactions.ts';
import { GateDesk } from './gate-desk.ts';
import { LearnerQueue } from './learner-queue.ts';
import { LearningDesk } from './learning-desk.ts';
import type { LearnerMessage } from './learning-ports.ts';
import type { HostInput } from './ports.ts';
import { VersionShelf } from './version-shelf.ts';

/** What the learner and the versions' folder say. */
export type LearningInput = Extract<HostInput, { readonly kind: 'learner' | 'versionStored' }>;

/** What trainer and gate share. */
export type LearningDeskOptions = ExpertSender & {
  readonly learner: LearnerQueue;
  readonly versions: VersionShelf;
  /** Duties after the newest block. */
  readonly work: () => LearningWork;
};

const NO_WORK: LearningWork = { attest: [], train: [], revealDelta: [], gate: [], revealGate: [] };

export class LearningCoordinator {
  readonly versions: VersionShelf;
  readonly #options: ExpertSender;
  readonly #learner: LearnerQueue;
  readonly #trainer: LearningDesk;
  readonly #gate: GateDesk;
  #work = NO_WORK;

  constructor(options: ExpertSender) {
    this.#options = options;
    this.#learner = new LearnerQueue(options.ports.learner ?? null);
    this.versions = new VersionShelf({ ...options, learner: this.#learner });
    const desk = { ...options, learner: this.#learner, versions: this.versions, work: () => this.#work };
    this.#trainer = new LearningDesk(desk);
    this.#gate = new GateDesk(desk);
  }

  /** What the chain waits for of this node. */
  get work(): LearningWork {
    return this.#work;
  }

  /** Looks at every round again. Called for every new head. */
  onHead(): void {
    const { ports, head } = this.#options;
    const operator = ports.signer?.operator ?? null;
    const experts = ports.experts.map(({ signer }) => signer.address);
    this.#work = learningWork(head().state, { operator, experts });
    this.#proceed();
  }

  onStored(key: string): void {
    this.#trainer.onStored(key);
    this.#gate.onStored(key);
  }

  onBlobStored(content: Hash): void {
    this.#trainer.onBlobStored(content);
    this.#proceed();
  }

  /** Something of a version has come to lie on the shelf. */
  onVersionStored(): void {
    this.#proceed();
  }

  onLearner(message: LearnerMessage): void {
    this.#learner.onMessage(message);
    this.#trainer.onLearner(message);
    this.#gate.onLearner(message);
    this.versions.onLearner(message);
    if (message.kind !== 'progress') this.#proceed();
  }

  /** What this validator's next precommit says about rounds; nothing here waits for the learner. */
  extensionItems(): readonly LearningItem[] {
    return this.#gate.items(this.#work);
  }

  #proceed(): void {
    const view = this.#options.head().state;
    const rounds = new Set(listLines(view).flatMap((domain) => readRound(view, domain)?.id ?? []));
    this.versions.onHead();
    this.#trainer.onHead(this.#work, rounds);
    this.#gate.onHead(this.#work, rounds);
  }
}

/** True while something that the chain learns waits for blocks: a round, a canary, a blob that is not attested yet. */
export function isLearningOpen(view: StateView): boolean {
  if (listPendingBlobs(view).length > 0) return true;
  return listLines(view).some((domain) => readRound(view, domain) !== null || readLine(view, domain)?.canary != null);
}
