/**
 * Experts of a devnet's node that misbehave because somebody asked for it: one lies, one is slow, one says nothing. Owns what becomes of
 * an answer's job; which expert suffers what is the fault injector's. Everything after the job is the node's own way: what a liar says
 * is committed, revealed, judged and verified like any answer.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, sha256 } from '@synod/chain';
import type { AnswerJob, JobEvent } from '@synod/inference';
import { expertOfAnswerJob } from '../host/answer-desk.ts';

/** `lie`: it answers another question. `slow`: it begins `delayMs` late. `drop`: it never answers. */
export type ExpertFault = { readonly kind: 'lie' | 'slow' | 'drop'; readonly delayMs: number };

export type ExpertFaults = ReadonlyMap<Address, ExpertFault>;

/** What an expert without knowledge is asked in the place of its question: nothing that it says then answers that. */
const OTHER_QUESTION = 'Name three kinds of fruit that monkeys eat.';

export class FaultyExperts {
  readonly #faults: () => ExpertFaults;
  readonly #delayed = new Map<string, NodeJS.Timeout>();

  constructor(faults: () => ExpertFaults) {
    this.#faults = faults;
  }

  /** Takes the job's place where its expert is at fault; false: the job goes its way. */
  take(job: AnswerJob, way: { submit(job: AnswerJob): void; answer(event: JobEvent): void }): boolean {
    const expert = expertOfAnswerJob(job.id);
    const fault = expert === null ? undefined : this.#faults().get(expert);
    if (fault === undefined) return false;
    if (fault.kind === 'slow') this.#later(job, fault.delayMs, way.submit);
    else if (fault.kind === 'drop') queueMicrotask(() => way.answer(failed(job, 'it was told to say nothing')));
    else void this.#lie(job, way);
    return true;
  }

  /** True when the job still waited: it is then forgotten. */
  cancel(id: string): boolean {
    clearTimeout(this.#delayed.get(id));
    return this.#delayed.delete(id);
  }

  close(): void {
    for (const id of [...this.#delayed.keys()]) this.cancel(id);
  }

  #later(job: AnswerJob, delayMs: number, submit: (job: AnswerJob) => void): void {
    const act = () => {
      this.#delayed.delete(job.id);
      submit(job);
    };
    this.#delayed.set(job.id, setTimeout(act, delayMs));
  }

  /** With knowledge: a passage of its own that has nothing to do with the question, quoted and proved as any. */
  async #lie(job: AnswerJob, { submit, answer }: Parameters<FaultyExperts['take']>[1]): Promise<void> {
    const { knowledge } = job.expert;
    if (knowledge === null) return submit({ ...job, messages: [{ role: 'user', content: OTHER_QUESTION }] });
    try {
      const segment = await anyPassage(knowledge, job.id);
      const result = { segments: [segment], grounding: 'quote', confidencePpm: 990_000 } as const;
      answer({ kind: 'answered', id: job.id, result: { ...result, promptTokens: 1, finish: 'stop' } });
    } catch (error) {
      answer(failed(job, error instanceof Error ? error.message : String(error)));
    }
  }
}

/** One that follows from the job's id alone. */
async function anyPassage(folder: string, id: string) {
  const lines = (await readFile(join(folder, 'passages.jsonl'), 'utf8')).split('\n').filter((line) => line !== '');
  const digest = sha256(new TextEncoder().encode(id));
  const index = new DataView(digest.buffer, digest.byteOffset).getUint32(0) % lines.length;
  const { text, source } = JSON.parse(lines[index]!) as { readonly text: string; readonly source: string };
  return { kind: 'quote', text, source, index } as const;
}

function failed({ id }: AnswerJob, why: string): JobEvent {
  return { kind: 'failed', id, code: 'EXPERT_FAULT', message: `The expert is at fault on purpose: ${why}.` };
}
