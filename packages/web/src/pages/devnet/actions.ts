/** What was done on the controls page, and how it went: one action at a time, the newest first. Owns the record and its bound. */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { type Problem, problemOf } from '../../api/problem.ts';

const limits = { entriesMax: 12 } as const;

export type Done = {
  readonly key: number;
  readonly atMs: number;
  /** "Mining 5 blocks". */
  readonly what: string;
  /** Null while it is under way. */
  readonly outcome:
    | { readonly kind: 'done'; readonly text: string }
    | { readonly kind: 'failed'; readonly problem: Problem }
    | null;
};

const entries = signal<readonly Done[]>([]);

export const record: ReadonlySignal<readonly Done[]> = computed(() => entries.value);
export const isActing: ReadonlySignal<boolean> = computed(() => entries.value.some(({ outcome }) => outcome === null));

let nextKey = 1;

/** Does something and records how it went. Never throws; true when it went well. */
export async function act(what: string, run: () => Promise<string>): Promise<boolean> {
  const key = nextKey++;
  entries.value = [{ key, atMs: Date.now(), what, outcome: null }, ...entries.value].slice(0, limits.entriesMax);
  const settle = (outcome: Done['outcome']) => {
    entries.value = entries.peek().map((entry) => (entry.key === key ? { ...entry, outcome } : entry));
  };
  try {
    settle({ kind: 'done', text: await run() });
    return true;
  } catch (error) {
    settle({ kind: 'failed', problem: problemOf(error) });
    return false;
  }
}
