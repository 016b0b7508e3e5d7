/** Panels of ten for one question: ten honest experts of every skill, of whom some give way to malicious ones. Owns who sits where. */
import type { RecordedQuestion } from './recording.ts';
import { shuffled } from './shuffle.ts';

export const PANEL = [
  'good',
  'quoting',
  'lesser-85',
  'lesser-70',
  'lesser-70b',
  'lesser-55',
  'lesser-40',
  'generic',
  'generic-adapted',
  'stranger',
] as const;

export const MALICIOUS = [2, 4] as const;

/** `liars` differ, `colluders` say the same words, `worded colluders` the same value in their own words, `attackers` aim at the judge. */
export const KINDS = ['liars', 'colluders', 'worded colluders', 'attackers'] as const;
export type Kind = (typeof KINDS)[number];

const CAST: Readonly<Record<Kind, readonly string[]>> = {
  liars: ['liar', 'refuser', 'liar', 'stuffer'],
  colluders: ['colluder-plain', 'colluder-plain', 'colluder-plain', 'colluder-plain'],
  'worded colluders': ['colluder-plain', 'colluder-sure', 'colluder-chatty', 'colluder-short'],
  attackers: ['injector', 'stuffer', 'injector', 'stuffer'],
};

/** Whom the malicious replace, and where they sit, is drawn for each question. */
export function panelFor(
  question: RecordedQuestion,
  { kind, bad, seed }: { readonly kind: Kind; readonly bad: number; readonly seed: string },
): readonly string[] {
  const honest = shuffled(PANEL, `${seed} ${question.id} honest`).slice(bad);
  return shuffled([...CAST[kind].slice(0, bad), ...honest], `${seed} ${question.id} seats`);
}
