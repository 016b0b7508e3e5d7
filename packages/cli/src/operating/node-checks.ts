/**
 * What can be checked of a node that runs, or that should: whether it answers, its chain, key, clock, ports, peers and version. Owns
 * these checks; the home's are home-checks.ts.
 */
import { connect } from 'node:net';
import { type Genesis, genesisHash } from '@synod/chain';
import type { RpcMethodMap } from '@synod/rpc/client';
import { createNodeClient } from '../rpc/node-client.ts';
import { durationText } from '../settings/durations.ts';
import { VERSION } from '../version.ts';
import { type Finding, noteOf, ok, wrong } from './findings.ts';
import { firstSentence, type HomeFacts, ownKeys } from './home-checks.ts';

const TIMEOUT_MS = 10_000;
/** A block's time is its proposer's; the network takes some of it to spread. */
export const CLOCK_LIMITS = { behindMs: 500, aheadMs: 10_000 } as const;
/** Block intervals without a block after which the chain stands. */
const STALLED_INTERVALS = 10;
const PEERS_MIN = 2;

type Status = RpcMethodMap['node_status']['result'];

export type Running = { readonly status: Status; readonly url: string };

/** Asks the node; a node that should run and does not answer is what is wrong. */
export async function reachNode(
  url: string,
  facts: HomeFacts | null,
): Promise<{ readonly running: Running | null; readonly findings: readonly Finding[] }> {
  try {
    const status = await createNodeClient(url, TIMEOUT_MS).status();
    return { running: { status, url }, findings: [ok('rpc', `${status.name} answers at ${url}`)] };
  } catch (error) {
    const start = `Start it:  synod start --home ${facts?.home ?? 'FOLDER'}`;
    const isStopped = facts !== null && facts.pid === null;
    const finding = isStopped
      ? noteOf('rpc', 'the node does not run', start)
      : wrong(
          'rpc',
          firstSentence(error),
          facts === null ? `${start}   or name another with --rpc URL` : 'Look at its log, and restart it.',
        );
    return { running: null, findings: [finding] };
  }
}

export async function checkRunning({ status, url }: Running, facts: HomeFacts | null): Promise<readonly Finding[]> {
  const client = createNodeClient(url, TIMEOUT_MS);
  const [params, metrics] = await Promise.all([client.call('staking_params'), readMetrics(url)]);
  return [
    ...chainFindings(status, facts?.genesis ?? null),
    ...(await keyFindings(status, facts, client)),
    roleFinding(status),
    headFinding(status, params.blockIntervalMs, Date.now()),
    clockFinding(metrics.get('synod_block_delay_seconds') ?? null),
    peersFinding(status),
    workerFinding(status),
    versionFinding(status.version),
  ];
}

function chainFindings({ chainId, genesisHash: hash }: Status, genesis: Genesis | null): Finding[] {
  if (genesis === null) return [ok('chain', `${chainId}, genesis ${hash}`)];
  if (`0x${genesisHash(genesis)}` === hash) return [ok('chain', 'the node runs the chain of its genesis.json')];
  const what = `the node runs ${chainId} with another genesis (${hash}) than the home's`;
  return [wrong('chain', what, 'Is it another node? Name the right --rpc, or restart the node with this home.')];
}

async function keyFindings(
  status: Status,
  facts: HomeFacts | null,
  client: ReturnType<typeof createNodeClient>,
): Promise<Finding[]> {
  const operator = facts?.files?.keys.operator ?? status.operator;
  if (operator === null) return [];
  const validators = await client.everyValidator();
  const own = validators.find((each) => each.operator === operator);
  if (own === undefined) {
    const next = 'Make it one:  synod validator create --home FOLDER --bond AMOUNT --key-file FILE';
    return [noteOf('key', `${operator} is no validator on this chain`, next)];
  }
  const keys = facts === null ? [] : ownKeys(facts).map((key) => `0x${key}`);
  // Keys that a signer holds are in no home: what the node signs with says whose they are.
  const held = keys.length === 0 ? [status.signingKey] : keys;
  if (held.includes(own.publicKey))
    return [ok('key', `key on this node = key on chain (${own.publicKey.slice(0, 14)}…)`)];
  const what = `the chain names key ${own.publicKey.slice(0, 14)}…, which is not on this node`;
  return [
    wrong(
      'key',
      what,
      'Start the node on the home where that key is, or rotate:  synod validator rotate --home FOLDER',
    ),
  ];
}

function roleFinding({ role, roleReason, operator }: Status): Finding {
  if (role === 'validator') return ok('role', 'it may sign');
  if (operator === null) return ok('role', 'it follows and does not sign: it has no validator');
  return wrong('role', `it observes and does not sign: ${roleReason}`, 'See:  synod validator status');
}

/** How old the newest block is, at this time of this machine. */
export function headFinding(
  { head, syncing }: Pick<Status, 'head' | 'syncing'>,
  intervalMs: number,
  nowMs: number,
): Finding {
  const ageMs = nowMs - Number(head.time);
  const what = `block ${head.height}, ${durationText(Math.max(0, ageMs))} ago`;
  if (ageMs < -CLOCK_LIMITS.aheadMs) {
    const ahead = `block ${head.height} is of a time that is yet to come: this clock is behind`;
    return wrong('head', ahead, 'Let the machine set its clock:  timedatectl status');
  }
  if (syncing) return noteOf('head', `${what}; it is catching up`, 'Wait, and look again:  synod status --watch');
  if (ageMs <= STALLED_INTERVALS * intervalMs + CLOCK_LIMITS.aheadMs) return ok('head', what);
  return wrong(
    'head',
    `${what}: no new blocks come`,
    'More than 2/3 of the power has to be connected:  synod validator list',
  );
}

/** By how long after its own time the newest block came: negative, or very long, and a clock is wrong. */
export function clockFinding(delaySeconds: number | null): Finding {
  if (delaySeconds === null)
    return noteOf('clock', 'cannot be told while no blocks come or the node catches up', 'Look again later.');
  const delayMs = delaySeconds * 1000;
  const what = `the newest block came ${delaySeconds.toFixed(1)} s after its own time`;
  const next = 'Compare with others and let the machine set its clock:  timedatectl status';
  if (delayMs < -CLOCK_LIMITS.behindMs) return wrong('clock', `${what}: this clock is behind`, next);
  if (delayMs > CLOCK_LIMITS.aheadMs)
    return wrong('clock', `${what}: this clock is ahead, or the machine too slow`, next);
  return ok('clock', what);
}

function peersFinding({ peers, warnings }: Status): Finding {
  const what = `${peers} connected`;
  const lonely = warnings.find((warning) => warning.startsWith('0 peers'));
  const next = 'Check the network, the firewall and the bootstrap addresses in node.json.';
  if (lonely !== undefined) return wrong('peers', what, next);
  return peers === 0 || peers >= PEERS_MIN ? ok('peers', what) : noteOf('peers', what, next);
}

function workerFinding({ worker }: Status): Finding {
  if (worker.state === 'down')
    return wrong(
      'worker',
      'the inference worker is down and being restarted',
      'Its log says why; check the model:  synod doctor --home FOLDER',
    );
  return ok('worker', worker.state === 'off' ? 'none, and none is needed' : `${worker.state}, ${worker.queued} jobs`);
}

/** Another version than this command's is worth knowing. */
export function versionFinding(version: string): Finding {
  if (version === VERSION) return ok('version', version);
  return noteOf(
    'version',
    `the node runs ${version}, this command is ${VERSION}`,
    'Restart the node to run what is installed.',
  );
}

/** Values of metrics without labels; empty where none are served. */
async function readMetrics(url: string): Promise<ReadonlyMap<string, number>> {
  try {
    const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) })).text();
    return new Map([...text.matchAll(/^([a-z_]+) (-?[\d.e+]+)$/gm)].map(([, name, value]) => [name!, Number(value)]));
  } catch {
    // Asked of the node a moment ago; that it answers is another check.
    return new Map();
  }
}

/** Whether peers can reach this node where it listens, as far as this machine can tell. */
export async function checkPorts(facts: HomeFacts, running: Running | null): Promise<readonly Finding[]> {
  const { files, pid } = facts;
  if (files === null) return [];
  const match = /^\/(ip4|ip6|dns4|dns6|dns)\/([^/]+)\/tcp\/(\d+)/.exec(files.node.p2p.listen);
  const [, , host = '', port = ''] = match ?? [];
  if (port === '0')
    return [
      noteOf(
        'port',
        'peers are listened to on a port that changes with every start',
        'Name one in node.json, and open it in the firewall.',
      ),
    ];
  const isOpen = await canConnect(host.replace(/^0\.0\.0\.0$/, '127.0.0.1').replace(/^::$/, '::1'), Number(port));
  if (pid === null && running === null) {
    if (!isOpen) return [ok('port', `port ${port} for peers is free`)];
    return [
      wrong('port', `port ${port} for peers is taken by another program`, `See which:  ss -ltnp 'sport = :${port}'`),
    ];
  }
  if (isOpen) return [ok('port', `peers can connect to port ${port} on this machine`)];
  return [
    wrong('port', `nothing listens on port ${port} for peers`, 'Restart the node, and open the port in the firewall.'),
  ];
}

function canConnect(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port, timeout: TIMEOUT_MS });
  const end = (isOpen: boolean) => {
    socket.destroy();
    resolve(isOpen);
  };
  socket.once('connect', () => end(true));
  socket.once('error', () => end(false));
  socket.once('timeout', () => end(false));
  return promise;
}
