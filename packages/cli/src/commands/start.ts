/**
 * `synod start`: one node in the foreground, joined from its parts: home folder, node, RPC server. This is the composition
 * root of every real node; a devnet spawns it once per validator.
 */
import { flushCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { type Address, type Genesis, SynodError } from '@synod/chain';
import {
  createNode,
  type DoppelgangerSettings,
  hostLimits,
  type NodeConfig,
  type P2pConfig,
  type RemoteSignerConfig,
  type RunningNode,
  type SyncMode,
} from '@synod/node';
import { FaultInjector } from '@synod/node/faults';
import type { AdminApi, LogLevel, SpendKeyAdmin } from '@synod/rpc';
import type { Logger } from 'pino';
import { bundleForNextStart } from '../bundle/ensure-bundle.ts';
import { requireDevnet, serveFaultPort } from '../chaos/fault-port.ts';
import { devApiOf } from '../devnet/dev-api.ts';
import { HOST } from '../devnet/layout.ts';
import { readCheckpoint } from '../join/checkpoint.ts';
import { readGenesisFile } from '../join/genesis-file.ts';
import type { JoinFlags } from '../join/join-network.ts';
import { prepareFolder } from '../join/node-folder.ts';
import { reportProgress } from '../join/progress.ts';
import { retireKeys } from '../join/retire-keys.ts';
import { type AccountKey, readKeyFile } from '../keys/key-file.ts';
import { remoteSignerOf } from '../keys/remote-signer.ts';
import { type KeyFile, type NodeHome, readNodeHome } from '../node-home.ts';
import { withHosted } from '../offering/host-experts.ts';
import { readRestoredHeight } from '../operating/home-backup.ts';
import { requireValidatorKeys } from '../operating/must-validate.ts';
import { type LogFlags, type NodeLog, openNodeLog } from '../operating/node-log.ts';
import { notifySystemd } from '../operating/notify-systemd.ts';
import { watchLife } from '../operating/watch-life.ts';
import { onParentGone } from '../processes/parent.ts';
import { requireFreePorts } from '../processes/ports.ts';
import { stopSignal } from '../processes/stop-signals.ts';
import { serveAdmin } from '../rpc/admin-file.ts';
import { parseKeepBlocks, parseSyncMode } from '../settings/node-settings.ts';
import { type P2pFlags, p2pSettings } from '../settings/p2p-settings.ts';
import { parseCount, parsePort } from '../settings/settings.ts';
import { joinFileOf } from '../spending/join-file.ts';
import { describeFailure } from '../terminal/failure.ts';
import type { CommonOptions } from '../terminal/output.ts';

export type StartFlags = CommonOptions & {
  readonly home?: string;
  readonly rpcPort?: string;
  readonly supervised?: boolean;
  readonly keepBlocks?: string;
  readonly sync?: string;
  readonly snapshotInterval?: string;
  /** `true`, or the address to serve it on. */
  readonly faultPort?: boolean | string;
  readonly validator?: boolean;
  /** Folders, or nothing for whichever. */
  readonly expert?: readonly string[];
  readonly payFrom?: string;
  readonly payPasswordFile?: string;
  readonly haltHeight?: string;
  readonly signer?: string;
  readonly doppelganger?: string;
} & LogFlags &
  Partial<JoinFlags> &
  P2pFlags;

/** Heights between two snapshots. */
const SNAPSHOT_INTERVAL = { chain: 1_000, devnet: 100 } as const;

/** The build of the web page (bootstrap.mjs makes it). */
const UI_DIRECTORY = resolve(import.meta.dirname, '../../../web/dist');

/** Resolves when the node has ended because it was asked to; throws when it could not start or failed while it ran. */
export async function runStart(flags: StartFlags): Promise<void> {
  const directory = await prepareFolder(flags);
  const home = withHosted(readNodeHome(directory), { directory, wanted: flags.expert ?? [] });
  const remote = remoteSignerOf(directory, home.node, flags.signer);
  const isValidator = flags.validator === true;
  if (isValidator) requireValidatorKeys(directory, home.keys, remote !== null);
  const genesis = readGenesisFile(home.genesisFile);
  if (flags.faultPort !== undefined) requireDevnet(genesis);
  const p2p = p2pSettings(home.node.p2p, flags);
  const port = flags.rpcPort === undefined ? home.node.rpc.port : parsePort(flags.rpcPort, '--rpc-port');
  await requireFreePorts(home.node.rpc.host, [port], 'Stop that program, or choose another port with --rpc-port.');
  const keepBlocks = parseKeepBlocks(flags.keepBlocks);
  const { log, reopen, announce } = await openNodeLog(home.node.name, flags);
  const stop = new AbortController();
  stopSignal(undefined, { onHangUp: reopen }).addEventListener('abort', () => stop.abort());
  if (flags.supervised === true) onParentGone(() => stop.abort());
  const running = runNode({
    directory,
    home,
    genesis,
    port,
    p2p,
    log,
    announce,
    stop,
    keepBlocks,
    sync: parseSyncMode(flags.sync),
    snapshotInterval: parseSnapshotInterval(flags.snapshotInterval, genesis),
    haltHeight: flags.haltHeight === undefined ? null : parseHeight(flags.haltHeight),
    faults: flags.faultPort === undefined ? null : new FaultInjector(),
    faultHost: typeof flags.faultPort === 'string' ? flags.faultPort : HOST,
    paying: flags.payFrom === undefined ? [] : [readKeyFile(resolve(flags.payFrom), flags.payPasswordFile)],
    remote,
    mustSign: isValidator,
    supervised: flags.supervised === true,
    doppelganger: parseDoppelganger(flags.doppelganger, directory),
  });
  await running.catch((error: unknown) => endedBy(error, log, reopen !== null));
}

function parseHeight(text: string): number {
  return parseCount(text, '--halt-height', { min: 1, max: Number.MAX_SAFE_INTEGER });
}

/**
 * A node that is at its halt height has nothing to do, which is no failure: whatever restarts failures must not restart it. Anything else
 * is told in the log file too, where there is one: standard error may go nowhere.
 */
function endedBy(error: unknown, log: Logger, hasFile: boolean): void {
  const { code, message, facts } = describeFailure(error);
  if (code === 'HALT_HEIGHT_REACHED') {
    log.info(facts, message);
    return;
  }
  if (hasFile) log.fatal({ code, ...facts }, message);
  throw error;
}

/** Null: it signs at once, whoever else does. */
function parseDoppelganger(text: string | undefined, directory: string): DoppelgangerSettings | null {
  const { doppelgangerHeights, ownSignatureRecentHeights: recentHeights } = hostLimits;
  if (text === 'off') return null;
  const range = { min: 1, max: 10_000 };
  const watchHeights = text === undefined ? doppelgangerHeights : parseCount(text, '--doppelganger', range);
  return { watchHeights, recentHeights, unprovenUpTo: readRestoredHeight(directory) };
}

/** Null: none are made. A devnet's chain is short, so its snapshots come sooner. */
function parseSnapshotInterval(text: string | undefined, genesis: Genesis): number | null {
  if (text === undefined) return genesis.devnet ? SNAPSHOT_INTERVAL.devnet : SNAPSHOT_INTERVAL.chain;
  if (text === '0') return null;
  return parseCount(text, '--snapshot-interval', { min: 2, max: 1_000_000_000 });
}

type NodeRun = {
  readonly directory: string;
  readonly home: NodeHome;
  readonly genesis: Genesis;
  readonly port: number;
  readonly p2p: P2pConfig;
  readonly log: Logger;
  readonly announce: NodeLog['announce'];
  readonly stop: AbortController;
  readonly keepBlocks: number | null;
  readonly sync: SyncMode;
  readonly snapshotInterval: number | null;
  readonly haltHeight: number | null;
  readonly faults: FaultInjector | null;
  readonly faultHost: string;
  readonly paying: readonly AccountKey[];
  readonly remote: RemoteSignerConfig | null;
  readonly doppelganger: DoppelgangerSettings | null;
  readonly mustSign: boolean;
  readonly supervised: boolean;
};

async function runNode(run: NodeRun): Promise<void> {
  const { directory, home, genesis, port, p2p, log, announce, stop, remote, ...choices } = run;
  const { node, keys } = home;
  log.info({ home: directory, chainId: genesis.chainId, pid: process.pid }, 'node starts');
  const running = await createUnlessStopped(stop.signal, log, {
    name: node.name,
    home: directory,
    genesis,
    keys: { ...keys, rotated: () => rotatedKeys(directory, log), remote },
    p2p,
    modelDirectory: node.modelDirectory,
    knowledge: node.knowledge ?? {},
    pace: node.pace ?? 'interval',
    checkpoint: readCheckpoint(directory),
    ...choices,
    stopping: stop.signal,
    devAccounts: genesis.devnet ? keys.devAccounts : [],
    log,
  });
  if (running === null) return;
  const closeFaultPort =
    choices.faults === null
      ? () => undefined
      : await serveFaultPort(directory, { faults: choices.faults, pace: running.pace }, choices.faultHost);
  retireOldKeys(directory, keys.operator, { running, log });
  const endProgress = reportProgress(running.api, log);
  const endWatch = watchLife(running.api, log, { mustValidate: run.mustSign ? directory : null });
  // Loaded while the node reaches its peers already.
  const { createRpcServer } = await import('@synod/rpc');
  const { serveSpending } = await import('../spending/serve-spending.ts');
  const dev = genesis.devnet ? devApiOf(directory, home, running) : null;
  const spending = serveSpending(directory, running.api, log);
  const server = createRpcServer({
    api: Object.assign(running.api, { dev }),
    host: node.rpc.host,
    port,
    log,
    spending: spending.desk,
    joinStore: joinFileOf(directory, log),
    uiDirectory: UI_DIRECTORY,
  });
  let closeAdmin = () => Promise.resolve();
  try {
    const url = await server.listen();
    closeAdmin = await serveAdmin(directory, adminOf(running, { spendKeys: spending.desk, log, stop }), log);
    log.info({ rpc: url }, 'node serves requests');
    announce(url);
    await notifySystemd('ready', { environment: process.env, log });
    // Now, because a killed process keeps nothing: the next start of this node is the one that has to be fast.
    flushCompileCache();
    // Nodes that start side by side leave it to whoever started them.
    if (!run.supervised) bundleForNextStart(log, stop.signal);
    await untilStopped(running, stop.signal, log);
    await notifySystemd('stopping', { environment: process.env, log });
  } finally {
    endProgress();
    endWatch();
    closeFaultPort();
    spending.close();
    await closeAdmin();
    await server.close();
    await running.stop();
    log.info(
      { height: running.api.status().head.height, lastSignedHeight: running.lastSignedHeight() },
      'node stopped',
    );
  }
}

/** What an operator may do to this process. */
function adminOf(
  running: RunningNode,
  { spendKeys, log, stop }: { readonly spendKeys: SpendKeyAdmin; readonly log: Logger; readonly stop: AbortController },
): AdminApi {
  return {
    version: running.api.status().version,
    logLevel: { get: () => log.level as LogLevel, set: (level) => Object.assign(log, { level }) },
    addPeer: running.addPeer,
    spendKeys,
    haltHeight: running.haltHeight,
    stop: () => stop.abort(),
  };
}

/** As the home has them now: `validator rotate` adds keys while the node runs. A home that cannot be read ends no node. */
function rotatedKeys(directory: string, log: Logger): KeyFile['rotated'] {
  try {
    return readNodeHome(directory).keys.rotated;
  } catch (error) {
    log.error({ error: describeFailure(error).message }, 'keys that the validator rotated to cannot be read');
    return [];
  }
}

/** Told in the log, because keys.json changes. */
function retireOldKeys(
  directory: string,
  operator: Address | null,
  { running, log }: { readonly running: RunningNode; readonly log: Logger },
): void {
  const own = operator === null ? undefined : running.api.validators().find((each) => each.operator === operator);
  const count = own === undefined || own.power === 0n ? 0 : retireKeys(directory, own.publicKey);
  if (count > 0) log.info({ keys: count }, 'keys out of force were set aside in retired-keys.json');
}

/** Null when the node was asked to stop before it was there, as while a snapshot is restored. */
async function createUnlessStopped(stop: AbortSignal, log: Logger, config: NodeConfig): Promise<RunningNode | null> {
  try {
    return await createNode(config);
  } catch (error) {
    if (!stop.aborted || !(error instanceof SynodError) || error.code !== 'STOPPED') throw error;
    log.info(error.message);
    return null;
  }
}

/** Until somebody asks, or the halt height. Throws what ended the node otherwise. */
async function untilStopped(running: RunningNode, stop: AbortSignal, log: Logger): Promise<void> {
  const { promise: asked, resolve: onStop } = Promise.withResolvers<'asked'>();
  if (stop.aborted) onStop('asked');
  stop.addEventListener('abort', () => onStop('asked'));
  const ended = await Promise.race([asked, running.exited, running.halted]);
  if (ended instanceof Error) throw ended;
  if (ended === 'asked') return;
  const next = 'Install the new version and start the node again, without --halt-height.';
  log.info({ height: ended, next }, 'node halts, as asked');
}
