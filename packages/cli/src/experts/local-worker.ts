/**
 * An inference worker for one command, without any node: `expert ask`, `build` and `eval`. Owns finding the model, starting
 * and ending the process, and turning a failed job into an error.
 */
import { SynodError } from '@synod/chain';
import { createWorkerClient, type Job, type JobEvent } from '@synod/inference';
import { resolveModel } from '@synod/inference/models';
import { type Environment, modelCacheDirectory } from '../settings/paths.ts';
import { note } from '../terminal/output.ts';

export type LocalWorker = {
  /** Does a job and returns its final event, never `failed`. `onText` hears of text that is final. Throws `SynodError`. */
  run(job: Job, onText?: (text: string) => void): Promise<Exclude<JobEvent, { kind: 'token' | 'failed' }>>;
};

export type LocalWorkerOptions = {
  readonly model: string;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Progress of a download is not shown. */
  readonly isQuiet: boolean;
};

type Waiting = { readonly resolve: (event: JobEvent) => void; readonly onText: (text: string) => void };

/** Starts a worker, lets `work` use it, and ends it. Throws `INTERRUPTED` when the signal aborts. */
export async function withWorker<T>(
  options: LocalWorkerOptions,
  work: (worker: LocalWorker) => Promise<T>,
): Promise<T> {
  const { model, environment, signal, isQuiet } = options;
  let last = '';
  const onProgress = ({ message }: { readonly message: string }) => {
    if (message !== last && !isQuiet) note(`  … ${message}`);
    last = message;
  };
  const { directory } = await resolveModel({ model, cacheDir: modelCacheDirectory(environment), onProgress, signal });
  const waiting = new Map<string, Waiting>();
  const client = createWorkerClient({
    modelDirectory: directory,
    onEvent: (event) => {
      if (event.kind === 'token') waiting.get(event.id)?.onText(event.text);
      else waiting.get(event.id)?.resolve(event);
    },
  });
  signal.addEventListener('abort', () => {
    for (const id of waiting.keys()) client.cancel(id);
  });
  try {
    return await work({ run: (job, onText = () => undefined) => run(job, { waiting, client, signal, onText }) });
  } finally {
    await client.close();
  }
}

async function run(
  job: Job,
  parts: {
    readonly waiting: Map<string, Waiting>;
    readonly client: { submit(job: Job): void };
    readonly signal: AbortSignal;
    readonly onText: (text: string) => void;
  },
): Promise<Exclude<JobEvent, { kind: 'token' | 'failed' }>> {
  const { waiting, client, signal, onText } = parts;
  if (signal.aborted) throw interrupted();
  const event = await new Promise<JobEvent>((resolve) => {
    waiting.set(job.id, { resolve, onText });
    client.submit(job);
  });
  waiting.delete(job.id);
  if (signal.aborted) throw interrupted();
  if (event.kind === 'failed') throw new SynodError(event.code, event.message);
  if (event.kind === 'token') throw new Error('a token ends no job');
  return event;
}

function interrupted(): SynodError {
  return new SynodError('INTERRUPTED', 'Interrupted. Run the same command again: it goes on where it stopped.');
}
