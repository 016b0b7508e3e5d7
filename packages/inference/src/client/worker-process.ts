/**
 * One life of a worker process, from fork to exit. Owns the child, its channel and its stderr; jobs and restarts belong to
 * worker-client.ts.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { limits } from './limits.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

export type WorkerProcess = {
  readonly pid: number | undefined;
  /** Silently dropped once the worker is gone: `onExit` tells. */
  send(message: ToWorker): void;
  kill(): void;
};

export type WorkerProcessHandlers = {
  readonly modelDirectory: string;
  onMessage(message: FromWorker): void;
  /** Once, after the last message. `reason` is for people. */
  onExit(reason: string): void;
};

const WORKER_MAIN = fileURLToPath(new URL('../worker/main.ts', import.meta.url));

export function startWorkerProcess({ modelDirectory, onMessage, onExit }: WorkerProcessHandlers): WorkerProcess {
  const child = fork(WORKER_MAIN, [modelDirectory], {
    execPath: process.execPath,
    // A small nursery collects the tokenizer's and the loop's garbage before it adds up: 60–90 MB less, measured.
    execArgv: [
      `--max-old-space-size=${limits.workerHeapMiB}`,
      `--max-semi-space-size=${limits.workerNurseryMiB}`,
      '--disable-warning=ExperimentalWarning',
    ],
    // Fewer malloc arenas: their unused tops would count as this process's memory.
    env: { ...process.env, MALLOC_ARENA_MAX: '1' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const stderr = keepTail(child);
  child.on('message', (message) => onMessage(message as FromWorker));
  whenGone(child, (cause) => onExit([cause, stderr().trim()].filter((part) => part !== '').join(': ')));
  return {
    pid: child.pid,
    // A failed send means that the worker is gone; its exit event follows.
    send: (message) => child.connected && child.send(message, () => {}),
    kill: () => child.kill('SIGKILL'),
  };
}

/** Calls back once, when the process has ended *and* its channel is drained: messages can arrive after the exit event. */
function whenGone(child: ChildProcess, onGone: (cause: string) => void): void {
  let cause: string | undefined;
  let isDrained = false;
  let isGone = false;
  const check = (): void => {
    if (isGone || cause === undefined || !isDrained) return;
    isGone = true;
    onGone(cause);
  };
  child.on('disconnect', () => {
    isDrained = true;
    check();
  });
  child.on('exit', (code, signal) => {
    cause = signal === null ? `worker exited with code ${code}` : `worker was ended by ${signal}`;
    isDrained ||= !child.connected;
    check();
  });
  child.on('error', (error) => {
    if (child.pid !== undefined) return; // A failed kill or send: an exit event follows or has come.
    cause = `worker could not be started: ${error.message}`;
    isDrained = true;
    check();
  });
}

function keepTail(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-limits.stderrCharactersMax);
  });
  return () => tail;
}
