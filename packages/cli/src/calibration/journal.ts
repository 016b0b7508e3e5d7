/**
 * What a calibrator must not forget: salts and gold of sealed questions, written before they are sent (spec: market §12). A seal
 * whose salt is lost can never be opened. Owns the file; one process at a time writes it.
 */
import { join } from 'node:path';
import { type Address, SynodError } from '@synod/chain';
import { readJson, writeJsonAtomic } from '../files/write-file.ts';

/** One sealed question. */
export type SealedQuestion = {
  readonly queryId: string;
  readonly question: string;
  readonly gold: readonly string[];
  /** 32 bytes in hexadecimal digits. */
  readonly salt: string;
  /** The signed transaction in hexadecimal digits, to be sent again after a crash. */
  readonly raw: string;
  readonly validUntil: number;
  /** `lost`: it never came into a block. `refused`: the chain did not take the gold; `code` says why. `opened` with code `GOLD_VOID`: it judged nobody. */
  readonly phase: 'sealed' | 'opened' | 'refused' | 'lost';
  readonly code: string | null;
};

/** Finished entries beyond this are dropped, the oldest first. */
const ENTRIES_MAX = 10_000;
const NAME_DIGITS = 12;

export class Journal {
  readonly file: string;
  #entries: readonly SealedQuestion[];

  /** Of one operator on one chain, in the folder. Throws `FILE_DAMAGED`. */
  constructor(folder: string, { genesisHash, operator }: { readonly genesisHash: string; readonly operator: Address }) {
    const chain = genesisHash.replace(/^0x/, '').slice(0, NAME_DIGITS);
    this.file = join(folder, `calibrations-${chain}-${operator.slice(-NAME_DIGITS)}.json`);
    const next = 'It holds the salts of sealed questions: restore it from a copy, or move it away to begin anew.';
    const value = readJson(this.file, next);
    const entries = value === null ? [] : (value as { entries?: unknown }).entries;
    if (!Array.isArray(entries) || !entries.every(isSealedQuestion))
      throw new SynodError('FILE_DAMAGED', `${this.file} is no journal of calibrations. ${next}`, {
        facts: { file: this.file },
      });
    this.#entries = entries;
  }

  get entries(): readonly SealedQuestion[] {
    return this.#entries;
  }

  /** Questions whose gold is still secret. */
  get sealed(): readonly SealedQuestion[] {
    return this.#entries.filter(({ phase }) => phase === 'sealed');
  }

  /** Durable when it returns. */
  add(entry: SealedQuestion): void {
    const room = ENTRIES_MAX - this.sealed.length - 1;
    const finished = this.#entries.filter(({ phase }) => phase !== 'sealed').slice(-room);
    this.#write([...finished, ...this.sealed, entry]);
  }

  /** Durable when it returns. */
  finish(queryId: string, phase: 'opened' | 'refused' | 'lost', code: string | null = null): void {
    this.#write(this.#entries.map((entry) => (entry.queryId === queryId ? { ...entry, phase, code } : entry)));
  }

  #write(entries: readonly SealedQuestion[]): void {
    writeJsonAtomic(this.file, { entries }, 'secret');
    this.#entries = entries;
  }
}

function isSealedQuestion(value: unknown): value is SealedQuestion {
  const { queryId, question, gold, salt, raw, validUntil, phase } = (value ?? {}) as Record<string, unknown>;
  const areTexts = [queryId, question, salt, raw, phase].every((text) => typeof text === 'string');
  return areTexts && typeof validUntil === 'number' && Array.isArray(gold);
}
