/**
 * A snapshot of a state with a million accounts: made beside a running event loop, and restored in a fresh process with every
 * chunk checked, the tree rebuilt and all of it durable in a database; then a third process opens that database as a node does.
 * Run: node bootstrap.mjs run bench/snapshot/run.ts [--accounts N]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addressFromBytes, encodeAccount, StateTree, sha256, ZERO_HASH } from '@synod/chain';
import { openStore, readSnapshotState, SnapshotFolder, writeSnapshot } from '../../packages/node/src/adapters/index.ts';
import { report } from '../table.ts';

const { values: flags } = parseArgs({
  options: { accounts: { type: 'string', default: '1000000' }, part: { type: 'string' }, folder: { type: 'string' } },
});

const HEIGHT = 1_000;
const identity = { chainId: 'bench', genesisHash: ZERO_HASH, deliver: () => undefined };
const nothing = new Uint8Array(0);

type Part = { readonly ms: number; readonly peakMiB: number } & Readonly<Record<string, number | string>>;

const parts = { make, restore, open };
if (flags.part === undefined) await all();
else console.log(JSON.stringify(await parts[flags.part as keyof typeof parts](flags.folder ?? '')));

async function all(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'synod-snapshot-'));
  try {
    const [made, restored, opened] = [
      inProcess('make', folder),
      inProcess('restore', folder),
      inProcess('open', folder),
    ];
    if (made['root'] !== restored['root'] || made['root'] !== opened['root']) throw new Error('the roots differ');
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    report(
      'snapshot',
      [
        row(
          `making, ${made['leaves']} records`,
          `${seconds(made.ms)}, ${megabytes(made['bytes'])} in ${made['chunks']} chunks`,
        ),
        row('longest stop of the event loop while making', `${made['longestStopMs']} ms`),
        row('memory of the making process, state included', `${made.peakMiB} MiB`),
        {
          figure: 'restoring, checked and durable, in a fresh process',
          value: `${seconds(restored.ms)}, ${restored.peakMiB} MiB`,
          goal: '≤ 60 s',
          met: restored.ms <= 60_000,
        },
        row(
          'of which reading and checking; database',
          `${seconds(Number(restored['checkMs']))}; ${seconds(Number(restored['installMs']))}`,
        ),
        row('opening that database as a node does', `${seconds(opened.ms)}, ${opened.peakMiB} MiB`),
      ],
      { made, restored, opened },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function row(figure: string, value: string) {
  return { figure, value, goal: '–', met: null };
}

function megabytes(bytes: unknown): string {
  return `${(Number(bytes) / 1e6).toFixed(1)} MB`;
}

function inProcess(part: keyof typeof parts, folder: string): Part {
  const args = [fileURLToPath(import.meta.url), '--part', part, '--folder', folder, '--accounts', flags.accounts];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 20 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Part;
}

async function make(folder: string): Promise<Part> {
  const state = StateTree.fromEntries(accounts(Number(flags.accounts)));
  const { root } = state;
  const stops = watchStops();
  const startMs = performance.now();
  const anchor = { proof: nothing, lightBlock: nothing, block: nothing, results: nothing };
  const made = await writeSnapshot(join(folder, 'snapshots'), { chainId: 'bench', height: HEIGHT, state, anchor });
  const ms = performance.now() - startMs;
  const { chunks, leaves, bytes } = made;
  return { ms, peakMiB: peakMiB(), root, chunks, leaves, bytes, longestStopMs: stops() };
}

async function restore(folder: string): Promise<Part> {
  const startMs = performance.now();
  const state = await readSnapshotState(new SnapshotFolder(join(folder, 'snapshots', String(HEIGHT))));
  const checkedMs = performance.now();
  const opening = await openStore({ directory: join(folder, 'chain'), ...identity });
  const entries = Array.from(state.entries(), ({ key, value }) => [key, value] as const);
  await opening.install({ height: HEIGHT, stateRoot: state.root, entries });
  await opening.close();
  const ms = performance.now() - startMs;
  return {
    ms,
    peakMiB: peakMiB(),
    root: state.root,
    checkMs: checkedMs - startMs,
    installMs: startMs + ms - checkedMs,
  };
}

async function open(folder: string): Promise<Part> {
  const startMs = performance.now();
  const opening = await openStore({ directory: join(folder, 'chain'), ...identity });
  const state = StateTree.fromEntries((opening.boot?.entries ?? []).map(([key, value]) => ({ key, value })));
  const { root } = state;
  const ms = performance.now() - startMs;
  await opening.close();
  return { ms, peakMiB: peakMiB(), root };
}

function* accounts(count: number): Generator<{ key: string; value: Uint8Array }> {
  const number = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < count; i++) {
    number.setUint32(0, i);
    const address = addressFromBytes(sha256(new Uint8Array(number.buffer)).subarray(0, 20));
    yield { key: `account/${address}`, value: encodeAccount({ balance: BigInt(i) * 1_000_000n + 1n }) };
  }
}

/** Milliseconds of the longest stretch in which a timer of 5 ms did not run. */
function watchStops(): () => number {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 5);
    last = now;
  }, 5);
  return () => {
    clearInterval(timer);
    return Math.round(longest);
  };
}

function peakMiB(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
