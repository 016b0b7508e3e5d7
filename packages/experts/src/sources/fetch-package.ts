/**
 * Fetches one package with its registry's own client (npm or pip), as the user has set it up: no host is named here.
 * Owns the child process and its progress; checking and keeping the file is package-cache.ts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SynodError } from '@synod/chain';
import { diskFullIn } from '../disk-full.ts';
import { limits } from '../limits.ts';
import type { PinnedPackage } from './pinned-package.ts';

export type FetchOptions = {
  /** Empty folder of this download alone. */
  readonly folder: string;
  readonly onBytes: (doneBytes: number) => void;
  readonly signal: AbortSignal | undefined;
};

/** Puts the package's file under `folder` and returns its path. */
export type FetchPackage = (source: PinnedPackage, options: FetchOptions) => Promise<string>;

type Client = { readonly command: string; readonly arguments: readonly string[] };

/**
 * Downloads with the first client that is installed. Errors: KNOWLEDGE_FETCH_FAILED, DISK_FULL; the signal's reason when aborted.
 */
export const fetchPackage: FetchPackage = async (source, options) => {
  await mkdir(options.folder, { recursive: true });
  const clients = clientsOf(source, options.folder);
  for (const client of clients) {
    const outcome = await run(client, options);
    options.signal?.throwIfAborted();
    if (outcome.kind === 'absent') continue;
    if (outcome.exitCode === 0) return join(options.folder, source.fileName);
    const full = diskFullIn(outcome.output, join(options.folder, source.fileName), source.bytes);
    if (full !== undefined) throw full;
    throw failed(source, `${client.command} ended with code ${outcome.exitCode ?? 'none'}`, outcome.output);
  }
  const commands = clients.map(({ command }) => command).join(' or ');
  throw failed(source, `${commands} was not found`, '');
};

function clientsOf(source: PinnedPackage, folder: string): readonly Client[] {
  const { name, version } = source;
  if (source.registry === 'npm') {
    const packing = [
      'pack',
      `${name}@${version}`,
      '--pack-destination',
      folder,
      '--ignore-scripts',
      '--fetch-retries',
      '2',
    ];
    return [{ command: process.platform === 'win32' ? 'npm.cmd' : 'npm', arguments: packing }];
  }
  const kind = source.fileName.endsWith('.whl') ? '--only-binary=:all:' : '--no-binary=:all:';
  const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
  const patience = ['--timeout', String(limits.connectSeconds), '--retries', '2'];
  const downloading = [
    '-m',
    'pip',
    'download',
    '--no-deps',
    kind,
    ...quiet,
    ...patience,
    '--dest',
    folder,
    `${name}==${version}`,
  ];
  return ['python3', 'python'].map((command) => ({ command, arguments: downloading }));
}

type Outcome =
  | { readonly kind: 'absent' }
  | { readonly kind: 'ended'; readonly exitCode: number | null; readonly output: string };

async function run(client: Client, options: FetchOptions): Promise<Outcome> {
  const child = spawn(client.command, client.arguments, {
    cwd: options.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: the command may be a script that starts the real one, and both have to end.
    detached: process.platform !== 'win32',
    shell: process.platform === 'win32',
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

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-limits.clientOutputBytes);
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

async function largestFileBytes(folder: string): Promise<number> {
  let largest = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) largest = Math.max(largest, (await stat(join(entry.parentPath, entry.name))).size);
  }
  return largest;
}

function failed(source: PinnedPackage, why: string, output: string): SynodError {
  const { name, version, registry, fileName } = source;
  const detail = output.trim().split('\n').slice(-3).join('\n');
  return new SynodError(
    'KNOWLEDGE_FETCH_FAILED',
    `The source ${name} ${version} (${registry}) is not cached and could not be downloaded: ${why}. Run again with network access, or copy ${fileName} from another machine into the cache's downloads folder; shipped knowledge needs no download.`,
    { facts: { package: name, version, registry, detail } },
  );
}
