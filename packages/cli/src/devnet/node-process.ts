/**
 * One validator as an operating-system process: spawning, its log file, its end. Owns the child's life cycle only;
 * what runs inside is `synod start`.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDirectory } from '@synod/node/make-directory';
import { compileCacheDirectory } from '../settings/paths.ts';
import type { NodePlace } from './layout.ts';

/** With the one older file a node's logs take at most twice as much. */
const LOG_FLAGS = ['--log-max-mb', '32', '--log-keep', '1'] as const;
const LOG_TAIL_LINES = 5;
const LOG_TAIL_BYTES = 16 * 1024;

export type NodeProcess = {
  readonly place: NodePlace;
  readonly pid: number;
  /** Why it ended, in words. Resolves once. */
  readonly exited: Promise<string>;
  /** Null while it runs. */
  exitReason(): string | null;
  kill(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
};

export const MAIN_FILE: string = fileURLToPath(new URL('../main.ts', import.meta.url));

/**
 * Starts the node in a process group of its own, so that a terminal's Ctrl-C reaches the supervisor alone. The node ends by
 * itself when the pipe on its stdin closes: no orphans after a `kill -9` of the supervisor. Rejects when it cannot be spawned.
 */
export async function spawnNode(place: NodePlace, flags: readonly string[] = []): Promise<NodeProcess> {
  makeDirectory(dirname(place.log));
  // Whatever is not logged but printed, such as a failed assertion of the runtime itself, lands in the same file.
  const log = openSync(place.log, 'a');
  const args = ['start', '--home', place.home, '--supervised', '--log-file', place.log, ...LOG_FLAGS, ...flags];
  const within = place.namespace === null ? [] : ['nsenter', `--net=${place.namespace}`, '--'];
  const [program, ...rest] = [...within, process.execPath, MAIN_FILE, ...args];
  const child = spawn(program!, rest, {
    // From the first module on; the command itself could only begin behind its own imports.
    env: { ...process.env, NODE_COMPILE_CACHE: compileCacheDirectory(process.env) },
    stdio: ['pipe', log, log],
    detached: true,
  });
  closeSync(log);
  await spawned(child);
  // The pipe breaks when the node dies first; its exit is reported, the broken pipe says nothing new.
  child.stdin?.on('error', () => {});
  return watch(place, child);
}

function spawned(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('spawn', resolve);
  child.once('error', reject);
  return promise;
}

function watch(place: NodePlace, child: ChildProcess): NodeProcess {
  let reason: string | null = null;
  const { promise: exited, resolve } = Promise.withResolvers<string>();
  child.once('exit', (code, signal) => {
    reason = signal === null ? `ended with code ${code}` : `was killed by ${signal}`;
    resolve(reason);
  });
  return { place, pid: child.pid!, exited, exitReason: () => reason, kill: (signal) => void child.kill(signal) };
}

/** The last lines of a log that a person should see when its node did not start. */
export function logTail(file: string): string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file).subarray(-LOG_TAIL_BYTES).toString('utf8').trimEnd().split('\n');
  return lines.slice(-LOG_TAIL_LINES);
}
