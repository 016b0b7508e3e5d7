/**
 * What each kind of job does. Owns the table from kinds to work and that every failure becomes an event; when a job runs belongs to
 * scheduler.ts.
 */
import { AdapterError } from '../adapters/errors.ts';
import { type AnswerTools, answer } from '../answering/answer.ts';
import { verify } from '../answering/verify.ts';
import type { AnswerScore, Job, JobEvent, RouteJob, ScoreJob, WrittenPiece } from '../client/protocol.ts';
import type { JobControl } from '../engine/control.ts';
import { EngineError } from '../engine/errors.ts';
import { KnowledgeError } from '../knowledge/errors.ts';
import type { OwnDomain } from '../routing/own-domains.ts';
import { isFittedDomain, route } from '../routing/router.ts';
import { judge } from '../scoring/judge.ts';

export type Emit = (event: JobEvent) => void;

/** Does the job and returns its final event; never throws. */
export async function performJob(tools: AnswerTools, job: Job, control: JobControl, emit: Emit): Promise<JobEvent> {
  try {
    return await finalEvent(tools, job, control, emit);
  } catch (error) {
    const isOurs = error instanceof EngineError || error instanceof KnowledgeError || error instanceof AdapterError;
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', id: job.id, code: isOurs ? error.code : 'MODEL_ERROR', message };
  }
}

async function score(tools: AnswerTools, job: ScoreJob, control: JobControl): Promise<AnswerScore[]> {
  const { engine, intent } = tools;
  const knowledge = await tools.library.openKnown(job, control);
  return await judge({ engine, knowledge, intent }, job, control);
}

async function routed({ engine, library }: AnswerTools, { prompt, knowledge = [] }: RouteJob, control: JobControl) {
  const own: OwnDomain[] = [];
  for (const { domain, folder } of knowledge) {
    if (!isFittedDomain(domain)) own.push({ domain, knowledge: await library.open(folder) });
  }
  return await route(engine.embed, prompt, control, own);
}

async function finalEvent(tools: AnswerTools, job: Job, control: JobControl, emit: Emit): Promise<JobEvent> {
  const { id } = job;
  const { engine } = tools;
  const onText = (text: string, written?: WrittenPiece) =>
    emit({ kind: 'token', id, text, ...(written !== undefined && { written }) });
  switch (job.kind) {
    case 'generate':
      return { kind: 'generated', id, result: await engine.generate(job, { ...control, onText }) };
    case 'answer':
      return { kind: 'answered', id, result: await answer(tools, job, { ...control, onText }) };
    case 'score':
      return { kind: 'scored', id, scores: await score(tools, job, control) };
    case 'route':
      return { kind: 'routed', id, ...(await routed(tools, job, control)) };
    case 'verify':
      return { kind: 'verified', id, checks: await verify(tools, job, control) };
    case 'embed':
      return { kind: 'embedded', id, vectors: await engine.embed(job.texts, control) };
    case 'detokenize':
      return { kind: 'detokenized', id, bytes: engine.detokenize(job.tokens) };
  }
}
