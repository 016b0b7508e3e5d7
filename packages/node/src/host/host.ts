/**
 * The host: the one place where inputs from the surroundings meet the pure chain and consensus. Owns the wiring of its
 * rooms and the start-up rules; every room has a file of its own. Deterministic: the same inputs and port answers give
 * the same calls, so production and simulator run the same code.
 */
import {
  type BuiltBlock,
  type Evidence,
  type ExtendedCommit,
  encodeVoteExtension,
  type Hash,
  offenders,
  type PublicKey,
} from '@synod/chain';
import { BlockCommitter, type Committed, decodeStored } from './block-committer.ts';
import { BlockPace } from './block-pace.ts';
import { CatchUp } from './catch-up.ts';
import { type ChainHead, type ChainIdentity, isQuorumOf, paramsOf } from './chain-head.ts';
import { CheckpointTrust } from './checkpoint-trust.ts';
import { ConsensusRunner } from './consensus-runner.ts';
import { ContentDesks } from './content-desks.ts';
import { EvidenceDesk } from './evidence-desk.ts';
import type { EvidenceAdmission } from './evidence-pool.ts';
import { ConsensusInbox } from './inbox.ts';
import { Judge } from './judge.ts';
import { LateSigning } from './late-signing.ts';
import { limits } from './limits.ts';
import { type Admission, Mempool, type MempoolEntry } from './mempool.ts';
import {
  type DirectMessage,
  decodeDirect,
  decodeTransactionBatch,
  encodeDirect,
  encodeTransactionBatch,
} from './messages.ts';
import { buildNextBlock } from './next-block.ts';
import type { GossipTopic, GossipVerdict, HostInput, HostPorts, PeerId } from './ports.ts';
import { QueryCoordinator } from './query-coordinator.ts';
import type { Decision, RunnerHooks } from './runner-hooks.ts';
import { isRequest, type Request, Serving } from './serving.ts';
import { SigningRight } from './signing-right.ts';
import type { HostBoot } from './start-up.ts';
import { Sync } from './sync.ts';
import { TransactionGossip } from './transaction-gossip.ts';

export class Host {
  readonly identity: ChainIdentity;
  readonly mempool: Mempool;
  readonly sync: Sync;
  readonly runner: ConsensusRunner;
  readonly queries: QueryCoordinator;
  readonly pace: BlockPace;
  readonly #boot: HostBoot;
  readonly #ports: HostPorts;
  readonly #judge: Judge;
  readonly #inbox: ConsensusInbox;
  readonly #committer: BlockCommitter;
  readonly #gossip: TransactionGossip;
  readonly #serving: Serving;
  readonly #evidence: EvidenceDesk;
  readonly #contents: ContentDesks;
  #head: ChainHead;
  readonly #right: SigningRight;
  readonly #late: LateSigning;
  readonly #trust: CheckpointTrust;
  #isStopped = false;

  constructor(boot: HostBoot, ports: HostPorts) {
    this.identity = boot.identity;
    this.#boot = boot;
    this.#ports = ports;
    this.#head = boot.head;
    this.mempool = new Mempool(ports.crypto);
    this.#judge = new Judge(boot.identity, this.mempool.verifiedSignatures, ports);
    this.#committer = new BlockCommitter(ports);
    const head = () => this.#head;
    this.#right = new SigningRight({ ports, boot, head, sync: () => this.sync });
    this.#contents = new ContentDesks({ ports, head, peers: () => this.sync.peers() });
    this.queries = new QueryCoordinator({
      ports,
      identity: boot.identity,
      head,
      submit: (bytes) => this.submitTransaction(bytes),
      peerOf: (operator) => this.sync.peerOf(operator),
      holdsExpert: (peer, expert) => this.sync.holdsExpert(peer, expert),
      peers: () => this.sync.peers(),
      contents: this.#contents,
    });
    const timed: HostPorts = { ...ports, clock: { nowMs: () => this.pace.nowMs() } };
    this.runner = new ConsensusRunner(boot.identity, timed, this.#runnerHooks(), this.#judge);
    const view = () => ({ head: this.#head, pending: this.mempool.size + this.#evidence.candidates().length });
    const connected = () => this.sync.operators();
    this.pace = new BlockPace(ports, { runner: this.runner, identity: boot.identity, view, connected });
    this.#trust = new CheckpointTrust(boot.identity, boot.checkpoint ?? null, ports.clock);
    const shared = { identity: boot.identity, ports, judge: this.#judge, runner: this.runner, head };
    this.#late = new LateSigning({ ports, runner: this.runner, pace: this.pace, right: this.#right });
    this.#inbox = new ConsensusInbox({ ...shared, ports: timed, right: this.#right });
    this.#gossip = new TransactionGossip(ports, (bytes) => this.mempool.add(bytes, this.#mempoolView()));
    this.#serving = new Serving(shared);
    this.#evidence = new EvidenceDesk({ ...shared, peers: () => this.sync.peers() });
    this.sync = new Sync({
      ...shared,
      serving: this.#serving,
      catchUp: new CatchUp(boot.identity, ports, this.#trust),
      commitRun: (run) => {
        this.runner.abandonHeight();
        this.#committer.beginRun(run);
      },
    });
  }

  get head(): ChainHead {
    return this.#head;
  }

  /** Why this node does not sign, or null when it does. */
  get observerReason(): string | null {
    return this.#right.observerReason;
  }

  /** The consensus key that this node signs with now; null where it holds none. */
  get signingKey(): PublicKey | null {
    return this.#ports.signer?.publicKey ?? null;
  }

  /** Finishes what a crash interrupted, replays the log and arms the timers. Call once. */
  start(): void {
    this.#ports.timers.set('status', limits.statusIntervalMs);
    const { unapplied, walRecords } = this.#boot;
    this.#right.onHeight();
    this.runner.enterHeight();
    if (unapplied !== null) {
      this.runner.abandonHeight();
      return this.#committer.begin(decodeStored(unapplied), this.#head, { stored: true });
    }
    this.runner.resume(walRecords);
    this.#ports.timers.set('quorum', limits.quorumPatienceMs);
    this.#contents.onHead();
    this.queries.onHead();
  }

  handle(input: HostInput): void {
    if (this.#isStopped) return;
    switch (input.kind) {
      case 'timer':
        return this.#onTimer(input.name);
      case 'peerConnected':
        return this.#onConnected(input.peer);
      case 'peerDisconnected':
        return this.sync.onDisconnected(input.peer);
      case 'direct':
        return this.#onDirectBytes(input.peer, input.bytes);
      case 'blockStored':
        return this.#committer.onBlockStored(input.height);
      case 'stateStored':
        return this.#advance(this.#committer.onStateStored(input.height));
      case 'localStored':
        return this.queries.onStored(input.key);
      case 'contentStored':
      case 'knowledgeJoined':
        this.#contents.onInput(input);
        return this.queries.onHead();
      case 'worker':
        if (input.message.kind === 'ready') this.#contents.onHead();
        return this.queries.onWorker(input.message);
      case 'workerDown':
        return this.#warn('inference worker is down', { reason: input.reason });
      case 'storageFailed':
        this.#isStopped = true;
        throw input.error;
      default:
        return this.queries.onLearning(input);
    }
  }

  /** A gossip message; the verdict goes back to gossip. */
  onGossip(peer: PeerId, topic: GossipTopic, bytes: Uint8Array): GossipVerdict {
    if (this.#isStopped) return 'ignore';
    const verdict = this.#verdictOn(peer, topic, bytes);
    this.pace.wake();
    return verdict;
  }

  #verdictOn(peer: PeerId, topic: GossipTopic, bytes: Uint8Array): GossipVerdict {
    switch (topic) {
      case 'votes':
        return this.#inbox.onVote(bytes);
      case 'proposals':
        return this.#inbox.onProposal(bytes);
      case 'transactions':
        return this.#gossip.onBatch(peer, decodeTransactionBatch(bytes));
      case 'sealed':
        return this.queries.onSealed(bytes);
    }
  }

  /** Checks, keeps and gossips an encoded transaction of this node's users. */
  submitTransaction(bytes: Uint8Array): Admission {
    const admission = this.mempool.add(bytes, this.#mempoolView());
    if (admission.kind === 'added') {
      this.#gossip.add(bytes);
      this.#ports.observer.onHostEvent({ kind: 'transactionAccepted', id: admission.id });
      this.pace.wake();
    }
    return admission;
  }

  /** Checks encoded evidence that somebody found, keeps it for the next block and passes it on to peers. */
  submitEvidence(bytes: Uint8Array): EvidenceAdmission {
    const admission = this.#evidence.submit(bytes);
    this.pace.wake();
    return admission;
  }

  pendingTransaction(id: Hash): MempoolEntry | undefined {
    return this.mempool.get(id);
  }

  /** No further input has an effect. */
  stop(): void {
    this.#isStopped = true;
  }

  #runnerHooks(): RunnerHooks {
    return {
      head: () => this.#head,
      buildBlock: (options) => this.#buildBlock(options),
      extensionBytes: (height) => encodeVoteExtension({ items: this.queries.extensionItems(height) }),
      decided: (decision) => this.#onDecided(decision),
      evidence: (evidence) => this.#onEvidence(evidence),
      announce: () => this.sync.announce(),
      canSign: () => this.#right.canSign(),
      refuseToSign: (reason) => this.#right.refuse(reason),
    };
  }

  /** A chain without the checkpoint's block is left before anything of it is stored. */
  #onDecided(decision: Decision): void {
    const { block, commit } = decision;
    const reached = { height: commit.height, hash: commit.blockId, timeMs: block.header.time };
    this.#trust.require(reached, paramsOf(this.#head));
    this.#committer.begin(decision, this.#head, { stored: false });
  }

  #buildBlock(options: { timeMs: number; lastCommit: ExtendedCommit | null }): BuiltBlock | null {
    if (this.#ports.signer === null) return null;
    return buildNextBlock({
      ...{ ...options, head: this.#head, identity: this.identity, signer: this.#ports.signer, judge: this.#judge },
      transactions: this.mempool.candidates(),
      evidence: this.#evidence.candidates(),
    });
  }

  #onTimer(name: string): void {
    if (name.startsWith('timeout/')) return this.runner.onTimer(name);
    if (name === 'start') return this.pace.onTimer();
    if (name === 'gossip') return this.#gossip.flush();
    if (name === 'quorum') return this.pace.arm();
    if (name === 'status') return this.#announce();
    if (this.#right.onTimer(name)) this.#enterAgain();
  }

  /** In the midst of a height in which it only watched, and signed nothing: peers send anew what it had heard. */
  #enterAgain(): void {
    this.runner.enterHeight();
    this.#inbox.forget();
    this.pace.arm();
    this.#announce();
  }

  /** At every new head, and when nothing was announced for a while: that is when somebody may lack something. */
  #announce(): void {
    this.sync.announce();
    this.sync.checkProgress();
    this.#contents.proceed();
    this.queries.blobs.proceed();
    this.#ports.timers.set('status', limits.statusIntervalMs);
  }

  #advance(committed: readonly Committed[]): void {
    const last = committed.at(-1);
    if (last === undefined) return;
    for (const one of committed.slice(0, -1)) {
      this.#takeOver(one);
      this.#tellApplied(one);
    }
    this.#takeOver(last);
    this.runner.rememberDecided(last.decision.commit);
    this.#late.onStored(last.decision.commit, this.sync.peers());
    this.#right.onHeight();
    this.runner.enterHeight();
    this.pace.arm();
    this.#tellApplied(last);
    this.runner.resume([]);
    this.#contents.onHead();
    this.queries.onHead();
    this.sync.proveOperators(this.#head);
    this.#announce();
    this.#inbox.onNewHeight();
    this.sync.takeNext();
  }

  #takeOver({ head, applied }: Committed): void {
    this.#head = head;
    this.mempool.onBlock(
      applied.results.transactions.map(({ id }) => id),
      this.#mempoolView(),
    );
    this.#evidence.onHead(head);
  }

  #tellApplied({ head, decision, applied }: Committed): void {
    const { block, commit } = decision;
    const [{ height, blockId: hash }, { events }] = [head, applied];
    this.#contents.onEvents(events);
    this.#ports.observer.onHostEvent({ kind: 'blockApplied', height, hash, block, round: commit.round, events });
  }

  #onConnected(peer: PeerId): void {
    this.sync.onConnected(peer);
    const signature = this.#ports.signer?.signIdentity(this.#boot.peerId) ?? new Uint8Array(64);
    this.#ports.network.send(peer, this.sync.helloBytes(signature, this.#boot.peerId));
  }

  #onDirectBytes(peer: PeerId, bytes: Uint8Array): void {
    const message = bytes.length > limits.directMessageBytesMax ? null : decodeDirect(bytes);
    if (message === null) return this.#ports.network.penalise(peer, 'malformed message', 'severe');
    if (message.kind === 'hello') return this.#onHello(peer, message);
    if (!this.sync.isGreeted(peer)) return this.#ports.network.penalise(peer, 'message before hello', 'minor');
    if (isRequest(message)) this.#serving.onRequest(peer, message);
    else this.#onDirect(peer, message);
    this.pace.wake();
  }

  #onDirect(peer: PeerId, message: Exclude<DirectMessage, Request | { kind: 'hello' }>): void {
    switch (message.kind) {
      case 'status':
        return this.sync.onStatus(peer, message);
      case 'busy':
        this.queries.blobs.onBusy(peer, message.retryAfterMs);
        return this.sync.onBusy(peer, message.retryAfterMs);
      case 'blocks':
        return this.sync.onBlocks(peer, message.blocks);
      case 'vote':
        return this.#penaliseRejected(peer, this.#inbox.onVote(message.vote), 'invalid vote');
      case 'proposal': {
        const bytes = encodeTransactionBatch([message.proposal, message.block]);
        return this.#penaliseRejected(peer, this.#inbox.onProposal(bytes), 'invalid proposal');
      }
      case 'transactions':
        return this.#penaliseRejected(peer, this.#gossip.onSent(peer, message.transactions), 'invalid transactions');
      case 'answerToken':
      case 'answerDone':
        return this.queries.onRelay(message, peer);
      case 'evidence':
        return this.#penaliseRejected(peer, this.#evidence.onPeer(peer, message.evidence), 'invalid evidence');
      case 'recipe':
      case 'adapter':
      case 'knowledge':
        return this.#contents.onAnswer(peer, message);
      case 'blobChunk':
        return this.queries.blobs.onChunk(peer, message);
      default:
        return; // Late answers to what was asked while a snapshot was restored.
    }
  }

  #onHello(peer: PeerId, hello: Extract<DirectMessage, { kind: 'hello' }>): void {
    if (hello.chainId !== this.identity.chainId || hello.genesisHash !== this.identity.genesisHash) {
      return this.#ports.network.penalise(peer, `node of another chain (${hello.chainId})`, 'severe');
    }
    if (!this.sync.mayGreet(peer)) return this.#ports.network.penalise(peer, 'greets without end', 'minor');
    const { operator, signature, experts } = hello;
    const claim = operator === null ? null : { operator, signature, tried: [] };
    this.sync.greeted(peer, { claim, experts }, this.#head);
    const transactions = this.mempool.sample();
    if (transactions.length > 0) this.#ports.network.send(peer, encodeDirect({ kind: 'transactions', transactions }));
    if (isQuorumOf(this.#head, this.sync.operators())) this.pace.arm();
  }

  #onEvidence(evidence: Evidence): void {
    this.#warn('double signing seen', { validator: offenders(evidence).join() });
    this.#evidence.note(evidence);
  }

  #penaliseRejected(peer: PeerId, verdict: GossipVerdict, reason: string): void {
    if (verdict === 'reject') this.#ports.network.penalise(peer, reason, 'minor');
  }

  #mempoolView() {
    return { state: this.#head.state, height: this.#head.height };
  }

  #warn(message: string, facts: Readonly<Record<string, unknown>>): void {
    this.#ports.observer.onHostEvent({ kind: 'log', level: 'warn', message, facts });
  }
}
