/**
 * Block sync with real processes: two nodes serve a finished chain, a newcomer joins with `synod start --join` and
 * fetches, verifies, executes and stores all of it. Once with empty blocks, once with blocks full of signed transfers.
 * Run: node bootstrap.mjs run bench/sync/run.ts [--blocks N] [--tx-blocks N] [--per-block N] [--only empty|full]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePortBase, root } from '../../test/e2e/devnet-process.ts';
import { report } from '../table.ts';
import { makeChain } from './make-chain.ts';

const { values: flags } = parseArgs({
  options: {
    blocks: { type: 'string', default: '2000' },
    'tx-blocks': { type: 'string', default: '40' },
    'per-block': { type: 'string', default: '1000' },
    only: { type: 'string' },
  },
});

const SERVERS = 2;
const TICKS_PER_SECOND = 100;
const MAIN = join(root, 'packages/cli/src/main.ts');

type Measured = {
  readonly blocks: number;
  readonly transactions: number;
  /** From the first block applied to the last. */
  readonly syncMs: number;
  /** From the start of the process, with loading and connecting. */
  readonly totalMs: number;
  /** Processor time of the newcomer until then. */
  readonly cpuMs: number;
};

const empty = flags.only === 'full' ? null : await measure(Number(flags.blocks), 0);
const full = flags.only === 'empty' ? null : await measure(Number(flags['tx-blocks']), Number(flags['per-block']));
const perSecond = (count: number, { syncMs }: Measured) => (1000 * count) / syncMs;
const told = ({ totalMs, cpuMs }: Measured) =>
  `${(totalMs / 1000).toFixed(1)} s from start, ${(cpuMs / 1000).toFixed(1)} s CPU`;
report(
  'sync',
  [
    ...(empty === null
      ? []
      : [
          row(
            'empty blocks',
            `${perSecond(empty.blocks, empty).toFixed(0)} blocks/s, ${told(empty)}`,
            '≥ 200 blocks/s',
            perSecond(empty.blocks, empty) >= 200,
          ),
        ]),
    ...(full === null
      ? []
      : [
          row(
            'signed transfers',
            `${perSecond(full.transactions, full).toFixed(0)} tx/s, ${told(full)}`,
            '≥ 5,000 tx/s',
            perSecond(full.transactions, full) >= 5_000,
          ),
        ]),
  ],
  { empty, full },
);

function row(figure: string, value: string, goal: string, met: boolean) {
  return { figure, value, goal, met };
}

async function measure(blocks: number, perBlock: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'synod-sync-'));
  const started: ChildProcess[] = [];
  try {
    const portBase = await freePortBase();
    const { homes, checkpoint, transactions } = await makeChain({
      folder,
      blocks,
      perBlock,
      servers: SERVERS,
      portBase,
    });
    for (const home of homes) started.push(start(['--home', home]));
    const url = (index: number) => `http://127.0.0.1:${portBase + 10 * index}`;
    for (let index = 0; index < SERVERS; index++) await until(async () => (await height(url(index))) === blocks);
    // The first server tells of the second, which it dials.
    const joinFlags = ['--join', url(0), '--checkpoint', checkpoint, '--data-dir', join(folder, 'new')];
    const ports = ['--rpc-port', String(portBase + 40)];
    const startedMs = performance.now();
    const newcomer = start([...joinFlags, ...ports]);
    started.push(newcomer);
    let firstMs = 0;
    let firstHeight = 0;
    await until(async () => {
      const reached = await height(url(4));
      if (reached > 0 && firstMs === 0) [firstMs, firstHeight] = [performance.now(), reached];
      return reached === blocks;
    });
    const endMs = performance.now();
    const share = blocks / Math.max(1, blocks - firstHeight);
    const syncMs = firstHeight === blocks ? endMs - startedMs : (endMs - firstMs) * share;
    return { blocks, transactions, syncMs, totalMs: endMs - startedMs, cpuMs: cpuMs(newcomer.pid!) };
  } finally {
    await Promise.all(started.map(stop));
    rmSync(folder, { recursive: true, force: true });
  }
}

function start(args: readonly string[]): ChildProcess {
  const extra = process.env['SYNC_NODE_OPTIONS']?.split(' ') ?? [];
  return spawn(process.execPath, [...(args[0] === '--join' ? extra : []), MAIN, 'start', ...args], {
    stdio: ['ignore', 'ignore', process.env['SYNC_LOG'] === undefined ? 'ignore' : 'inherit'],
  });
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((done) => {
    child.on('exit', () => done());
    child.kill('SIGTERM');
  });
}

async function height(url: string): Promise<number> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'chain_getHead', params: {} });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return Number(((await response.json()) as { result: { height: string } }).result.height);
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 60_000;
  while (!(await isDone().catch(() => false))) {
    if (performance.now() > endMs) throw new Error('not within 60 s');
    await new Promise((resume) => setTimeout(resume, 25));
  }
}

/** Fields 14 and 15 of /proc/PID/stat. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}
