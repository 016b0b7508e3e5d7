/**
 * One process per folder: a lock file that names its owner and never goes stale. Owns the question "is it still the
 * process that wrote this file?", which a bare pid cannot answer after a power loss or a wrapped pid counter.
 */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

export type LockOwner = { readonly pid: number; readonly startedTicks: string | null };

const ATTEMPTS_MAX = 3;
/** State of a process that ended and waits for its parent to notice. */
const ZOMBIE = 'Z';

/** Takes the lock for this process; returns how to release it, or the live owner that has it. */
export function takeLock(file: string): { readonly release: () => void } | { readonly owner: LockOwner } {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    if (createExclusively(file, JSON.stringify(identityOf(process.pid))))
      return { release: () => rmSync(file, { force: true }) };
    const owner = lockOwner(file);
    if (owner !== null && owner.pid !== process.pid) return { owner };
    // Its process is gone (kill -9, power loss): take it over.
    rmSync(file, { force: true });
  }
  throw new Error(`the lock ${file} is taken and released again and again`);
}

/** The live process that holds the lock, or null. */
export function lockOwner(file: string): LockOwner | null {
  let written: LockOwner;
  try {
    written = JSON.parse(readFileSync(file, 'utf8')) as LockOwner;
  } catch {
    // Absent, or cut off by a power loss: nobody holds it.
    return null;
  }
  return isAlive(written) ? written : null;
}

/** Identity of a process that outlives reuse of its pid, where the system tells start times (Linux). */
export function identityOf(pid: number): LockOwner {
  return { pid, startedTicks: processStat(pid)?.startedTicks ?? null };
}

/** Whether exactly that process still runs. */
export function isAlive(owner: LockOwner): boolean {
  if (!Number.isSafeInteger(owner.pid) || owner.pid <= 0 || !exists(owner.pid)) return false;
  const stat = processStat(owner.pid);
  if (stat === null) return true;
  if (stat.state === ZOMBIE) return false;
  return owner.startedTicks === null || stat.startedTicks === owner.startedTicks;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Fields 3 and 22 of /proc/PID/stat; the command name before them may hold spaces and parentheses. */
function processStat(pid: number): { readonly state: string; readonly startedTicks: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startedTicks: fields[19] ?? '' };
  } catch {
    // No /proc on this system, or the process ended meanwhile: the pid alone decides.
    return null;
  }
}

function createExclusively(file: string, text: string): boolean {
  try {
    const descriptor = openSync(file, 'wx', 0o600);
    writeSync(descriptor, text);
    closeSync(descriptor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
