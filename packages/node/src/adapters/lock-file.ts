/**
 * One process per data directory (consensus §1.7): a lock file that names its holder.
 * Owns the file and the question whether its holder still lives; LevelDB's own lock stands behind it. The supervisor of a
 * devnet locks its folder the same way under another name.
 */

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SynodError } from '@synod/chain';
import { makeDirectory } from './make-directory.ts';

const LOCK_NAME = 'node.lock';

/** Rounds of "found stale, moved away, tried again" before giving up against others who do the same. */
const ATTEMPTS_MAX = 8;

/** State of a process that ended and that its parent has not noticed; in a container it may stay so for ever. */
const ZOMBIE = 'Z';

/** `startedAt` tells two processes apart that were given the same number; null where the system does not say. */
type Holder = { readonly pid: number; readonly startedAt: string | null };

/** Locks held by this process, so that its own number in a file left by a namesake does not look alive. */
const heldHere = new Set<string>();

/**
 * Takes the directory's lock, creating the directory when it is missing; gives the function that releases it.
 * A lock whose process is gone is taken over. Throws `DATA_DIR_IN_USE`, naming the holder's PID.
 */
export function acquireLock(directory: string): () => void {
  makeDirectory(directory);
  const taken = takeLockFile(join(directory, LOCK_NAME));
  if ('release' in taken) return taken.release;
  throw inUse(directory, taken.holderPid);
}

/** Throws `DATA_DIR_IN_USE` when a live process holds the directory's lock; changes nothing. */
export function requireUnlocked(directory: string): void {
  const pid = directoryHolder(directory);
  if (pid !== null) throw inUse(directory, pid);
}

/** PID of the live process that holds the directory's lock, or null. */
export function directoryHolder(directory: string): number | null {
  return lockHolder(join(directory, LOCK_NAME));
}

/** Takes the lock file for this process, or names the live process that holds it (null: others keep taking it). */
export function takeLockFile(path: string): { readonly release: () => void } | { readonly holderPid: number | null } {
  const own: Holder = { pid: process.pid, startedAt: statusOf(process.pid)?.startedAt ?? null };
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    if (tryCreate(path, own)) return { release: holdLock(path) };
    const text = readLock(path);
    if (text === null) continue;
    const holder = parseHolder(text);
    if (holder !== null && isAlive(holder, path)) return { holderPid: holder.pid };
    removeStale(path, text);
  }
  return { holderPid: null };
}

/** PID of the live process that holds the lock file, or null. */
export function lockHolder(path: string): number | null {
  const text = readLock(path);
  const holder = text === null ? null : parseHolder(text);
  return holder !== null && isAlive(holder, path) ? holder.pid : null;
}

/** Creates the lock with its content in one step, so nobody ever reads an empty one. */
function tryCreate(path: string, own: Holder): boolean {
  const prepared = `${path}.${own.pid}`;
  writeFileSync(prepared, JSON.stringify(own), { mode: 0o600 });
  try {
    linkSync(prepared, path);
    return true;
  } catch (error) {
    if (isErrorCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(prepared, { force: true });
  }
}

function holdLock(path: string): () => void {
  heldHere.add(path);
  return () => {
    if (heldHere.delete(path)) rmSync(path, { force: true });
  };
}

function readLock(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Moves the stale lock away; one that somebody took in the meantime is put back. */
function removeStale(path: string, staleText: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') === staleText) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

function parseHolder(text: string): Holder | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not a lock this program wrote whole: nobody holds it.
    return null;
  }
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value)) return null;
  const { pid, startedAt } = value;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return null;
  return { pid, startedAt: typeof startedAt === 'string' ? startedAt : null };
}

function isAlive({ pid, startedAt }: Holder, path: string): boolean {
  if (pid === process.pid) return heldHere.has(path);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!isErrorCode(error, 'EPERM')) return false;
  }
  const present = statusOf(pid);
  if (present === null) return true;
  if (present.state === ZOMBIE) return false;
  return startedAt === null || present.startedAt === startedAt;
}

/** State, boot and start tick of the process, where /proc tells; null elsewhere. */
function statusOf(pid: number): { readonly state: string; readonly startedAt: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The name in parentheses may hold spaces; the state is the first field after it, the start tick the 20th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startedAt: `${boot}/${fields[19] ?? ''}` };
  } catch {
    // No /proc on this system, or the process is gone: then only its number is known.
    return null;
  }
}

function inUse(directory: string, pid: number | null): SynodError {
  const holder = pid === null ? 'Another process' : `Process ${pid}`;
  const next = pid === null ? 'Stop it' : `Stop it (kill ${pid})`;
  return new SynodError(
    'DATA_DIR_IN_USE',
    `${holder} already runs a node in ${directory}. ${next} first, or name another --data-dir (of "synod start": --home).`,
    { facts: { directory, pid } },
  );
}

function isErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
