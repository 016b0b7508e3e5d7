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
  openStore,
  openWal,
  type RemoteSignerConfig,
  removeRestoreFiles,
  SnapshotKeeper,
  systemClock,
  systemFiles,
  type ValidatorSeeds,
} from './adapters/index.ts';
import { makeDirectory } from './adapters/make-directory.ts';
import { HaltWatch } from './halt-watch.ts';
import {
  absenceProblem,
  bootOf,
  type ChainHead,
  type ChainIdentity,
  type Checkpoint,
  type Clock,
  type ConsensusSigner,
  checkpointText,
  type DoppelgangerSettings,
  genesisHead,
  Host,
  type HostEvent,
  type HostInput,
  headOf,
  headTimeMs,
  lightBlockAt,
  type Pace,
  type PaceMode,
  paramsOf,
  type RestoreProgress,
  requireCheckpoint,
  requireSigning,
} from './host/index.ts';
import { type HostSide, hostSide } from './host-side.ts';
import { InputQueue } from './input-queue.ts';
import { openBlobs } from './node-blobs.ts';
import { openLearning } from './node-learning.ts';
import { hostedExperts, openLibrary } from './node-library.ts';
import { openSigner } from './node-signer.ts';
import { pruneAt } from './prune-at.ts';
import { restoreFolder, restoreNode, type SyncMode } from './restore-node.ts';
import { NodeService } from './service/node-service.ts';
import { QueryRouter } from './service/query-router.ts';
import { serviceFacts } from './service-facts.ts';
import { type NodeWorker, startWorker } from './worker.ts';

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
    /** Where the consensus and the beacon key are when they are not here; `operator` is then given and both seeds are null. */
    readonly remote?: RemoteSignerConfig | null;
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
  /** Told now and then while a snapshot is fetched; nobody when left out. */
  readonly onRestoring?: (progress: RestoreProgress) => void;
  /** Ends a start that takes long; a running node is ended by `stop`. */
  readonly stopping?: AbortSignal;
  readonly devAccounts: readonly { readonly name: string; readonly seed: Uint8Array }[];
  /** Accounts whose queries only holders of spend keys open; none when left out. */
  readonly paying?: readonly { readonly name: string; readonly seed: Uint8Array }[];
  readonly log: Logger;
  /** How blocks follow one another at first; `interval` when left out. */
  readonly pace?: PaceMode;
  /** Block after which the node stops; none when null or left out. */
  readonly haltHeight?: number | null;
  /** Refuse to start where this node would only observe; left out: it observes. */
  readonly mustSign?: boolean;
  /** How this node watches for another with its key before it signs; not at all when null or left out. */
  readonly doppelganger?: DoppelgangerSettings | null;
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
  /** Block after which the node stops. Throws `HALT_HEIGHT_REACHED` or `HALT_HEIGHT_PASSED`. */
  readonly haltHeight: { get(): number | null; set(height: number | null): void };
  /** Resolves with that height when its block is stored, and peers that lack it have had their time. */
  readonly halted: Promise<number>;
  /** Newest height that the key of this node has signed for; null where it holds none. */
  lastSignedHeight(): number | null;
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
  const side = hostSide(inputs, () => host);
  const reach = () => openNetwork(config, side, opened);
  const start = { config, identity, clock, inputs, opened, openNetwork: reach };
  const { opening, head, timers, ...early } = await openChain(start);
  const halt = new HaltWatch({ height: config.haltHeight ?? null, head: head.height, log });
  opened.push(() => halt.stop());
  const wal = openWal({ directory: join(config.home, 'wal'), files: config.files ?? systemFiles });
  opened.push(() => wal.close());
  const { close, ...signing } = openSigner(config, head, head.height === 0 && wal.records.length === 0);
  opened.push(close);
  const worker = openWorker(config, deliver);
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
      halt.onHead(host, { peerHeights: () => service?.peers().map(({ height }) => height) ?? [] });
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
  if (config.mustSign === true) requireSigning(boot);
  if (boot.observerReason !== null) log.warn({ reason: boot.observerReason }, 'this node observes and does not sign');
  host = new Host(
    { ...boot, checkpoint: config.checkpoint ?? null, doppelganger: config.doppelganger ?? null },
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
      haltHeight: () => halt.height,
    },
  );
  const router = routerOf(config, worker);
  const facts = { ...serviceFacts(config, network, { worker, library }), ...identity, router, feedback: kept };
  service = new NodeService(host, opening.store, facts);
  const running = host;
  inputs.connect((input) => running.handle(input));
  inputs.guard(() => running.start(), undefined);
  const handles = handlesOf(running, { halt, network, opened, signer: signing.signer });
  return { ...handles, pace: paceOf(running, inputs), api: service, exited: inputs.failed };
}

function openWorker({ modelDirectory, log, faults = null }: NodeConfig, deliver: (input: HostInput) => void) {
  return startWorker({ modelDirectory, log, deliver, faulty: faults?.experts ?? null });
}

function paceOf({ pace }: Host, inputs: InputQueue): RunningNode['pace'] {
  return { get: () => pace.pace, set: (next) => inputs.guard(() => pace.set(next), undefined) };
}

/** What whoever runs the node may do with it. */
function handlesOf(
  host: Host,
  {
    halt,
    network,
    opened,
    signer,
  }: {
    readonly halt: HaltWatch;
    readonly network: Libp2pNetwork;
    readonly opened: Opened;
    readonly signer: ConsensusSigner | null;
  },
): Omit<RunningNode, 'api' | 'exited' | 'pace'> {
  return {
    addPeer: (address) => network.connect(address),
    haltHeight: { get: () => halt.height, set: (height) => halt.set(height, host.head.height) },
    halted: halt.halted,
    lastSignedHeight: () => signer?.signed().height ?? null,
    stop: () => stopNode(host, opened),
  };
}

function routerOf({ knowledge = {} }: NodeConfig, { ask, cancel, status }: NodeWorker): QueryRouter {
  const folders = Object.entries(knowledge).map(([domain, folder]) => ({ domain, folder }));
  return new QueryRouter({ ask, cancel, workerState: () => status().state, knowledge: folders });
}

function tellCheckpoint({ height, hash }: { height: number; hash: Hash }, log: Logger): void {
  log.info({ checkpoint: checkpointText({ height, hash }) }, 'checkpoint for new nodes');
}

type Start = {
  readonly config: NodeConfig;
  readonly identity: ChainIdentity;
  readonly clock: Clock;
  readonly inputs: InputQueue;
  readonly opened: Opened;
  readonly openNetwork: () => Promise<Libp2pNetwork>;
};

async function openNetwork(config: NodeConfig, host: HostSide, opened: Opened): Promise<Libp2pNetwork> {
  const { faults = null } = config;
  const network = await createLibp2pNetwork({
    chainId: config.genesis.chainId,
    privateKeySeed: config.keys.networkSeed,
    networkId: genesisHash(config.genesis).slice(0, NETWORK_ID_DIGITS),
    directory: config.home,
    ...config.p2p,
    ...host,
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
      onProgress: config.onRestoring ?? null,
    };
    opening = await restoreNode({ home, identity, checkpoint, mode, opening, ...ports });
  }
  // A stop between the installation and the removal leaves what was fetched for it.
  if (opening.boot !== null) removeRestoreFiles(restoreFolder(home));
  const head = await loadHead(opening, identity);
  requireStoredCheckpoint(checkpoint, identity, opening);
  const away = { height: head.height, timeMs: headTimeMs(head, identity) };
  const problem = absenceProblem({ genesis, params: paramsOf(head), head: away, checkpoint, nowMs: clock.nowMs() });
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
