/**
 * Whole networks of production hosts in one process: virtual clock, network, log and disk. Owns delivery order and faults;
 * the hosts, the chain, the signatures and the sign state are the real ones.
 */
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Address,
  addressOf,
  blobId,
  type ChainParams,
  createGenesisState,
  decodeBlock,
  decodeBlockResults,
  decodeExtendedCommit,
  defaultChainParams,
  type ExpertProfile,
  encodeTransaction,
  type Genesis,
  genesisHash,
  type Hash,
  knowledgeIdOf,
  modelIdOf,
  NANO_PER_SYN,
  openKnowledgeBundle,
  type Payload,
  PLAIN_TERMS,
  publicKeyOf,
  type QueryContract,
  type Recipe,
  StateTree,
  sha256,
  sign,
  type TransactionBody,
  taggedHash,
  toHex,
  transactionId,
  transactionSignBytes,
  verifySignature,
  ZERO_HASH,
} from '@synod/chain';
import type { Job } from '@synod/inference';
import { createExpertSigner, openSignerRing, systemFiles, type ValidatorSeeds } from '../../src/adapters/index.ts';
import { type MemoryStoreData, type OpenedMemoryStore, openMemoryStore } from '../../src/adapters/memory-store.ts';
import {
  type BlobStore,
  bootOf,
  type ChainHead,
  type Checkpoint,
  type ConsensusSigner,
  type ContentKind,
  type DirectMessage,
  type DoppelgangerSettings,
  decodeDirect,
  encodeDirect,
  type GossipTopic,
  genesisHead,
  Host,
  type HostEvent,
  type HostedExpert,
  type HostInput,
  keyNamedAfter,
  type Learner,
  type LearnerMessage,
  type LearnerTask,
  type LearntEntry,
  type ModelLibrary,
  type PaceMode,
  type ProvenAnswer,
  type RestoreFiles,
  restoredState,
  SnapshotRestore,
  type SnapshotSource,
  type VersionFiles,
} from '../../src/host/index.ts';

const seedOf = (label: string): Uint8Array => Buffer.from(taggedHash('lab', new TextEncoder().encode(label)), 'hex');

export const consensusSeed = (index: number): Uint8Array => seedOf(`consensus ${index}`);
export const vrfSeed = (index: number): Uint8Array => seedOf(`vrf ${index}`);
export const operatorSeed = (index: number): Uint8Array => seedOf(`operator ${index}`);
export const expertSeed = (index: number): Uint8Array => seedOf(`expert ${index}`);
export const operatorOf = (index: number): Address => addressOf(publicKeyOf(operatorSeed(index)));
export const aliceSeed = seedOf('alice');
export const alice: Address = addressOf(publicKeyOf(aliceSeed));
const startMs = 1_700_000_000_000;

/** Base model of every worker of the lab, unless told otherwise. */
export const labModel: Hash = taggedHash('lab-model');

/** How the expert of a node writes. */
export function recipeOf(node: number, adapter: Hash = ZERO_HASH): Recipe {
  const profile = { instruction: `style ${node}`, temperature: 0, topP: 1, maxTokens: 64 };
  return { baseModel: labModel, adapter, knowledgeRoot: ZERO_HASH, profile };
}

type Event = { readonly atMs: number; readonly order: number; readonly run: () => void };

/** What the worker port says instead of a model: recorded by the test, replayed here. */
export type WorkerScript = {
  answer(job: Extract<Job, { kind: 'answer' }>, node: number): string | null;
  score(job: Extract<Job, { kind: 'score' }>, node: number): readonly number[] | null;
  /** Whether the node's answers lack the evidence that the market asks for. */
  readonly isForged?: (node: number) => boolean;
  /** What a verifier finds, or the code of a failure; a match when left out. */
  verify?(job: Extract<Job, { kind: 'verify' }>, node: number): 'match' | 'mismatch' | { readonly code: string };
};

/** What a node's learner says of a task; null: nothing, as if it were still at it. */
export type LearnerScript = (task: LearnerTask, node: number) => LearnerMessage | null;

export type LabOptions = {
  readonly validators?: number;
  /** Nodes beyond `validators` with keys and money, but not in the set of genesis. */
  readonly newcomers?: number;
  /** Further nodes that follow the chain: without keys, money or a registered expert. */
  readonly observers?: number;
  readonly staking?: Partial<ChainParams['staking']>;
  readonly voting?: Partial<ChainParams['voting']>;
  readonly market?: Partial<ChainParams['market']>;
  readonly learning?: Partial<ChainParams['learning']>;
  /** Experts whose registered model is not the one that their node runs: nobody can serve their recipe. */
  readonly unpublished?: readonly number[];
  /** Adapters of experts by node; none when left out. */
  readonly adapters?: Readonly<Record<number, Uint8Array>>;
  /** Knowledge bundles of experts by node, which it serves from the start. */
  readonly bundles?: Readonly<Record<number, Uint8Array>>;
  /** Local folders of a node by domain; none when left out. */
  readonly knowledge?: (node: number) => ReadonlyMap<string, string>;
  /** Base model of a node's worker; null while it loads. */
  readonly baseModel?: (node: number) => Hash | null;
  /** How nodes pace their blocks; by the interval when left out. */
  readonly pace?: PaceMode;
  /** How nodes watch for another with their key; not at all when left out. */
  readonly doppelganger?: DoppelgangerSettings;
  readonly blockIntervalMs?: number;
  readonly worker?: WorkerScript;
  /** Nodes have no learner when left out. */
  readonly learner?: LearnerScript;
  readonly chainId?: string;
  /** Sees every message as it is sent. */
  readonly onMessage?: (topic: GossipTopic | 'direct', bytes: Uint8Array) => void;
  /** What a node says to another instead. */
  readonly alter?: (message: DirectMessage, from: number) => DirectMessage;
  /** False: trust ages, as it does where something is at stake. */
  readonly devnet?: boolean;
  /** Milliseconds a message takes; null loses it. */
  readonly delay?: (message: { from: number; to: number; bytes: Uint8Array; nowMs: number }) => number | null;
};

export class Lab {
  readonly genesis: Genesis;
  readonly nodes: LabNode[] = [];
  readonly options: LabOptions;
  readonly folder = folderUntilExit();
  nowMs = startMs;
  #queue: Event[] = [];
  #order = 0;

  constructor(options: LabOptions = {}) {
    this.options = options;
    this.genesis = createGenesis(options);
    const { observers = 0 } = options;
    for (let index = 0; index < nodeCount(options) + observers; index++) this.nodes.push(new LabNode(this, index));
    for (const node of this.nodes) node.boot();
    for (const a of this.nodes) for (const b of this.nodes) if (a !== b) a.connect(b);
  }

  after(delayMs: number, run: () => void): void {
    this.#queue.push({ atMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, run });
  }

  /** Runs events in time order until the condition holds; throws when it does not within the given virtual time. */
  runUntil(isDone: () => boolean, withinMs: number): void {
    const endMs = this.nowMs + withinMs;
    while (!isDone()) {
      const next = this.#queue.reduce<Event | null>(
        (least, event) => (least === null || before(event, least) ? event : least),
        null,
      );
      if (next === null || next.atMs > endMs) {
        const heads = this.nodes.map((node) => node.host?.head.height ?? -1).join(', ');
        throw new Error(`not reached within ${withinMs} virtual ms; heads ${heads}`);
      }
      this.#queue.splice(this.#queue.indexOf(next), 1);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
  }

  runFor(ms: number): void {
    const endMs = this.nowMs + ms;
    this.after(ms, () => undefined);
    this.runUntil(() => this.nowMs >= endMs, ms + 1);
  }

  get live(): readonly LabNode[] {
    return this.nodes.filter((node) => node.host !== null);
  }

  heightEverywhere(): number {
    return Math.min(...this.live.map((node) => node.head.height));
  }

  /** Signs a payload with a seed and submits it at one node. */
  submit(seed: Uint8Array, payload: Payload, at = 0): Hash {
    const head = this.nodes[at]!.head;
    const body: TransactionBody = {
      chainId: this.genesis.chainId,
      sender: publicKeyOf(seed),
      salt: seedOf(`${this.#order++}`).subarray(0, 16),
      validUntil: head.height + 100,
      maxBaseFeePerByte: 1_000n,
      tip: 0n,
      payload,
    };
    const admission = this.nodes[at]!.host!.submitTransaction(
      encodeTransaction({ body, signature: sign(seed, transactionSignBytes(body)) }),
    );
    if (admission.kind === 'refused') throw new Error(`refused: ${admission.code}`);
    return transactionId(body);
  }
}

export class LabNode {
  readonly index: number;
  readonly lab: Lab;
  readonly events: HostEvent[] = [];
  readonly penalties: { readonly peer: string; readonly reason: string }[] = [];
  readonly jobs: Job[] = [];
  host: Host | null = null;
  /** Records that survived: appended and synced. */
  walDurable: Uint8Array[] = [];
  walBuffered: Uint8Array[] = [];
  isLogDamaged = false;
  /** Rounds whose votes the signer refuses, as if it had signed others there. */
  refusesRoundsBelow = 0;
  /** Votes signed, repeats included. */
  signatures = 0;
  workerIsDown = false;
  /** Index of the seeds of its consensus and beacon keys: another after it rotated. Taken at the next start. */
  keysIndex: number;
  /** Further keys of its home, as the running node sees them. */
  rotated: () => readonly ValidatorSeeds[] = () => [];
  /** False: the node holds no validator key. */
  isValidator: boolean;
  checkpoint: Checkpoint | null = null;
  /** What it serves; null serves none. */
  snapshots: SnapshotSource | null = null;
  /** Recipes and adapters on its disk. */
  readonly library = new Map<string, Uint8Array>();
  /** Blobs on its disk, and the parts of those that it fetches. */
  readonly blobs = new Map<Hash, Uint8Array>();
  readonly blobParts = new Map<string, Uint8Array>();
  /** Files of versions on its disk, as `kind/hash`; what was learnt by root. */
  readonly versionFiles = new Set<string>();
  readonly learnt = new Map<Hash, readonly LearntEntry[]>();
  /** Tasks that its learner was given, and those it was told to drop. */
  readonly tasks: LearnerTask[] = [];
  readonly forgotten: string[] = [];
  /** What is asked to be saved never gets to the disk. */
  isBlobDiskFull = false;
  /** Gets the inputs while there is no host. */
  restoring: SnapshotRestore | null = null;
  #life = 0;
  #operates: number;
  #homeName: string | null = null;
  #store: OpenedMemoryStore;
  #timers = new Map<string, number>();

  constructor(lab: Lab, index: number) {
    this.lab = lab;
    this.index = index;
    this.keysIndex = index;
    this.#operates = index;
    this.isValidator = index < nodeCount(lab.options);
    this.#store = this.#openStore();
  }

  get operator(): Address {
    return addressOf(publicKeyOf(operatorSeed(this.#operates)));
  }

  /** From the next start on it runs with another node's keys, from a home of its own. */
  useKeysOf(index: number): void {
    this.isValidator = true;
    this.keysIndex = index;
    this.#operates = index;
    this.#homeName = `twin-${index}`;
  }

  get peerId(): string {
    return `node-${this.index}`;
  }

  get head(): ChainHead {
    if (this.host === null) throw new Error('node is down');
    return this.host.head;
  }

  get store() {
    return this.#store.store;
  }

  /** Everything on its disk now. */
  get disk(): MemoryStoreData {
    return this.#store.snapshot();
  }

  boot(): void {
    const { genesis } = this.lab;
    const identity = { genesis, chainId: genesis.chainId, genesisHash: genesisHash(genesis) };
    const head = this.#loadHead();
    const { signer, signStateProblem } = this.#openSigner(head);
    this.#timers = new Map();
    this.host = new Host(
      {
        ...bootOf({
          identity,
          head,
          store: this.store,
          storeHeight: this.store.latestHeight() ?? 0,
          logRecords: this.walDurable,
          isLogDamaged: this.isLogDamaged,
          signer,
          signStateProblem,
          peerId: this.peerId,
        }),
        checkpoint: this.checkpoint,
        doppelganger: this.lab.options.doppelganger ?? null,
      },
      {
        ...this.#basicPorts(),
        wal: {
          append: (record) => void this.walBuffered.push(record),
          sync: () => {
            this.walDurable.push(...this.walBuffered);
            this.walBuffered = [];
          },
          truncate: () => {
            this.walDurable = [];
            this.walBuffered = [];
          },
        },
        store: this.store,
        snapshots: {
          heights: () => this.snapshots?.heights() ?? [],
          snapshot: (height) => this.snapshots?.snapshot(height) ?? null,
          chunk: (height, index) => this.snapshots?.chunk(height, index) ?? null,
        },
        worker: { submit: (job) => this.#work(job), cancel: () => undefined },
        observer: { onHostEvent: (event) => void this.events.push(event) },
        signer: signer === null ? null : this.#refusing(signer),
        experts: [this.#expert()],
        library: this.#library(),
        ...(this.lab.options.knowledge && { knowledge: this.lab.options.knowledge(this.index) }),
        blobs: this.#blobStore(),
        versions: this.#versions(),
        ...(this.lab.options.learner === undefined ? {} : { learner: this.#learner(this.lab.options.learner) }),
        pace: this.lab.options.pace ?? 'interval',
      },
    );
    this.host.start();
  }

  /** An empty node that restores a snapshot first; it then boots, or boots from genesis when there was none. */
  restore(files: RestoreFiles, options: { isRequired?: boolean; trustingPeriodMs?: number } = {}): void {
    const { genesis } = this.lab;
    const identity = { genesis, chainId: genesis.chainId, genesisHash: genesisHash(genesis) };
    const { chainId, genesisHash: hash } = identity;
    this.#timers = new Map();
    this.#store = this.#openStore({ isEmpty: true });
    const restoring = new SnapshotRestore({
      identity,
      checkpoint: this.checkpoint ?? { height: 0, hash },
      config: {
        chainId,
        trustingPeriodMs: options.trustingPeriodMs ?? 2 ** 40,
        clockDriftMsMax: genesis.params.clockDriftMsMax,
        verify: verifySignature,
      },
      ports: this.#basicPorts(),
      files,
      isRequired: options.isRequired ?? false,
      hello: encodeDirect({
        kind: 'hello',
        chainId,
        genesisHash: hash,
        operator: null,
        signature: new Uint8Array(64),
        experts: [],
      }),
      onOutcome: (outcome) => {
        const greetings = restoring.greetings();
        this.restoring = null;
        if (outcome.kind === 'restored') {
          void this.#store.install(restoredState(outcome.state, outcome.anchor));
          this.#store = this.#openStore();
        }
        this.boot();
        for (const { peer, hello } of greetings) {
          this.host!.handle({ kind: 'peerConnected', peer });
          this.host!.handle({ kind: 'direct', peer, bytes: hello });
        }
      },
    });
    this.restoring = restoring;
    restoring.start();
    for (const other of this.lab.live) {
      this.connect(other);
      other.connect(this);
    }
  }

  /** Takes the inputs now, or null when the node is down. */
  get handler(): { handle(input: HostInput): void } | null {
    return this.host ?? this.restoring;
  }

  /** As after `kill -9`: what was not synced is gone, and so are connections and timers. */
  crash(): void {
    this.#life += 1;
    this.host = null;
    this.restoring = null;
    this.walBuffered = [];
    this.#store = this.#openStore();
    for (const other of this.lab.live) other.host?.handle({ kind: 'peerDisconnected', peer: this.peerId });
  }

  /** The disk lost the log; sign state and database stay. Only while the node is down. */
  loseLog(keptRecords = 0): void {
    this.walDurable = this.walDurable.slice(0, keptRecords);
    this.isLogDamaged = false;
  }

  /** The disk lost the database; the sign state stays. Only while the node is down. */
  loseDatabase(): void {
    this.loseLog();
    this.#store = this.#openStore({ isEmpty: true });
  }

  restart(): void {
    this.boot();
    for (const other of this.lab.live) {
      if (other === this) continue;
      this.connect(other);
      other.connect(this);
    }
  }

  connect(other: LabNode): void {
    this.handler?.handle({ kind: 'peerConnected', peer: other.peerId });
  }

  #basicPorts() {
    return {
      network: {
        publish: (topic: GossipTopic, bytes: Uint8Array) => this.#publish(topic, bytes),
        send: (peer: string, bytes: Uint8Array) => this.#send(peer, bytes),
        penalise: (peer: string, reason: string) => void this.penalties.push({ peer, reason }),
      },
      timers: {
        set: (name: string, delayMs: number) => this.#setTimer(name, delayMs),
        clear: (name: string) => void this.#timers.delete(name),
      },
      clock: { nowMs: () => this.lab.nowMs },
      observer: { onHostEvent: (event: HostEvent) => void this.events.push(event) },
    };
  }

  #openSigner(head: ChainHead): { signer: ConsensusSigner | null; signStateProblem: string | null } {
    if (!this.isValidator) return { signer: null, signStateProblem: null };
    const { home } = this;
    return openSignerRing({
      chainId: this.lab.genesis.chainId,
      operator: this.operator,
      home,
      first: { consensusSeed: consensusSeed(this.keysIndex), vrfSeed: vrfSeed(this.keysIndex) },
      rotated: () => this.rotated(),
      named: keyNamedAfter(head, this.operator),
      isNew: true,
      files: systemFiles,
    });
  }

  /** Where the keys taken at the start keep their sign state. */
  get home(): string {
    return join(this.lab.folder, this.#homeName ?? `home-${this.keysIndex}`);
  }

  get #signState(): string {
    return join(this.home, 'sign-state');
  }

  /** Keeps the newest sign state aside and puts an older one, or none, in its place; or puts the newest back. */
  replaceSignState(by: 'old' | 'lost' | 'newest'): void {
    const path = this.#signState;
    if (by === 'newest') {
      if (existsSync(`${path}.newest`)) renameSync(`${path}.newest`, path);
      return;
    }
    renameSync(path, `${path}.newest`);
    if (by === 'old') copyFileSync(`${path}.first`, path);
  }

  #refusing(signer: ConsensusSigner): ConsensusSigner {
    const refusal = { ok: false, code: 'SIGN_CONFLICT', reason: 'refused by the test' } as const;
    const isRefused = ({ round }: { readonly round: number }) => round < this.refusesRoundsBelow;
    return {
      ...signer,
      get publicKey() {
        return signer.publicKey;
      },
      get signed() {
        return signer.signed;
      },
      signVote: (slot) => {
        const signed = isRefused(slot) ? refusal : signer.signVote(slot);
        if (signed.ok && this.signatures++ === 0) copyFileSync(this.#signState, `${this.#signState}.first`);
        return signed;
      },
    };
  }

  #loadHead(): ChainHead {
    const boot = this.#store.boot;
    if (boot === null) {
      const state = createGenesisState(this.lab.genesis);
      void this.#store.initialise({ entries: pairs(state), stateRoot: state.root });
      return genesisHead(state);
    }
    const state = StateTree.fromEntries(boot.entries.map(([key, value]) => ({ key, value })));
    if (boot.stateHeight === 0) return genesisHead(state);
    const stored = this.store.block(boot.stateHeight)!;
    const block = decodeBlock(stored.block);
    const commit = decodeExtendedCommit(stored.commit);
    const results = decodeBlockResults(this.store.results(boot.stateHeight)!);
    if (!block.ok || !commit.ok || !results.ok) throw new Error('stored block does not decode');
    const { header } = block.value;
    return {
      height: boot.stateHeight,
      blockId: stored.hash,
      header,
      state,
      results: results.value,
      commit: commit.value,
    };
  }

  /** The disk: what the process that crashed had written stays, what it had only asked for does not. */
  #openStore({ isEmpty = false } = {}): OpenedMemoryStore {
    const life = this.#life;
    const data = isEmpty ? undefined : this.#store?.snapshot();
    return openMemoryStore({
      ...(data === undefined ? {} : { data }),
      deliver: (input) => this.#deliver(input),
      schedule: (write) =>
        this.lab.after(1, () => {
          if (life === this.#life) write();
        }),
    });
  }

  #deliver(input: HostInput): void {
    const life = this.#life;
    this.lab.after(0, () => {
      if (life === this.#life) this.handler?.handle(input);
    });
  }

  #setTimer(name: string, delayMs: number): void {
    const life = this.#life;
    const token = (this.#timers.get(name) ?? 0) + 1;
    this.#timers.set(name, token);
    this.lab.after(delayMs, () => {
      if (life === this.#life && this.#timers.get(name) === token) this.handler?.handle({ kind: 'timer', name });
    });
  }

  #transport(to: LabNode, bytes: Uint8Array, receive: () => void): void {
    const delay = this.lab.options.delay ?? (() => 5);
    const ms = delay({ from: this.index, to: to.index, bytes, nowMs: this.lab.nowMs });
    const lives = [this.#life, to.#life];
    if (ms === null) return;
    this.lab.after(ms, () => {
      if (to.handler !== null && lives[1] === to.#life) receive();
    });
  }

  #publish(topic: GossipTopic, bytes: Uint8Array): void {
    this.lab.options.onMessage?.(topic, bytes);
    for (const other of this.lab.nodes) {
      if (other !== this) this.#transport(other, bytes, () => other.host?.onGossip(this.peerId, topic, bytes));
    }
  }

  #send(peer: string, bytes: Uint8Array): void {
    this.lab.options.onMessage?.('direct', bytes);
    const other = this.lab.nodes.find((node) => node.peerId === peer);
    const { alter } = this.lab.options;
    const sent = alter === undefined ? bytes : encodeDirect(alter(decodeDirect(bytes)!, this.index));
    if (other !== undefined)
      this.#transport(other, sent, () => other.handler?.handle({ kind: 'direct', peer: this.peerId, bytes: sent }));
  }

  #expert(): HostedExpert {
    const bytes = this.lab.options.adapters?.[this.index];
    const adapterHash = bytes === undefined ? ZERO_HASH : (toHex(sha256(bytes)) as Hash);
    if (bytes !== undefined) this.library.set(`adapter/${adapterHash}`, bytes);
    const bundle = this.lab.options.bundles?.[this.index];
    if (bundle !== undefined) this.library.set(`knowledge/${knowledgeIdOf(bundle)}`, bundle);
    const { profile } = recipeOf(this.index);
    const setup = { profile, knowledge: null, adapter: bytes === undefined ? null : adapterHash };
    return { signer: createExpertSigner(expertSeed(this.index)), setup, adapterHash };
  }

  #library(): ModelLibrary {
    const keyOf = (content: ContentKind, hash: Hash) => `${content}/${hash}`;
    const { baseModel = () => labModel } = this.lab.options;
    return {
      baseModel: () => baseModel(this.index),
      has: (content, hash) => this.library.has(keyOf(content, hash)),
      read: (content, hash) => this.library.get(keyOf(content, hash)) ?? null,
      adapterFile: (hash) => `library/${hash}`,
      save: (content, hash, bytes) => {
        this.library.set(keyOf(content, hash), bytes);
        this.#deliver({ kind: 'contentStored', content, hash });
      },
      join: (domain, ids) => {
        const bundles = ids.map((id) => openKnowledgeBundle(this.library.get(keyOf('knowledge', id))!, id));
        const passages = bundles.reduce((sum, one) => sum + (one.ok ? one.value.passages.length : 0), 0);
        const folder = `joined/${domain}/${ids.join('+')}`;
        if (ids.length > 0) this.#deliver({ kind: 'knowledgeJoined', domain, ids, folder, passages, isWhole: true });
      },
    };
  }

  /** As the store does it: what the process had only asked for when it crashed is not there. */
  #blobStore(): BlobStore {
    const partOf = (content: Hash, index: number) => `${content}-${index}`;
    const life = this.#life;
    const later = (write: () => void) =>
      this.lab.after(1, () => {
        if (life === this.#life && !this.isBlobDiskFull) write();
      });
    return {
      has: (content) => this.blobs.has(content),
      read: (content) => {
        const bytes = this.blobs.get(content) ?? null;
        if (bytes === null || blobId(bytes) === content) return bytes;
        this.blobs.delete(content);
        this.#deliver({ kind: 'blobDamaged', content });
        return null;
      },
      save: (content, bytes) =>
        later(() => {
          this.blobs.set(content, bytes);
          this.#deliver({ kind: 'blobStored', content });
        }),
      part: (content, index) => this.blobParts.get(partOf(content, index)) ?? null,
      savePart: (content, index, bytes) => later(() => void this.blobParts.set(partOf(content, index), bytes)),
      forgetParts: (content) =>
        later(() => {
          for (const key of this.blobParts.keys()) if (key.startsWith(content)) this.blobParts.delete(key);
        }),
    };
  }

  #versions(): VersionFiles {
    const life = this.#life;
    return {
      has: (kind, hash) => this.versionFiles.has(`${kind}/${hash}`),
      file: (kind, hash) => `versions/${kind}/${hash}`,
      deriveFactors: (hash) => {
        this.versionFiles.add(`factors/${hash}`);
        this.#deliver({ kind: 'versionStored', file: 'factors', hash });
      },
      saveLearnt: (root, passages) =>
        this.lab.after(1, () => {
          if (life !== this.#life) return;
          this.learnt.set(root, passages);
          this.versionFiles.add(`learnt/${root}`);
          this.#deliver({ kind: 'versionStored', file: 'learnt', hash: root });
        }),
    };
  }

  /** As the adapter has it: what a job made of a version lies on the disk when the host hears of it. */
  #learner(script: LearnerScript): Learner {
    const life = this.#life;
    return {
      submit: (task) => {
        this.tasks.push(task);
        const message = script(task, this.index);
        if (message === null) return;
        this.lab.after(2_000, () => {
          if (life !== this.#life) return;
          const made = message.kind === 'evaluated' ? message.report : message.kind === 'aggregated' ? message : null;
          if (made !== null && made.factors !== ZERO_HASH) {
            this.versionFiles.add(`factors/${made.factors}`);
            this.versionFiles.add(`adapter/${made.adapter}`);
          }
          this.host?.handle({ kind: 'learner', message });
        });
      },
      cancel: (id) =>
        this.#deliver({ kind: 'learner', message: { kind: 'failed', id, code: 'CANCELLED', message: 'as told' } }),
      forget: (id) => void this.forgotten.push(id),
    };
  }

  #work(job: Job): void {
    this.jobs.push(job);
    const script = this.lab.options.worker;
    const life = this.#life;
    const reply = (run: () => void) =>
      this.lab.after(300, () => (life === this.#life && !this.workerIsDown ? run() : undefined));
    if (script === undefined) return;
    if (job.kind === 'answer') {
      const text = script.answer(job, this.index);
      if (text === null) return;
      const isForged = script.isForged?.(this.index) ?? false;
      const evidence = { tokens: [1, 2], logProbabilities: isForged ? [] : [10, 20] };
      const result: ProvenAnswer = {
        segments: [{ kind: 'generated', text, ...evidence }],
        grounding: 'ungrounded',
        confidencePpm: 500_000,
        promptTokens: 5,
        finish: 'stop',
      };
      reply(() => this.host?.handle({ kind: 'worker', message: { kind: 'token', id: job.id, text } }));
      reply(() => this.host?.handle({ kind: 'worker', message: { kind: 'answered', id: job.id, result } }));
    } else if (job.kind === 'score') {
      const scores = script.score(job, this.index);
      if (scores === null) return;
      const entries = scores.map((scorePpm) => ({ scorePpm, likelihoodMilli: -1000, relevancePpm: 500_000 }));
      reply(() => this.host?.handle({ kind: 'worker', message: { kind: 'scored', id: job.id, scores: entries } }));
    } else if (job.kind === 'verify') {
      const found = script.verify?.(job, this.index) ?? 'match';
      const check = { segment: 0, fault: null, distanceMilli: 12, greedyPpm: 1_000_000, gapMilli: 0 };
      const message =
        typeof found === 'string'
          ? ({ kind: 'verified', id: job.id, checks: [{ ...check, verdict: found }] } as const)
          : ({ kind: 'failed', id: job.id, code: found.code, message: 'as told' } as const);
      reply(() => this.host?.handle({ kind: 'worker', message }));
    }
  }
}

function* pairs(state: StateTree): Generator<readonly [string, Uint8Array]> {
  for (const { key, value } of state.entries()) yield [key, value];
}

function byAddress(a: { readonly address: string }, b: { readonly address: string }): number {
  return a.address < b.address ? -1 : 1;
}

function before(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** The terms of a question that the first node coordinates. */
export function askedAs(): QueryContract {
  return {
    prompt: 'What is the capital of France?',
    domain: 'general',
    coordinator: operatorOf(0),
    ...PLAIN_TERMS,
    respondents: 2,
    maxFee: 1_000_000_000n,
    threshold: 300_000,
    basePart: 200_000,
    answerWindow: 60,
    revealWindow: 12,
    scoreWindow: 20,
    scoreRevealWindow: 8,
  };
}

/** Alice asks the first node; returns the query's id. */
export function openQuery(lab: Lab, terms: Partial<QueryContract> = {}) {
  return lab.submit(aliceSeed, { type: 'query.open', contract: { ...askedAs(), ...terms } }, 0);
}

function nodeCount({ validators = 4, newcomers = 0 }: LabOptions): number {
  return validators + newcomers;
}

function modelIdOfExpert({ unpublished = [], adapters = {} }: LabOptions, index: number): Hash {
  if (unpublished.includes(index)) return taggedHash('lab-unpublished', Uint8Array.of(index));
  const adapter = adapters[index];
  return modelIdOf(recipeOf(index, adapter === undefined ? ZERO_HASH : (toHex(sha256(adapter)) as Hash)));
}

function createGenesis(options: LabOptions): Genesis {
  const { blockIntervalMs = 500, staking = {}, voting = {}, market = {}, learning = {}, chainId = 'lab' } = options;
  const operators = Array.from({ length: nodeCount(options) }, (_, index) =>
    addressOf(publicKeyOf(operatorSeed(index))),
  );
  const experts = operators.map((operator, index) => {
    const profile: ExpertProfile = {
      name: `general-${index}`,
      operator,
      domain: 'general',
      modelId: modelIdOfExpert(options, index),
      modelName: 'recorded',
      knowledgeRoot: ZERO_HASH,
      knowledgeSize: 0,
      priceInPerByte: 1_000n,
      priceOutPerByte: 10_000n,
      priceQuotePerByte: 10_000n,
      capacity: 4,
    };
    const publicKey = publicKeyOf(expertSeed(index));
    return { address: addressOf(publicKey), publicKey, profile, bond: 100n * NANO_PER_SYN };
  });
  const founders = operators.slice(0, options.validators ?? 4);
  const validators = founders.map((operator, index) => ({
    operator,
    publicKey: publicKeyOf(consensusSeed(index)),
    vrfKey: publicKeyOf(vrfSeed(index)),
    power: 1_000n,
  }));
  return {
    formatVersion: 1,
    protocolVersion: 1,
    chainId,
    time: startMs - 1_000,
    devnet: options.devnet ?? true,
    params: defaultChainParams({ timeouts: { blockIntervalMs }, staking, voting, market, learning }),
    validators: validators.sort((a, b) => (a.operator < b.operator ? -1 : 1)),
    accounts: [
      { address: alice, balance: 10_000n * NANO_PER_SYN },
      ...operators.map((address, index) => ({
        address,
        balance: (index < founders.length ? 10n : 2_000n) * NANO_PER_SYN,
      })),
      ...experts.map(({ address }) => ({ address, balance: 10n * NANO_PER_SYN })),
    ].sort(byAddress),
    experts: experts.sort(byAddress),
    lines: [],
  };
}

const folders: string[] = [];

/** A lab has no end of its own: its nodes may be asked until the last test of the process is over. */
function folderUntilExit(): string {
  if (folders.length === 0)
    process.once('exit', () => {
      for (const made of folders) rmSync(made, { recursive: true, force: true });
    });
  const folder = mkdtempSync(join(tmpdir(), 'synod-lab-'));
  folders.push(folder);
  return folder;
}
