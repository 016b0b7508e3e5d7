/**
 * `synod sync`: brings a home up to its network's head and stops, for a machine that is prepared before its key comes. Owns what is
 * told meanwhile and when it is over; the home, and how it comes to its blocks, are those of `synod start`.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { SynodError } from '@synod/chain';
import { createNode, type NodeConfig, type RestoreProgress, type RunningNode } from '@synod/node';
import { checkpointText } from '@synod/node/checkpoint';
import { pino } from 'pino';
import { CatchUpWatch, type Pace } from '../join/catch-up-watch.ts';
import { readCheckpoint } from '../join/checkpoint.ts';
import { readGenesisFile } from '../join/genesis-file.ts';
import { isHome, type JoinFlags } from '../join/join-network.ts';
import { prepareFolder } from '../join/node-folder.ts';
import { readNodeHome } from '../node-home.ts';
import { type LogFlags, openNodeLog } from '../operating/node-log.ts';
import { stopSignal } from '../processes/stop-signals.ts';
import { durationText, parseDurationMs } from '../settings/durations.ts';
import { parseKeepBlocks, parseSyncMode } from '../settings/node-settings.ts';
import { type P2pFlags, p2pSettings } from '../settings/p2p-settings.ts';
import { displayPath } from '../settings/paths.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { bytesText, type CommonOptions, print, printJson } from '../terminal/output.ts';
import { progressLine } from '../terminal/progress-line.ts';

export type SyncFlags = CommonOptions & {
  readonly home?: string;
  readonly timeout: string;
  readonly sync?: string;
  readonly keepBlocks?: string;
} & LogFlags &
  Partial<Omit<JoinFlags, 'dataDir'>> &
  P2pFlags;

const LOOK_EVERY_MS = 200;
const JSON_EVERY_MS = 1_000;
const TIMEOUT_RANGE = { minMs: 1_000, maxMs: 86_400_000 } as const;

/** What is said while it goes on, by people's and programs' ways. */
type Teller = { blocks(pace: Pace): void; snapshot(progress: RestoreProgress): void; peers(): void; end(): void };

/**
 * Resolves when the home is at the head. Throws `INTERRUPTED` on Ctrl-C, `PEERS_UNREACHABLE`, `SYNC_STALLED`, and whatever preparing a
 * home and starting a node throw. The keys of a validator in the home are not looked at.
 */
export async function runSync(flags: SyncFlags): Promise<void> {
  const patienceMs = parseDurationMs(flags.timeout, TIMEOUT_RANGE);
  const mode = parseSyncMode(flags.sync);
  const keepBlocks = parseKeepBlocks(flags.keepBlocks);
  const { home, ...others } = flags;
  const isContinued = home !== undefined && flags.join === undefined && isHome(home);
  const directory = await prepareFolder(
    isContinued ? { ...others, home } : { ...others, ...(home === undefined ? {} : { dataDir: home }) },
  );
  const { node, keys, genesisFile } = readNodeHome(directory);
  const genesis = readGenesisFile(genesisFile);
  const stop = stopSignal();
  const startedMs = performance.now();
  const tell = teller(flags);
  const config: NodeConfig = {
    name: node.name,
    home: directory,
    genesis,
    // No validator's, and no expert's: a node that signs nothing.
    keys: { operator: null, consensusSeed: null, vrfSeed: null, networkSeed: keys.networkSeed, experts: [] },
    p2p: p2pSettings(node.p2p, flags),
    modelDirectory: null,
    checkpoint: readCheckpoint(directory),
    sync: mode,
    keepBlocks,
    devAccounts: [],
    log: await quietLog(node.name, flags),
  };
  const { height, hash } = await follow(config, { stop, tell, patienceMs }).finally(() => tell.end());
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const shown = displayPath(directory);
  const next = `${SYNOD} start --home ${shown}`;
  if (flags.json) {
    const checkpoint = checkpointText({ height, hash });
    const facts = { home: directory, chainId: genesis.chainId, height, hash: `0x${hash}`, checkpoint, seconds };
    return printJson({ event: 'done', ...facts, next });
  }
  print(`✔ ${shown} is at block ${height}, 0x${hash}, after ${seconds} s`);
  print(`  Next:  ${next}`);
}

type Following = { readonly stop: AbortSignal; readonly tell: Teller; readonly patienceMs: number };

async function follow(config: NodeConfig, following: Following) {
  const { stop, patienceMs } = following;
  const running = await openPatiently(config, following);
  try {
    const heightMin = config.checkpoint?.height ?? 0;
    const watch = new CatchUpWatch({ nowMs: performance.now(), patienceMs, heightMin });
    for (;;) {
      const { height, hash } = running.api.status().head;
      if (stop.aborted) throw interrupted(`at block ${height}`);
      if (isThere(watch, running, { height, ...following })) return { height, hash };
      const ended = await Promise.race([running.exited, pause(stop)]);
      if (ended !== null) throw ended;
    }
  } finally {
    await running.stop();
  }
}

/** The node, once its state is there: a snapshot that does not come any nearer is not waited for for ever. */
async function openPatiently(config: NodeConfig, { stop, tell, patienceMs }: Following): Promise<RunningNode> {
  const tired = new AbortController();
  let timer = setTimeout(() => tired.abort(), patienceMs);
  let doneMax = -1;
  tell.peers();
  const onRestoring = (progress: RestoreProgress) => {
    tell.snapshot(progress);
    if (progress.done <= doneMax) return;
    doneMax = progress.done;
    clearTimeout(timer);
    timer = setTimeout(() => tired.abort(), patienceMs);
  };
  try {
    return await createNode({ ...config, onRestoring, stopping: AbortSignal.any([stop, tired.signal]) });
  } catch (error) {
    if (!(error instanceof SynodError) || error.code !== 'STOPPED') throw error;
    throw stop.aborted ? interrupted('while it restored a snapshot') : noSnapshot(patienceMs);
  } finally {
    clearTimeout(timer);
  }
}

async function pause(stop: AbortSignal): Promise<null> {
  await wait(LOOK_EVERY_MS, null, { signal: stop }).catch(() => null);
  return null;
}

function isThere(
  watch: CatchUpWatch,
  { api }: RunningNode,
  { height, tell, patienceMs }: { readonly height: number } & Omit<Following, 'stop'>,
): boolean {
  // A peer's height is the one being decided there.
  const peerHeights = api.peers().flatMap((peer) => (peer.height === null || peer.height < 1 ? [] : [peer.height - 1]));
  const networkHeight = api.networkHeight();
  const verdict = watch.look({ nowMs: performance.now(), height, peerHeights, networkHeight });
  switch (verdict.kind) {
    case 'there':
      return true;
    case 'behind':
      tell.blocks(verdict.pace);
      return false;
    case 'alone':
      tell.peers();
      return false;
    case 'unreachable':
      throw unreachable(height, patienceMs);
    case 'stalled':
      throw stalled(verdict.pace, patienceMs);
  }
}

function teller({ json }: SyncFlags): Teller {
  if (json) return jsonTeller();
  const line = progressLine();
  return {
    blocks: (pace) => line.show(paceText(pace)),
    snapshot: ({ height, done, of, bytes }) =>
      line.show(`snapshot of block ${height}   chunk ${done} of ${of}   ${bytesText(bytes)} in all`),
    peers: () => line.show('looking for peers'),
    end: () => line.end(),
  };
}

function jsonTeller(): Teller {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  const tell = (event: object) => {
    if (performance.now() - toldAtMs < JSON_EVERY_MS) return;
    toldAtMs = performance.now();
    printJson(event);
  };
  return {
    blocks: ({ remainingMs, ...pace }) =>
      tell({
        event: 'blocks',
        ...pace,
        remainingSeconds: remainingMs === null ? null : Math.ceil(remainingMs / 1_000),
      }),
    snapshot: (progress) => tell({ event: 'snapshot', ...progress }),
    peers: () => tell({ event: 'peers' }),
    end: () => undefined,
  };
}

/** "block 1200 of 5400   310 blocks/s   14 s left". */
export function paceText({ height, of, blocksPerSecond, remainingMs }: Pace): string {
  const left = remainingMs === null ? '' : `   ${durationText(remainingMs)} left`;
  return `block ${height} of ${of}   ${blocksPerSecond} blocks/s${left}`;
}

/** A node's log is for whoever asks: what this command has to say is its progress. */
async function quietLog(name: string, flags: SyncFlags): Promise<NodeConfig['log']> {
  const isWanted = flags.logFile !== undefined || (process.env['SYNOD_LOG'] ?? '') !== '';
  return isWanted ? (await openNodeLog(name, flags)).log : pino({ level: 'silent' });
}

function interrupted(where: string): SynodError {
  return new SynodError(
    'INTERRUPTED',
    `Interrupted ${where}. What there is, is kept: the same command goes on from there.`,
  );
}

function unreachable(height: number, patienceMs: number): SynodError {
  return new SynodError(
    'PEERS_UNREACHABLE',
    `No node of the network answered for ${durationText(patienceMs)}; this home is at block ${height}. Check that the machine is online and that ` +
      'the addresses in "bootstrap" of node.json are right, or name others with --bootstrap, or a node with --join URL.',
    { facts: { height } },
  );
}

function noSnapshot(patienceMs: number): SynodError {
  return new SynodError(
    'SYNC_STALLED',
    `Nothing of a snapshot came for ${durationText(patienceMs)}: no node that offers one answers. What was fetched is kept. Try again, name other ` +
      'nodes with --bootstrap, or take all blocks with --sync blocks.',
  );
}

function stalled({ height, of }: Pace, patienceMs: number): SynodError {
  return new SynodError(
    'SYNC_STALLED',
    `No block came for ${durationText(patienceMs)}: this home is at block ${height}, its peers say ${of}. They may have forgotten the blocks it ` +
      'lacks: begin a new home, which restores a snapshot, or name peers that keep them with --bootstrap.',
    { facts: { height, of } },
  );
}
