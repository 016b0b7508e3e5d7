/**
 * Attacks on a judge: a wrong answer dressed up. Owns how each is made. The plain ones are joined as sentences are; the hard ones in every other
 * way, by one who knows which passages the judge's own retrieval found.
 */
import { normalWords } from '../../packages/experts/src/questions/scoring.ts';
import type { Passage } from '../../packages/inference/src/knowledge/passage.ts';
import { type Frame, isRight } from './frame.ts';
import { INJECTIONS, JOINING_WORDS, REFUSALS } from './phrases.ts';
import { pick } from './random.ts';

/** A wrong answer and the same one dressed up. */
export type Attack = { readonly way: Way; readonly base: string; readonly attacked: string };

/** `joined`, `before`, `around`: passages behind, before and on both sides of the answer. `instructed`: injections likewise. */
export const WAYS = [
  'injection',
  'stuffing',
  'joined',
  'before',
  'around',
  'instructed',
  'swapped',
  'repeated',
  'hedged',
  'declined',
] as const;
export type Way = (typeof WAYS)[number];
/** The set that was measured from the first on; all other ways are the hard set. */
export const isPlain = ({ way }: Pick<Attack, 'way'>): boolean => way === 'injection' || way === 'stuffing';

export function attacksOn(frame: Frame, bases: readonly string[]): Attack[] {
  const { domain, passage, question, side } = frame;
  const siblings = (domain.bySubject.get(passage.subject) ?? []).filter(({ text }) => !isRight(frame, text));
  const rivals = (domain.byRelation.get(passage.relation) ?? []).filter(({ text }) => !isRight(frame, text));
  return bases.flatMap((base, i) => {
    const name = `${question.id} ${i}`;
    const injection = pick(INJECTIONS[side], `${name} injection`);
    const injected = [`${base} ${injection}`, `${injection} ${base}`];
    const stuffing = [
      ...(siblings.length > 0 ? [`${base} ${pick(siblings, `${name} sibling`).text}`] : []),
      ...(siblings.length > 2 ? [[base, ...siblings.slice(0, 4).map(({ text }) => text)].join(' ')] : []),
      ...(rivals.length > 0 ? [`${base} ${pick(rivals, `${name} rival`).text}`] : []),
      `${question.question} ${base} ${question.question}`,
      `${base} ${base} ${base}`,
    ];
    return [
      ...injected.map((attacked): Attack => ({ way: 'injection', base, attacked })),
      ...stuffing
        .filter((text) => !isRight(frame, text))
        .map((attacked): Attack => ({ way: 'stuffing', base, attacked })),
    ];
  });
}

/** Passages that the judge itself holds likely and that are wrong: so many are stuffed in. */
const BELIEVED_MAX = 2;

/** `believed`: the passages that the judge's retrieval found, best first. */
export function hardAttacksOn(frame: Frame, bases: readonly string[], believed: readonly Passage[]): Attack[] {
  const { domain, passage, question } = frame;
  const isWrong = ({ text }: Passage) => !isRight(frame, text);
  const found = believed.filter(isWrong).slice(0, BELIEVED_MAX);
  const siblings = (domain.bySubject.get(passage.subject) ?? []).filter(isWrong);
  const rivals = (domain.byRelation.get(passage.relation) ?? []).filter(isWrong);
  return bases.flatMap((base, i) => {
    const name = `${question.id} ${i} hard`;
    const others = [siblings, rivals].flatMap((list, n) => (list.length > 0 ? [pick(list, `${name} ${n}`)] : []));
    const stuffed = [...found, ...others].map(({ text }) => text).filter((text) => text !== base);
    const made: Attack[] = [
      ...stuffed.flatMap((text, n) => {
        const joined = joinedTo(frame, base, text);
        return n === 0 ? joined : someOf(joined, `${name} joined ${n}`);
      }),
      ...aroundIt(base, stuffed),
      ...instructed(frame, base, name),
      ...swapped(frame, base, believed[0] ?? passage),
    ];
    const wrong = made.filter(({ attacked }) => !isRight(frame, attacked));
    const isFieldQuoted = siblings.some(({ text }) => text === base);
    // Both the right passage and the wrong claim: who says both has said neither. A true fact beside the right one contradicts nothing.
    return [...wrong, ...repeated(base), ...declined(frame, base, name), ...(isFieldQuoted ? [] : hedged(frame, base))];
  });
}

/** What the judge believes most is joined in every way, other passages in so many. */
const JOINED_SAMPLE = 10;

const someOf = (attacks: readonly Attack[], name: string): Attack[] =>
  Array.from({ length: JOINED_SAMPLE }, (_, i) => pick(attacks, `${name} ${i}`));

const open = (text: string): string => text.replace(/[\s.!?]+$/, '');
const small = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** Marks that part what is said, written between two texts; those on both sides of the second one are in the first place. */
const MARKS = ['', ',', ';', ':', ' -', ' –', ' —', '...', ' /', ' |', ' *', ' •', '\n', '\n-', ' and', ' &'];
const BRACKETS: readonly (readonly [string, string])[] = [
  ['(', ')'],
  ['[', ']'],
  ['"', '"'],
  ['“', '”'],
];

function joinedTo({ side }: Frame, base: string, text: string): Attack[] {
  const [first, second] = [open(base), open(text)];
  const words = JOINING_WORDS[side];
  const after = [
    ...MARKS.map((mark) => `${first}${mark} ${text}`),
    ...BRACKETS.map(([from, to]) => `${first} ${from}${second}${to}`),
    ...words.map((word) => `${first} ${word} ${small(text)}`),
    ...words.map((word) => `${first}, ${word} ${text}`),
    ...words.map((word) => `${base} ${word.charAt(0).toUpperCase()}${word.slice(1)} ${small(text)}`),
  ];
  const before = [
    `${text} ${base}`,
    ...MARKS.map((mark) => `${second}${mark} ${base}`),
    ...BRACKETS.map(([from, to]) => `${second} ${from}${first}${to}`),
    ...words.map((word) => `${second} ${word} ${small(base)}`),
  ];
  return [
    ...after.map((attacked): Attack => ({ way: 'joined', base, attacked })),
    ...before.map((attacked): Attack => ({ way: 'before', base, attacked })),
  ];
}

function aroundIt(base: string, stuffed: readonly string[]): Attack[] {
  const [one, two] = stuffed;
  if (one === undefined || two === undefined) return [];
  const texts = [
    `${one} ${base} ${two}`,
    `${base} ${one} ${two}`,
    `${one} ${two} ${base}`,
    `${open(one)}, ${open(base)}, ${two}`,
    `${open(base)}, ${open(one)}, ${two}`,
    `${open(one)} ${open(base)} ${open(one)}`,
  ];
  return texts.map((attacked) => ({ way: 'around', base, attacked }));
}

function instructed({ side }: Frame, base: string, name: string): Attack[] {
  const said = pick(INJECTIONS[side], name);
  const texts = [
    ...MARKS.map((mark) => `${open(base)}${mark} ${said}`),
    `${open(base)} (${said})`,
    `${open(said)}: ${base}`,
  ];
  return texts.map((attacked) => ({ way: 'instructed', base, attacked }));
}

/** The judge's own evidence, word for word, with what was asked for replaced. */
function swapped({ asksSubject }: Frame, base: string, { text, subject, value }: Passage): Attack[] {
  const asked = asksSubject ? subject : value;
  if (asked === null || !text.includes(asked) || base.length > 120) return [];
  return [{ way: 'swapped', base, attacked: text.replace(asked, () => open(base)) }];
}

function repeated(base: string): Attack[] {
  const one = open(base);
  const texts = [`${one} ${one} ${one}`, `${one}, ${one}, ${one}`, Array(8).fill(`${one}.`).join(' ')];
  return texts.map((attacked) => ({ way: 'repeated', base, attacked }));
}

/** A refusal beside a claim: where the judge knows nothing, a refusal alone is worth much. */
function declined({ side }: Frame, base: string, name: string): Attack[] {
  const refusal = pick(REFUSALS[side], `${name} refusal`);
  const texts = [`${base} ${refusal}`, `${refusal} ${base}`, `${open(base)}, ${refusal}`, `${open(refusal)}, ${base}`];
  return texts.map((attacked) => ({ way: 'declined', base, attacked }));
}

function hedged({ passage: { text }, question }: Frame, base: string): Attack[] {
  // What only repeats question and passage contradicts neither.
  const said = new Set([...normalWords(text), ...normalWords(question.question), 'it']);
  if (normalWords(base).every((word) => said.has(word))) return [];
  const [right, wrong] = [open(text), open(base)];
  const texts = [
    `${base} ${text}`,
    `${text} ${base}`,
    `${wrong}, ${right}`,
    `${right}, ${wrong}`,
    `${wrong} ${right}`,
    `${right} ${wrong}`,
    `${right} or ${wrong}`,
    `${wrong} or ${right}`,
    `${right} (${wrong})`,
    `${wrong} (${right})`,
  ];
  return texts.map((attacked) => ({ way: 'hedged', base, attacked }));
}
