/**
 * What a job has told so far, over the lives of its worker. Owns that no text is told twice, and what a job ends with that is taken back
 * while a worker computes it.
 */
import type { Job, JobEvent, WrittenPiece } from './protocol.ts';

type Record = { readonly tokens: number[]; readonly logProbabilities: number[]; promptTokens: number | null };

export class Told {
  #text = '';
  /** Characters that the present worker has written, and what it recorded for them. */
  #rewritten = 0;
  #writing: Record = emptyRecord();
  /** What was recorded for the text by the worker that told its end. */
  #record: Record = this.#writing;

  /** Whether a worker that does the job again has still to tell what is known. */
  get isBehind(): boolean {
    return this.#rewritten < this.#text.length;
  }

  /** Takes a piece from the worker and returns what of it is new; null when it contradicts what was told. */
  hear(text: string, written: WrittenPiece | undefined): string | null {
    const known = this.#text.slice(this.#rewritten, this.#rewritten + text.length);
    if (!text.startsWith(known)) return null;
    this.#rewritten += text.length;
    this.#text += text.slice(known.length);
    if (written !== undefined) add(this.#writing, written);
    if (!this.isBehind) this.#record = this.#writing;
    return text.slice(known.length);
  }

  /** Another worker does the job from its beginning. */
  restart(): void {
    this.#rewritten = 0;
    this.#writing = emptyRecord();
  }

  /** The final event of a job that its caller takes back: what the model has been heard to write, else a failure. */
  cancelled({ kind, id }: Job): JobEvent {
    const { tokens, logProbabilities, promptTokens } = this.#record;
    if (promptTokens !== null && kind === 'generate') {
      const result = { text: this.#text, tokens, logProbabilities, promptTokens, finish: 'cancelled' } as const;
      return { kind: 'generated', id, result };
    }
    if (tokens.length > 0 && promptTokens !== null && kind === 'answer') {
      const segments = [{ kind: 'generated', text: this.#text, tokens, logProbabilities }] as const;
      const result = {
        segments,
        grounding: 'ungrounded',
        confidencePpm: 0,
        promptTokens,
        finish: 'cancelled',
      } as const;
      return { kind: 'answered', id, result };
    }
    return { kind: 'failed', id, code: 'CANCELLED', message: 'The job was cancelled by its caller.' };
  }
}

const emptyRecord = (): Record => ({ tokens: [], logProbabilities: [], promptTokens: null });

function add(record: Record, { tokens, logProbabilities, promptTokens }: WrittenPiece): void {
  record.tokens.push(...tokens);
  record.logProbabilities.push(...logProbabilities);
  record.promptTokens = promptTokens;
}
