/**
 * What each kind of job does. Owns the table from kinds to work and that every failure becomes an event; when a job runs belongs to
 * scheduler.ts.
 */
import { AdapterError } from '../adapters/errors.ts';
import { answer } from '../answering/answer.ts';
import type { Job, JobEvent } from '../client/protocol.ts';
import type { JobControl } from '../engine/control.ts';
import type { Engine } from '../engine/engine.ts';
import { EngineError } from '../engine/errors.ts';
import { KnowledgeError } from '../knowledge/errors.ts';
import type { Library } from '../knowledge/library.ts';
import { judge } from '../scoring/judge.ts';

export type Tools = { readonly engine: Engine; readonly library: Library };

export type Emit = (event: JobEvent) => void;

/** Does the job and returns its final event; never throws. */
export async function performJob(tools: Tools, job: Job, control: JobControl, emit: Emit): Promise<JobEvent> {
  try {
    return await finalEvent(tools, job, control, emit);
  } catch (error) {
    const isOurs = error instanceof EngineError || error instanceof KnowledgeError || error instanceof AdapterError;
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', id: job.id, code: isOurs ? error.code : 'MODEL_ERROR', message };
  }
}

async function finalEvent({ engine, library }: Tools, job: Job, control: JobControl, emit: Emit): Promise<JobEvent> {
  const { id } = job;
  const onText = (text: string) => emit({ kind: 'token', id, text });
  switch (job.kind) {
    case 'generate':
      return { kind: 'generated', id, result: await engine.generate(job, { ...control, onText }) };
    case 'answer':
      return { kind: 'answered', id, result: await answer({ engine, library }, job, { ...control, onText }) };
    case 'score':
      return { kind: 'scored', id, scores: await judge(engine, job, control) };
    case 'embed':
      return { kind: 'embedded', id, vectors: await engine.embed(job.texts, control) };
  }
}
