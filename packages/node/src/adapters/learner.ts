/**
 * The learner's process behind the host's port (spec: learning §5–§7). Owns where a job's files go, and that what it made of a version
 * lies in the versions' folder, under the hash that its bytes have, before the host hears of it.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Hash, ZERO_HASH } from '@synod/chain';
import type { LearnerEvent, LearnerJob } from '@synod/inference';
import type { Learner, LearnerMessage, LearnerTask } from '../host/index.ts';
import type { Deliver } from './node-store.ts';
import type { VersionFolder } from './version-folder.ts';

/** The process: as `createLearner` of inference gives it. */
export type LearnerProcess = {
  submit(job: LearnerJob): void;
  cancel(id: string): void;
  close(): Promise<void>;
};

export type LearnerLog = { info(facts: object, message: string): void; warn(facts: object, message: string): void };

export type LearnerOptions = {
  readonly modelDirectory: string;
  /** Where blobs lie, each under its id. */
  readonly blobs: string;
  readonly versions: VersionFolder;
  readonly deliver: Deliver;
  readonly log: LearnerLog;
  readonly createProcess: (options: {
    readonly onEvent: (event: LearnerEvent) => void;
    readonly log: (message: string, facts: Readonly<Record<string, unknown>>) => void;
  }) => LearnerProcess;
};

export type NodeLearner = Learner & { close(): Promise<void> };

/** Starts no process before there is a job. */
export function openLearner(options: LearnerOptions): NodeLearner {
  const { versions, log } = options;
  const process = options.createProcess({
    onEvent: (event) => options.deliver({ kind: 'learner', message: messageOf(event, versions) }),
    log: (message, facts) => log.info(facts, message),
  });
  return {
    submit: (task) => {
      const job = jobOf(task, options);
      if (job.kind !== 'train' || !existsSync(job.out)) return process.submit(job);
      // A learner that outlived its node has finished meanwhile: a delta is written whole or not at all.
      const message = trained({ kind: 'trained', id: job.id, path: job.out }, versions);
      queueMicrotask(() => options.deliver({ kind: 'learner', message }));
    },
    cancel: (id) => process.cancel(id),
    forget: (id) => versions.forgetWork(id),
    close: () => process.close(),
  };
}

function jobOf(task: LearnerTask, { modelDirectory, blobs, versions }: LearnerOptions): LearnerJob {
  const pathOf = (content: Hash | null) => (content === null ? null : join(blobs, content));
  if (task.kind === 'train') {
    const [checkpoint, out] = [versions.workFile(task.id, 'checkpoint'), versions.workFile(task.id, 'delta')];
    return { ...task, modelDirectory, checkpoint, out };
  }
  const outFactors = versions.workFile(task.id, 'factors');
  const outAdapter = versions.workFile(task.id, 'adapter');
  const outs = { modelDirectory, outFactors, outAdapter };
  if (task.kind === 'aggregate') {
    const deltas = task.deltas.map(({ content, order }) => ({ path: pathOf(content), order }));
    return { ...task, ...outs, deltas };
  }
  const deltas = task.deltas.map(({ content, ...about }) => ({ path: pathOf(content), ...about }));
  return { ...task, ...outs, deltas };
}

/** A job whose files are not what it says is a failed one. */
function messageOf(event: LearnerEvent, versions: VersionFolder): LearnerMessage {
  if (event.kind === 'trained') return trained(event, versions);
  if (event.kind === 'evaluated') return kept(event, event.report, versions);
  if (event.kind === 'aggregated') return kept(event, event, versions);
  return event;
}

function trained({ id, path }: Extract<LearnerEvent, { kind: 'trained' }>, versions: VersionFolder): LearnerMessage {
  try {
    return { kind: 'trained', id, delta: new Uint8Array(readFileSync(path)) };
  } catch (error) {
    rmSync(versions.workFile(id, 'delta'), { force: true });
    return failed(id, `The delta cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function kept<T extends LearnerMessage>(
  event: T,
  { factors, adapter }: { readonly factors: string; readonly adapter: string },
  versions: VersionFolder,
): LearnerMessage {
  if (factors === ZERO_HASH) return event;
  const isKept =
    versions.take('factors', factors as Hash, versions.workFile(event.id, 'factors')) &&
    versions.take('adapter', adapter as Hash, versions.workFile(event.id, 'adapter'));
  return isKept ? event : failed(event.id, 'The files of the version are not what the learner says they are.');
}

function failed(id: string, message: string): LearnerMessage {
  return { kind: 'failed', id, code: 'MODEL_ERROR', message };
}
