/**
 * One simulated node: the production host over simulated ports. Owns its process (boot, crash, exit, timers, worker) and
 * the start-up rules that the composition root has in production. Does not own delivery (network.ts) or the disk (disk.ts).
 */
import {
  type Address,
  encodeRecipe,
  type Hash,
  readValidatorRecord,
  recipeHash,
  StateTree,
  SynodError,
  taggedHash,
  ZERO_HASH,
} from '@synod/chain';
import type { ExpertSetup, Job } from '@synod/inference';
import { createConsensusSigner, NOTHING_SIGNED } from '@synod/node/durable';
import {
  bootOf,
  type ChainHead,
  type ConsensusSigner,
  genesisHead,
  Host,
  type HostEvent,
  type HostInput,
  type HostPorts,
  headOf,
  type ModelLibrary,
  type PeerId,
  type WorkerMessage,
} from '@synod/node/host';
import { baseModel, type Member, recipeOf, type VoterKeys } from './cast.ts';
import { CrashSignal, Disk } from './disk.ts';
import { agreementOf, expertSigner } from './keys.ts';
import { watchedStore } from './store-watch.ts';
import type { World } from './world.ts';

export class SimNode {
  readonly world: World;
  readonly index: number;
  readonly peerId: PeerId;
  readonly member: Member;
  readonly memberIndex: number;
  /** False for nodes that sign twice or attack: nothing is promised about what they decide. */
  isHonest = true;
  readonly disk: Disk;
  /** Keys that it signs with in this life: those that the set of the next height named at its start. */
  keys: VoterKeys;
  host: Host | null = null;
  clockOffsetMs = 0;
  workerIsDown = false;
  /** Milliseconds that it runs on with keys which the set no longer names, until its operator starts it with the new ones. */
  keepsKeysMs = 0;
  #isGivingUpKeys = false;
  /** It started on a damaged log or sign state, so it may sign nothing in this life. */
  mustObserve = false;
  /** Virtual time from which the operator may start it again; null while it runs. */
  downUntilMs: number | null = null;
  #life = 0;
  #timers = new Map<string, number>();

  constructor(world: World, place: { index: number; memberIndex: number; peerId: PeerId }) {
    this.world = world;
    this.index = place.index;
    this.memberIndex = place.memberIndex;
    this.peerId = place.peerId;
    this.member = world.cast.members[place.memberIndex] as Member;
    this.keys = this.member;
    this.disk = new Disk({ prng: world.prngs.disk, counts: world.counts, genesis: world.cast.state });
  }

  get operator(): Address {
    return this.member.operator.address;
  }

  get height(): number {
    return this.host?.head.height ?? this.disk.applied?.height ?? 0;
  }

  /** Starts the process on what the disk holds. A damaged database ends it at once, as in production. */
  boot(): void {
    this.#timers = new Map();
    this.downUntilMs = null;
    this.#isGivingUpKeys = false;
    this.mustObserve = this.disk.isSignStateDamaged || this.disk.log.damage !== null;
    this.world.checker.onBoot(this);
    this.disk.attach({
      after: (delayMs, run) => this.after(delayMs, run),
      blockStored: (height) => this.#deliver({ kind: 'blockStored', height }),
      stateStored: (height) => this.#deliver({ kind: 'stateStored', height }),
      localStored: (key) => this.#deliver({ kind: 'localStored', key }),
      failed: (error) => this.#deliver({ kind: 'storageFailed', error }),
    });
    this.guard(() => {
      const head = loadHead(this.disk, this.world.cast.state);
      this.keys = this.#keysNamedBy(head.state);
      const signer = this.#openSigner();
      this.host = new Host(this.#bootOf(head, signer), this.#ports(signer));
      this.host.start();
    });
  }

  /** Hands an input to the host; a crash or a failure inside ends the process. */
  handle(input: HostInput): void {
    this.guard(() => this.host?.handle(input));
  }

  /** Runs something of this process, if it still runs then. */
  after(delayMs: number, run: () => void): void {
    const life = this.#life;
    this.world.queue.after(delayMs, () => {
      if (life === this.#life) this.guard(run);
    });
  }

  /** Ends the process at once; `downMs` later it is started again. */
  crash(why: string, downMs: number): void {
    this.#life += 1;
    this.host = null;
    this.disk.crash();
    this.downUntilMs = this.world.queue.nowMs + downMs;
    this.world.note(this, `crash ${why}`);
    this.world.network.onDown(this);
    this.world.queue.after(downMs, () => this.world.restart(this));
  }

  /** What an operator does once the set names its new keys: the old process ends, the next starts with them. */
  #takeNewKeys(): void {
    if (this.host === null || this.#isGivingUpKeys || this.#keysNamedBy(this.host.head.state) === this.keys) return;
    this.world.counts.add('keyRotation');
    if (this.keepsKeysMs === 0) return this.crash('its keys changed', 0);
    this.#isGivingUpKeys = true;
    this.after(this.keepsKeysMs, () => this.crash('its keys changed', 0));
  }

  #keysNamedBy(state: StateTree): VoterKeys {
    const key = readValidatorRecord(state).validators.find(({ operator }) => operator === this.operator)?.publicKey;
    return key === this.member.rotated.consensus.publicKey ? this.member.rotated : this.member;
  }

  guard(run: () => void): void {
    try {
      run();
      this.disk.mustLive();
    } catch (error) {
      if (error instanceof CrashSignal) {
        this.world.counts.add('crash.any');
        return this.crash(error.message, this.world.prngs.faults.between(50, 1_500));
      }
      if (error instanceof SynodError && this.disk.mayFail && isDiskFailure(error)) {
        return this.#exit(error);
      }
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.world.checker.fail('hostThrew', `${this.peerId}: ${text}`);
      this.crash('host threw', 60_000);
    }
  }

  /** The process ended itself with an error a person reads; the remedy is what the error says. */
  #exit(error: SynodError): void {
    this.world.note(this, `exit ${error.code}`);
    if (error.code === 'DATABASE_DAMAGED') this.disk.wipeDatabase();
    this.crash(`exit ${error.code}`, this.world.prngs.faults.between(200, 2_000));
  }

  #openSigner(): ConsensusSigner {
    const { world, keys, disk } = this;
    const { tier } = world;
    disk.signState ??= NOTHING_SIGNED;
    const signer = createConsensusSigner({
      chainId: world.cast.identity.chainId,
      operator: this.operator,
      state: {
        initial: disk.isSignStateDamaged ? NOTHING_SIGNED : disk.signState,
        initialLocked: disk.lockedProposal,
        save: (state, locked) => disk.saveSignState(state, locked),
      },
      keys: {
        publicKey: keys.consensus.publicKey,
        sign: (message) => tier.sign(keys.consensus, message),
        prove: (alpha) => tier.prove(keys.beacon, alpha),
        deriveSecret: (label) => tier.deriveSecret(keys.consensus, label),
        agree: agreementOf(keys.consensus),
      },
    });
    // A crash while signing kept it from being seen; peers get it from the sign state all the same.
    for (const proposal of signer.signed().proposals) world.checker.rules.onProposed(proposal);
    return world.checker.watchSigner(this, signer);
  }

  #bootOf(head: ChainHead, signer: ConsensusSigner) {
    const { disk, world } = this;
    return bootOf({
      identity: world.cast.identity,
      head,
      store: disk.store,
      storeHeight: disk.latestHeight,
      logRecords: disk.log.records,
      isLogDamaged: disk.log.damage !== null,
      signer,
      signStateProblem: disk.isSignStateDamaged ? 'the sign state is damaged' : null,
      peerId: this.peerId,
    });
  }

  #ports(signer: ConsensusSigner): HostPorts {
    const { world, disk } = this;
    const alive = <A extends readonly unknown[], R>(call: (...values: A) => R) => {
      return (...values: A): R => {
        disk.mustLive();
        return call(...values);
      };
    };
    return {
      network: {
        publish: alive((topic, bytes) => world.network.publish(this, topic, bytes)),
        send: alive((peer, bytes) => world.network.send(this, peer, bytes)),
        penalise: alive((peer, reason, severity) => world.network.penalise(this, { peer, reason, severity })),
      },
      timers: {
        set: alive((name, delayMs) => {
          world.checker.onTimer(this, name, delayMs);
          this.#setTimer(name, delayMs);
        }),
        clear: (name) => this.#timers.delete(name),
      },
      clock: { nowMs: () => world.queue.nowMs + this.clockOffsetMs },
      wal: world.checker.watchLog(this, disk.wal),
      store: watchedStore(world.checker, this, disk.store),
      worker: { submit: (job) => this.#work(job), cancel: () => undefined },
      observer: { onHostEvent: (event) => this.#onHostEvent(event) },
      signer,
      experts: [{ signer: expertSigner(world.tier, this.member.expert), setup: this.#setup(), adapterHash: ZERO_HASH }],
      library: fullLibrary(world.cast.identity.genesis.experts.length),
      crypto: world.tier.crypto,
      execution: world.executionOf(this),
    };
  }

  #setup(): ExpertSetup {
    return { profile: recipeOf(this.memberIndex).profile, knowledge: null, adapter: null };
  }

  #onHostEvent(event: HostEvent): void {
    this.world.checker.onHostEvent(this, event);
    if (event.kind === 'blockApplied') this.after(0, () => this.#takeNewKeys());
  }

  #deliver(input: HostInput): void {
    this.after(0, () => this.host?.handle(input));
  }

  #setTimer(name: string, delayMs: number): void {
    const token = (this.#timers.get(name) ?? 0) + 1;
    this.#timers.set(name, token);
    this.after(delayMs, () => {
      if (this.#timers.get(name) === token) this.host?.handle({ kind: 'timer', name });
    });
  }

  /** Answers and scores are functions of the job, so a job given again gives the same. */
  #work(job: Job): void {
    const { prngs, counts } = this.world;
    const delayMs = prngs.workload.between(5, 160);
    if (this.workerIsDown || prngs.workload.chance(20_000)) {
      counts.add('workerFailed');
      return this.#reply(delayMs, { kind: 'failed', id: job.id, code: 'MODEL_ERROR', message: 'simulated' });
    }
    const digest = taggedHash('simulator/work', Buffer.from(job.kind === 'score' ? job.answers.join('|') : job.id));
    if (job.kind === 'answer') {
      this.world.checker.onAnswerJob(this, job);
      // Now and then an expert has nothing to add to what it said before.
      if (job.peers?.length && prngs.market.chance(100_000)) return;
      // Three answers in all, so that some agree.
      const text = `answer ${'yes '.repeat(1 + (Number.parseInt(digest.slice(0, 4), 16) % 3))}`;
      const segments = [{ kind: 'generated', text, tokens: [1, 2], logProbabilities: [10, 20] }] as const;
      const rest = { grounding: 'ungrounded', confidencePpm: 500_000, promptTokens: 5, finish: 'stop' } as const;
      this.#reply(delayMs, { kind: 'token', id: job.id, text });
      this.#reply(delayMs, { kind: 'answered', id: job.id, result: { segments, ...rest } });
    } else if (job.kind === 'score') {
      const scores = job.answers.map((_, index) => ({
        scorePpm: 400_000 + (Number.parseInt(digest.slice(4 * index, 4 * index + 4), 16) % 500_000),
        likelihoodMilli: -1_000,
        relevancePpm: 500_000,
      }));
      this.#reply(delayMs, { kind: 'scored', id: job.id, scores });
    } else if (job.kind === 'verify') {
      const check = {
        segment: 0,
        verdict: 'match',
        fault: null,
        distanceMilli: 0,
        greedyPpm: 1_000_000,
        gapMilli: 0,
      } as const;
      this.#reply(delayMs, { kind: 'verified', id: job.id, checks: [check] });
    }
  }

  #reply(delayMs: number, message: WorkerMessage): void {
    this.after(delayMs, () => this.host?.handle({ kind: 'worker', message }));
  }
}

/** The head that start-up finds: state, newest applied block and its results. */
function loadHead(disk: Disk, genesis: StateTree): ChainHead {
  const { applied } = disk;
  if (applied === null) return genesisHead(genesis);
  const state = StateTree.fromEntries([...disk.stateEntries()].map(([key, value]) => ({ key, value })));
  return headOf({ ...applied, state, store: disk.store });
}

function isDiskFailure(error: SynodError): boolean {
  return error.code === 'DATABASE_DAMAGED' || error.code === 'DISK_FULL';
}

const libraries = new Map<number, ModelLibrary>();

/** Holds every recipe of the cast from the start, so that nothing is fetched: fetching is the host's own tests' to break. */
function fullLibrary(experts: number): ModelLibrary {
  const known = libraries.get(experts);
  if (known !== undefined) return known;
  const recipes = Array.from({ length: experts }, (_, index) => encodeRecipe(recipeOf(index)));
  const byId = new Map(recipes.map((bytes) => [recipeHash(bytes), bytes]));
  const read = (_: unknown, hash: Hash) => byId.get(hash) ?? null;
  const library: ModelLibrary = {
    baseModel: () => baseModel,
    has: (content, hash) => read(content, hash) !== null,
    read,
    adapterFile: (hash) => hash,
    save: () => undefined,
    join: () => undefined,
  };
  libraries.set(experts, library);
  return library;
}
