/** What the doctor finds: one line a check, with why and what to type next. Owns the shape and how it is shown. */
import pc from 'picocolors';

/** `ok` ✔, `note` ! is worth knowing, `wrong` ✖ has to be looked after. */
export type Verdict = 'ok' | 'note' | 'wrong';

export type Finding = {
  readonly check: string;
  readonly verdict: Verdict;
  readonly what: string;
  /** A command or a sentence; null where nothing is to be done. */
  readonly next: string | null;
};

const SIGNS = { ok: pc.green('✔'), note: pc.yellow('!'), wrong: pc.red('✖') } as const;
const CHECK_WIDTH = 10;

export const ok = (check: string, what: string): Finding => ({ check, verdict: 'ok', what, next: null });
export const noteOf = (check: string, what: string, next: string): Finding => ({ check, verdict: 'note', what, next });
export const wrong = (check: string, what: string, next: string): Finding => ({ check, verdict: 'wrong', what, next });

export function findingLines(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ check, verdict, what, next }) => [
    `${SIGNS[verdict]} ${check.padEnd(CHECK_WIDTH)} ${what}`,
    ...(next === null ? [] : [`  ${' '.repeat(CHECK_WIDTH)} ${next}`]),
  ]);
}
