/**
 * Builds a running node out of the pure host and its adapters. Owns the order of opening and closing, and start-up's
 * decision whether signing is safe. Everything that can fail before the first message is sent fails here, with one error.
 */
import { join } from 'node:path';
import { type Address, createGenesisState, type Genesis, genesisHash, type Hash, StateTree } from '@synod/chain';
import type { ExpertSetup } from '@synod/inference';
import type { Logger } from 'pino';
import {
  acquireLock,
  createLibp2pNetwork,
  createTimers,
  type FaultInjector,
  type FileOperations,
  type Libp2pNetwork,
  type Libp2pNetworkOptions,
  type OpenedStore,
  openSignerRing,
  openStore,
  openWal,
  removeRestoreFiles,
  type SafelyOpenedSigner,
  SnapshotKeeper,
  systemClock,
  systemFiles,
  type ValidatorSeeds,
} from './adapters/index.ts';
import { makeDirectory } from './adapters/make-directory.ts';
import {
  absenceProblem,
  bootOf,
  type ChainHead,
  type ChainIdentity,
  type Checkpoint,
  type Clock,
  checkpointText,
  type GossipTopic,
  type GossipVerdict,
  genesisHead,
  Host,
  type HostEvent,
  type HostInput,
  headOf,
  headTimeMs,
  keyNamedAfter,
  lightBlockAt,
  type Pace,
  type PaceMode,
  requireCheckpoint,
} from './host/index.ts';
import { InputQueue } from './input-queue.ts';
import { openBlobs } from './node-blobs.ts';
import { openLearning } from './node-learning.ts';
import { hostedExperts, openLibrary } from './node-library.ts';
import { restoreFolder, restoreNode, type SyncMode } from './restore-node.ts';
import { NodeService } from './service/node-service.ts';
import { QueryRouter } from './service/query-router.ts';
import { serviceFacts } from './service-facts.ts';
import { type NodeWorker, startWorker } from './worker.ts';

/** What proofs, peers that are a little behind and the search for own signatures need. */
export const KEEP_BLOCKS_MIN = 256;
const PRUNE_EVERY_BLOCKS = 64;
/** How often the log tells the newest block as a checkpoint. */
const CHECKPOINT_EVERY_BLOCKS = 1_000;
/** Digits of the genesis hash that name the network in discovery. */
const NETWORK_ID_DIGITS = 16;

/** Where this node listens and how it finds its network; the same fields as `Libp2pNetworkOptions` has. */
export type P2pConfig = Pick<
  Libp2pNetworkOptions,
  'listen' | 'bootstrap' | 'persistent' | 'announce' | 'mdns' | 'dht' | 'nat'
>;

export type NodeConfig = {
  readonly name: string;
  /** Folder of this node alone. */
  readonly home: string;
  readonly genesis: Genesis;
  readonly keys: {
    /** Null with the next two: this node is no validator; it follows, serves and forwards, and never signs. */
    readonly operator: Address | null;
    readonly consensusSeed: Uint8Array | null;
    readonly vrfSeed: Uint8Array | null;
    /** Keys given by `validator.rotate` since, oldest first; asked again when the set names one. None when left out. */
    readonly rotated?: () => readonly ValidatorSeeds[];
    readonly networkSeed: Uint8Array;
    readonly experts: readonly ({ readonly seed: Uint8Array } & ExpertSetup)[];
  };
  /** Folders of published knowledge by domain, for judging; none when left out. */
  readonly knowledge?: Readonly<Record<string, string>>;
  readonly p2p: P2pConfig;
  /** Null: no inference worker, for a node that neither answers nor scores. */
  readonly modelDirectory: string | null;
  /** Newest blocks that are kept, at least `KEEP_BLOCKS_MIN`; all when left out. */
  readonly keepBlocks?: number | null;
  /** A block that the chain must contain (consensus §1.15). */
  readonly checkpoint?: Checkpoint | null;
  /** How an empty store is filled when there is a checkpoint; `auto` when left out. */
  readonly sync?: SyncMode;
  /** Heights between two snapshots, at least 2; none are made when null or left out. */
  readonly snapshotInterval?: number | null;
  /** Ends a start that takes long; a running node is ended by `stop`. */
  readonly stopping?: AbortSignal;
  readonly devAccounts: readonly { readonly name: string; readonly seed: Uint8Array }[];
  readonly log: Logger;
  /** How blocks follow one another at first; `interval` when left out. */
  readonly pace?: PaceMode;
  /** Faults that a devnet's test puts between this node and its surroundings. */
  readonly faults?: FaultInjector | null;
  /** How the log, the sign state and snapshots reach the disk; a test passes a disk that is full. */
  readonly files?: FileOperations;
};

export type RunningNode = {
  readonly api: NodeService;
  /** Dials a peer now. Throws `ADDRESS_INVALID` or `PEER_UNREACHABLE`. */
  addPeer(address: string): Promise<void>;
  /** When it begins blocks; another pace from now on. For devnets. */
  readonly pace: { get(): Pace; set(pace: Pace): void };
  /** Stops sending, flushes and releases the home folder. */
  stop(): Promise<void>;
  /** Resolves with the error that ended the node, should one end it. */
  readonly exited: Promise<Error>;
};

/** Opens everything, replays what a crash interrupted and joins the network. Throws `SynodError` naming the next step. */
export async function createNode(config: NodeConfig): Promise<RunningNode> {
  makeDirectory(config.home, 0o700);
  const release = acquireLock(config.home);
  const opened: (() => Promise<void> | void)[] = [release];
  try {
    return await openNode(config, opened);
  } catch (error) {
    for (const close of opened.toReversed()) await close();
    throw error;
  }
}

type Opened = (() => Promise<void> | void)[];

async function openNode(config: NodeConfig, opened: Opened): Promise<RunningNode> {
  const { genesis, log } = config;
  const identity: ChainIdentity = { genesis, chainId: genesis.chainId, genesisHash: genesisHash(genesis) };
  const clock = config.faults?.clock(systemClock) ?? systemClock;
  const inputs = new InputQueue();
  const deliver = (input: HostInput) => inputs.deliver(input);
  let host: Host | null = null;
  const onGossip: OnGossip = (peer, topic, bytes) =>
    inputs.guard(() => host?.onGossip(peer, topic, bytes) ?? 'ignore', 'ignore');
  const start = {
    config,
    identity,
    clock,
    inputs,
    opened,
    openNetwork: () => openNetwork(config, { deliver, onGossip, opened }),
  };
  const { opening, head, timers, ...early } = await openChain(start);
  const wal = openWal({ directory: join(config.home, 'wal'), files: config.files ?? systemFiles });
  opened.push(() => wal.close());
  const signing = openSigner(config, head, head.height === 0 && wal.records.length === 0);
  const { modelDirectory, faults = null } = config;
  const worker = startWorker({ modelDirectory, log, deliver, faulty: faults?.experts ?? null });
  opened.push(() => worker.close());
  const library = openLibrary(config, { model: () => worker.status().info, deliver, opened });
  const kept = openBlobs(config, { deliver, opened });
  const learning = await openLearning(config, { deliver, opened });
  const network = early.network ?? (await start.openNetwork());
  const keeper = openKeeper(config, opening, () => host?.head ?? head);
  opened.push(() => keeper.stop());
  config.faults?.onBlocked((peer) => network.disconnect(peer));

  let service: NodeService | null = null;
  const observer = {
    onHostEvent: (event: HostEvent) => {
      report(event, log, service);
      if (event.kind !== 'blockApplied' || host === null) return;
      if (event.height % CHECKPOINT_EVERY_BLOCKS === 0) tellCheckpoint(event, log);
      keeper.onHead(host.head, { isBehind: host.sync.isBehind() });
      pruneAt(event.height, config.keepBlocks ?? null, { opening, snapshots: keeper.heights() });
    },
  };
  const disk = { identity, head, store: opening.store, storeHeight: opening.boot?.storeHeight ?? 0 };
  const boot = bootOf({
    ...disk,
    logRecords: wal.records,
    isLogDamaged: wal.damage?.kind === 'damagedMiddle',
    ...signing,
    peerId: network.peerId,
  });
  if (boot.observerReason !== null) log.warn({ reason: boot.observerReason }, 'this node observes and does not sign');
  host = new Host(
    { ...boot, checkpoint: config.checkpoint ?? null },
    {
      network: config.faults?.network(network.network) ?? network.network,
      timers: timers.timers,
      clock,
      wal: wal.wal,
      store: opening.store,
      snapshots: keeper,
      worker,
      observer,
      signer: signing.signer,
      experts: hostedExperts(config.keys.experts, library),
      knowledge: new Map(Object.entries(config.knowledge ?? {})),
      library,
      blobs: kept.blobs,
      ...learning,
      pace: config.pace ?? 'interval',
    },
  );
  const router = routerOf(config, worker);
  const facts = { ...serviceFacts(config, network, worker), ...identity, router, feedback: kept };
  service = new NodeService(host, opening.store, facts);
  const running = host;
  inputs.connect((input) => running.handle(input));
  inputs.guard(() => running.start(), undefined);
  const stop = () => stopNode(running, opened);
  const pace = {
    get: () => running.pace.pace,
    set: (next: Pace) => inputs.guard(() => running.pace.set(next), undefined),
  };
  return { api: service, addPeer: (address) => network.connect(address), pace, exited: inputs.failed, stop };
}

function routerOf({ knowledge = {} }: NodeConfig, { ask, cancel, status }: NodeWorker): QueryRouter {
  const folders = Object.entries(knowledge).map(([domain, folder]) => ({ domain, folder }));
  return new QueryRouter({ ask, cancel, workerState: () => status().state, knowledge: folders });
}

function tellCheckpoint({ height, hash }: { height: number; hash: Hash }, log: Logger): void {
  log.info({ checkpoint: checkpointText({ height, hash }) }, 'checkpoint for new nodes');
}

type OnGossip = (peer: string, topic: GossipTopic, bytes: Uint8Array) => GossipVerdict;

type Start = {
  readonly config: NodeConfig;
  readonly identity: ChainIdentity;
  readonly clock: Clock;
  readonly inputs: InputQueue;
  readonly opened: Opened;
  readonly openNetwork: () => Promise<Libp2pNetwork>;
};

async function openNetwork(
  config: NodeConfig,
  { deliver, onGossip, opened }: { deliver: (input: HostInput) => void; onGossip: OnGossip; opened: Opened },
): Promise<Libp2pNetwork> {
  const { faults = null } = config;
  const network = await createLibp2pNetwork({
    chainId: config.genesis.chainId,
    privateKeySeed: config.keys.networkSeed,
    networkId: genesisHash(config.genesis).slice(0, NETWORK_ID_DIGITS),
    directory: config.home,
    ...config.p2p,
    onInput: deliver,
    onGossip,
    ...(faults === null ? {} : { isBlocked: (peer: string) => faults.isBlocked(peer) }),
    log: config.log,
  });
  opened.push(() => network.stop());
  return network;
}

/** Where this node's chain stands, with a snapshot fetched first where one is wanted; the network is then open already. */
async function openChain({ config, identity, clock, inputs, opened, openNetwork }: Start) {
  const { home, genesis, log } = config;
  const deliver = (input: HostInput) => inputs.deliver(input);
  const store = await openStore({ directory: join(home, 'chain'), ...identity, deliver });
  opened.push(() => store.close());
  const timers = createTimers(deliver);
  opened.push(() => timers.stop());
  const checkpoint = config.checkpoint ?? null;
  const mode = config.sync ?? 'auto';
  let network: Libp2pNetwork | null = null;
  let opening = store;
  if (mode !== 'blocks' && checkpoint !== null && store.boot === null) {
    network = await openNetwork();
    const ports = {
      network: network.network,
      timers: timers.timers,
      clock,
      inputs,
      log,
      stop: config.stopping ?? null,
    };
    opening = await restoreNode({ home, identity, checkpoint, mode, opening, ...ports });
  }
  // A stop between the installation and the removal leaves what was fetched for it.
  if (opening.boot !== null) removeRestoreFiles(restoreFolder(home));
  const head = await loadHead(opening, identity);
  requireStoredCheckpoint(checkpoint, identity, opening);
  const away = { height: head.height, timeMs: headTimeMs(head, identity) };
  const problem = absenceProblem({ genesis, head: away, checkpoint, nowMs: clock.nowMs() });
  if (problem !== null) throw problem;
  return { opening, head, timers, network };
}

function openKeeper(config: NodeConfig, { store }: OpenedStore, head: () => ChainHead): SnapshotKeeper {
  const { genesis, log } = config;
  return new SnapshotKeeper({
    folder: join(config.home, 'snapshots'),
    chainId: genesis.chainId,
    interval: config.snapshotInterval ?? null,
    store,
    lightBlockAt: (height) => lightBlockAt({ store, genesis, state: head().state }, height),
    log,
    files: config.files ?? systemFiles,
  });
}

/** State, newest block and results as the store holds them; writes genesis into an empty store. */
async function loadHead(opening: OpenedStore, identity: ChainIdentity): Promise<ChainHead> {
  const { boot, store } = opening;
  if (boot === null) {
    const state = createGenesisState(identity.genesis);
    await opening.initialise({ entries: pairs(state), stateRoot: state.root });
    return genesisHead(state);
  }
  const state = StateTree.fromEntries(boot.entries.map(([key, value]) => ({ key, value })));
  return headOf({ height: boot.stateHeight, state, stateRoot: boot.stateRoot, store });
}

function* pairs(state: StateTree): Generator<readonly [string, Uint8Array]> {
  for (const { key, value } of state.entries()) yield [key, value];
}

/**
 * Now and then rather than at every block: many small deletions cost more than a few large ones. Blocks above a snapshot that is
 * served stay, or nobody could follow from it.
 */
function pruneAt(
  height: number,
  keepBlocks: number | null,
  { opening, snapshots }: { readonly opening: OpenedStore; readonly snapshots: readonly number[] },
): void {
  if (keepBlocks === null || height % PRUNE_EVERY_BLOCKS !== 0) return;
  const below = height - Math.max(keepBlocks, KEEP_BLOCKS_MIN) + 1;
  opening.prune?.(Math.min(below, ...snapshots));
}

function openSigner(
  { home, genesis, keys, files = systemFiles }: NodeConfig,
  head: ChainHead,
  isNew: boolean,
): SafelyOpenedSigner | { signer: null; signStateProblem: null } {
  const { operator, consensusSeed, vrfSeed, rotated = () => [] } = keys;
  if (operator === null || consensusSeed === null || vrfSeed === null) return { signer: null, signStateProblem: null };
  const named = keyNamedAfter(head, operator);
  const first = { consensusSeed, vrfSeed };
  return openSignerRing({ chainId: genesis.chainId, operator, home, first, rotated, named, isNew, files });
}

/** The part of the chain that is on disk already must contain the checkpoint too. */
function requireStoredCheckpoint(checkpoint: Checkpoint | null, identity: ChainIdentity, opening: OpenedStore): void {
  if (checkpoint === null) return;
  if (checkpoint.height === 0) return requireCheckpoint(checkpoint, 0, identity.genesisHash);
  const stored = opening.store.block(checkpoint.height);
  if (stored !== null) requireCheckpoint(checkpoint, stored.height, stored.hash);
}

function report(event: HostEvent, log: Logger, service: NodeService | null): void {
  if (event.kind === 'log') log[event.level](event.facts, event.message);
  else if (event.kind === 'blockApplied') {
    const { height, hash, round } = event;
    log.debug({ height, hash, round, transactions: event.block.transactions.length }, 'block applied');
  }
  service?.onHostEvent(event);
}

async function stopNode(host: Host, opened: readonly (() => Promise<void> | void)[]): Promise<void> {
  host.stop();
  for (const close of opened.toReversed()) await close();
}
