/**
 * This node's part in open queries and in what is learnt from them: joins the answering experts, the judge, the blobs, the rounds and the
 * relay of provisional text to the requester. Owns the walk over open queries at every new head; the work itself is the desks'.
 */
import {
  type Address,
  type ExtensionItem,
  type Hash,
  type Height,
  listOpenQueries,
  type PendingWork,
  pendingWork,
  type QueryState,
  readQuery,
} from '@synod/chain';
import { AnswerDesk } from './answer-desk.ts';
import { BlobDesk, type BlobInput } from './blob-desk.ts';
import { type ChainHead, type ChainIdentity, paramsOf } from './chain-head.ts';
import type { ContentDesks } from './content-desks.ts';
import { fittingItems } from './extension-items.ts';
import { LearningCoordinator, type LearningInput } from './learning-coordinator.ts';
import { limits } from './limits.ts';
import type { Admission } from './mempool.ts';
import type { DirectMessage } from './messages.ts';
import type { GossipVerdict, HostPorts, PeerId, WorkerMessage } from './ports.ts';
import { PrivateDesk } from './private-desk.ts';
import { ScoreDesk } from './score-desk.ts';
import type { Peer } from './sync.ts';
import type { VersionShelf } from './version-shelf.ts';

export type CoordinatorOptions = {
  readonly ports: HostPorts;
  readonly identity: ChainIdentity;
  readonly head: () => ChainHead;
  readonly submit: (transaction: Uint8Array) => Admission;
  readonly peerOf: (operator: Address) => PeerId | null;
  /** True when the peer has shown that it holds the expert's key. */
  readonly holdsExpert: (peer: PeerId, expert: Address) => boolean;
  readonly peers: () => readonly Peer[];
  readonly contents: ContentDesks;
};

/** What the desks that answer and score share. */
export type DeskOptions = CoordinatorOptions & { readonly privacy: PrivateDesk; readonly versions: VersionShelf };

type Relay = Extract<DirectMessage, { kind: 'answerToken' | 'answerDone' }>;

const noWork: PendingWork = { answer: [], revealAnswer: [], score: [], revealScores: [] };

export class QueryCoordinator {
  /** Content of private queries. */
  readonly privacy: PrivateDesk;
  /** Blobs that the chain names. */
  readonly blobs: BlobDesk;
  readonly #learning: LearningCoordinator;
  readonly #options: CoordinatorOptions;
  readonly #answers: AnswerDesk;
  readonly #scores: ScoreDesk;
  /** Relayed text of queries this node has not seen selected yet. */
  #early: { readonly message: Relay; readonly from: PeerId }[] = [];
  #open: ReadonlySet<Hash> = new Set();
  #work: PendingWork = noWork;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    this.privacy = new PrivateDesk(options);
    this.blobs = new BlobDesk(options);
    this.#learning = new LearningCoordinator(options);
    const desk = { ...options, privacy: this.privacy, versions: this.#learning.versions };
    this.#answers = new AnswerDesk(desk);
    this.#scores = new ScoreDesk(desk);
  }

  /** Queries open after the newest block. */
  get open(): ReadonlySet<Hash> {
    return this.#open;
  }

  /** Looks at every open query again. Called for every new head. */
  onHead(): void {
    const { state } = this.#options.head();
    this.#open = new Set(listOpenQueries(state));
    const operator = this.#options.ports.signer?.operator ?? null;
    const experts = this.#options.ports.experts.map(({ signer }) => signer.address);
    this.#work = pendingWork(state, { operator, experts });
    this.privacy.onHead();
    this.blobs.onHead();
    this.#learning.onHead();
    this.#doWork();
    const early = this.#early;
    this.#early = [];
    for (const { message, from } of early) this.onRelay(message, from);
  }

  onStored(key: string): void {
    this.privacy.onStored(key);
    this.#answers.onStored(key);
    this.#scores.onStored(key);
    this.#learning.onStored(key);
  }

  /** Blobs, versions' files and the learner's messages; what waited for them goes on. */
  onLearning(input: BlobInput | LearningInput): void {
    if (input.kind === 'learner') return this.#learning.onLearner(input.message);
    if (input.kind === 'versionStored') {
      this.#learning.onVersionStored();
      return this.#doWork();
    }
    this.blobs.onInput(input);
    if (input.kind === 'blobStored') this.#learning.onBlobStored(input.content);
  }

  onWorker(message: WorkerMessage): void {
    if (message.kind === 'ready') return this.onHead();
    if (message.kind === 'fatal') return;
    this.#answers.onJobEvent(message);
    this.#scores.onJobEvent(message);
  }

  /** A message of the sealed topic; desks that waited for what it holds go on. */
  onSealed(bytes: Uint8Array): GossipVerdict {
    const { verdict, isNews } = this.privacy.onGossip(bytes);
    if (isNews) this.#doWork();
    return verdict;
  }

  /** What this validator's next precommit says about scores, rounds, then blobs; nothing here waits for worker, learner or disk. */
  extensionItems(_height: Height): readonly ExtensionItem[] {
    const scores = this.#scores.items(this.#work).slice(0, limits.extensionItems);
    const learning = this.#learning.extensionItems();
    return fittingItems(
      [...scores, ...learning, ...this.blobs.items()],
      paramsOf(this.#options.head()).extensionBytesMax,
    );
  }

  /** Provisional text from the first-selected respondent; anybody else's is dropped. */
  onRelay(message: Relay, from: PeerId): void {
    const query = this.#query(message.queryId);
    if (query === null || query.phase === 'selecting') {
      if (this.#early.length < limits.futureMessages) this.#early.push({ message, from });
      return;
    }
    const [first] = query.respondents;
    const isCoordinator = query.contract.coordinator === this.#options.ports.signer?.operator;
    if (!isCoordinator || first?.expert !== message.expert || !this.#options.holdsExpert(from, first.expert)) return;
    const { queryId, expert } = message;
    this.#options.ports.observer.onHostEvent(
      message.kind === 'answerToken'
        ? { kind: 'answerToken', queryId, expert, text: message.text }
        : { kind: 'answerDone', queryId, expert },
    );
  }

  #doWork(): void {
    this.#answers.onHead(this.#work, this.#open);
    this.#scores.onHead(this.#work, this.#open);
  }

  #query(id: Hash): QueryState | null {
    return readQuery(this.#options.head().state, id);
  }
}
