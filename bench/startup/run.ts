/**
 * `npm start` on a fresh clone, and again. Clones this checkout's HEAD into a new folder, with an empty data directory; the model cache
 * is empty for the first start. Time to install and to download is told apart from what comes after.
 * Run: node bootstrap.mjs run bench/startup/run.ts
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePortBase, root } from '../../test/e2e/devnet-process.ts';
import { report } from '../table.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-startup-'));
const clone = join(folder, 'clone');
execFileSync('git', ['clone', '--quiet', root, clone]);
const portBase = await freePortBase();
const env = {
  ...process.env,
  NO_COLOR: '1',
  SYNOD_DATA_DIR: join(folder, 'data'),
  SYNOD_PORT_BASE: String(portBase),
  XDG_CACHE_HOME: join(folder, 'cache'),
};

type Start = { readonly readyMs: number; readonly marks: readonly { readonly atMs: number; readonly line: string }[] };

try {
  const first = await start();
  const second = await start();
  const installedMs = first.marks.find(({ line }) => /genesis/i.test(line))?.atMs ?? Number.NaN;
  const downloadedMs = first.marks.findLast(({ line }) => /download/i.test(line))?.atMs ?? installedMs;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const afterDownload = first.readyMs - downloadedMs;
  report(
    'startup',
    [
      {
        figure: 'first start, everything (install, download, convert)',
        value: seconds(first.readyMs),
        goal: '–',
        met: null,
      },
      { figure: 'of which until the install was done', value: seconds(installedMs), goal: '–', met: null },
      {
        figure: 'first start after the download',
        value: seconds(afterDownload),
        goal: '≤ 60 s',
        met: afterDownload <= 60_000,
      },
      { figure: 'second start', value: seconds(second.readyMs), goal: '≤ 10 s', met: second.readyMs <= 10_000 },
    ],
    { first, second },
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function start(): Promise<Start> {
  const startedMs = performance.now();
  const child = spawn('npm', ['start'], { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const marks: { atMs: number; line: string }[] = [];
  let readyMs = Number.NaN;
  const onData = (chunk: Buffer) => {
    for (const line of chunk.toString().split(/[\r\n]+/)) {
      if (line.trim() !== '') marks.push({ atMs: performance.now() - startedMs, line: line.trim() });
      if (!/^Ready in/.test(line.trim()) || !Number.isNaN(readyMs)) continue;
      readyMs = performance.now() - startedMs;
      process.kill(-child.pid!, 'SIGINT');
    }
  };
  child.stdout.on('data', onData);
  child.stderr.on('data', onData);
  return new Promise((done, fail) => {
    child.on('exit', (code) => {
      if (Number.isNaN(readyMs))
        fail(new Error(`npm start ended with ${code}: ${marks.map(({ line }) => line).join('\n')}`));
      else done({ readyMs, marks });
    });
  });
}
