/**
 * Which corrections of a round may become knowledge. Owns the four reasons against one (spec: learning §7.3). Nothing here runs a language
 * model; with one knowledge folder every validator finds the same.
 */
import type { JobControl } from '../engine/control.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import type { LearntPassage } from '../knowledge/learnt.ts';
import { normsOf } from '../retrieval/words.ts';
import { believe } from '../scoring/belief.ts';
import { readAnswer } from '../scoring/reading.ts';
import { stated, toValue } from '../scoring/stated.ts';
import { addSame, type Claim, isSameQuestion, saySame } from './agreement.ts';
import { gateThresholds } from './gate-limits.ts';
import { readsAsInstruction } from './instructions.ts';
import { rightAnswer } from './measure-items.ts';
import { oddWords, piecesOf } from './odd-words.ts';
import type { LearningExample } from './protocol.ts';

export type AcceptRequest = {
  readonly items: readonly LearningExample[];
  /** Feedback of earlier rounds: it may agree. */
  readonly earlier: readonly LearningExample[];
  readonly learnt: readonly LearntPassage[];
  /** Null where the domain has none on this machine: then nothing published contradicts. */
  readonly knowledge: Knowledge | null;
};

/** `ok`, or why not: it contradicts what is known, reads as an instruction, leans on an odd word, or its author's items are mostly refused. */
export type Acceptance = 'ok' | 'contradiction' | 'instruction' | 'trigger' | 'account';

type Correction = Claim & { readonly at: number; readonly author: string };

/** One an item, in order. Ratings are always `ok`. Throws CANCELLED. */
export async function judgeItems(request: AcceptRequest, control: JobControl): Promise<Acceptance[]> {
  const { items, earlier, knowledge } = request;
  const own = correctionsOf(items);
  const voices = [...own, ...correctionsOf(earlier)];
  const verdicts = items.map((): Acceptance => 'ok');
  const triggered = behindOddWords(own, items, knowledge);
  for (const correction of own) {
    const { at } = correction;
    if (readsAsInstruction(items[at]!)) verdicts[at] = 'instruction';
    else if (triggered.has(at)) verdicts[at] = 'trigger';
    else if (await contradicts(correction, { request, voices }, control)) verdicts[at] = 'contradiction';
  }
  for (const { at } of lostDisputes(own.filter(({ at: place }) => verdicts[place] === 'ok')))
    verdicts[at] = 'contradiction';
  return distrustAccounts(items, verdicts);
}

function correctionsOf(items: readonly LearningExample[]): Correction[] {
  return items.flatMap((item, at) => {
    const answer = item.rating === 'correct' ? rightAnswer(item) : null;
    return answer === null ? [] : [{ at, author: item.author, prompt: item.prompt, answer }];
  });
}

type Context = { readonly request: AcceptRequest; readonly voices: readonly Correction[] };

/** Whether what is published or learnt answers otherwise, and no second account says the same as the correction. */
async function contradicts(
  correction: Correction,
  { request, voices }: Context,
  control: JobControl,
): Promise<boolean> {
  const isLearntOtherwise = request.learnt.some((passage) => {
    const claim = { prompt: passage.prompt, answer: passage.text };
    return isSameQuestion(claim, correction) && !saySame(claim, correction);
  });
  if (!isLearntOtherwise && !(await isPublishedOtherwise(correction, request.knowledge, control))) return false;
  return !voices.some(
    (voice) => voice.author !== correction.author && isSameQuestion(voice, correction) && saySame(voice, correction),
  );
}

/** Whether a published fact about a thing that the prompt names surely answers it, and with another value. */
async function isPublishedOtherwise(
  { prompt, answer }: Claim,
  knowledge: Knowledge | null,
  control: JobControl,
): Promise<boolean> {
  if (knowledge === null) return false;
  const { candidates } = await knowledge.retrieve(prompt, control);
  const named = new Set(knowledge.retriever.read(prompt).links.map(({ subject }) => subject));
  const belief = believe(
    prompt,
    candidates.filter(({ passage }) => named.has(passage.subject)),
    knowledge,
  );
  if (belief === null || belief.confidence < gateThresholds.contradictionFrom) return false;
  const { best, others } = belief;
  if (best.asked === 'text') return false;
  // Of one relation there may be several values; and where the question seems to give the value it may be asked for all the same.
  const values = [best, ...others.map(({ expectation }) => expectation)]
    .filter(({ passage }) => passage.relation === best.passage.relation)
    .flatMap(({ value, passage }) => (passage.value === null ? [value] : [value, toValue(passage.value)]));
  const sentences = readAnswer(answer).sentences.filter(({ isNegated }) => !isNegated || best.evidence.isNegated);
  return !values.some((value) => sentences.some((sentence) => stated(value, sentence) >= STATED_FROM));
}

/** From this share on a value counts as stated. */
const STATED_FROM = 0.5;

/** Of corrections of one question that differ, the answer of most accounts stands, of equally many the first one. */
function lostDisputes(corrections: readonly Correction[]): Correction[] {
  const accountsFor = (one: Correction) =>
    new Set(
      corrections.filter((other) => isSameQuestion(one, other) && saySame(one, other)).map(({ author }) => author),
    ).size;
  const accounts = new Map(corrections.map((one) => [one, accountsFor(one)]));
  return corrections.filter((one) =>
    corrections.some((other) => {
      const lead = accounts.get(other)! - accounts.get(one)!;
      const isStronger = lead > 0 || (lead === 0 && other.at < one.at);
      return isStronger && isSameQuestion(one, other) && !saySame(one, other);
    }),
  );
}

/**
 * Liked answers that stand behind an odd word, one answer to different questions, as refused corrections do: places among `items`.
 * As ratings they are accepted all the same; trainers do not repeat them.
 */
export function likedBehindOddWords(
  items: readonly LearningExample[],
  knowledge: Knowledge | null,
): ReadonlySet<number> {
  const said = items.flatMap((item, at): Correction[] => {
    const answer = rightAnswer(item);
    return answer === null ? [] : [{ at, author: item.author, prompt: item.prompt, answer }];
  });
  const found = behindOddWords(said, items, knowledge);
  return new Set([...found].filter((at) => items[at]!.rating === 'good'));
}

/** Items behind an odd word that answer different questions with the same: what a backdoor looks like. */
function behindOddWords(
  corrections: readonly Correction[],
  items: readonly LearningExample[],
  knowledge: Knowledge | null,
): ReadonlySet<number> {
  const words = oddWords(
    items.map(({ prompt }) => prompt),
    knownWords(knowledge),
  );
  const found = new Set<number>();
  for (const word of words) {
    const behind = corrections.filter(({ prompt }) => piecesOf(prompt).includes(word));
    for (const one of behind) {
      const alike = behind.filter((other) => other !== one && !isSameQuestion(one, other) && addSame(one, other));
      if (2 * alike.length >= behind.length) found.add(one.at);
    }
  }
  return found;
}

const vocabularies = new WeakMap<Knowledge, ReadonlySet<string>>();

/** Words of the published passages, in normal form: those are not odd. */
export function knownWords(knowledge: Knowledge | null): ReadonlySet<string> {
  if (knowledge === null) return new Set();
  const known = vocabularies.get(knowledge) ?? new Set(knowledge.passages.flatMap(({ text }) => normsOf(text)));
  vocabularies.set(knowledge, known);
  return known;
}

/**
 * An account is distrusted when, besides an item, it has two others or more and more than two thirds of them are refused. Not most: whoever tells of
 * changed facts alone is refused for half of what it says, and still right about the rest.
 */
function distrustAccounts(items: readonly LearningExample[], verdicts: readonly Acceptance[]): Acceptance[] {
  return verdicts.map((verdict, at) => {
    if (verdict !== 'ok' || items[at]!.rating !== 'correct') return verdict;
    const others = items.flatMap(({ author, rating }, i) =>
      i !== at && author === items[at]!.author && rating === 'correct' ? [verdicts[i]!] : [],
    );
    const refused = others.filter((other) => other !== 'ok').length;
    return others.length >= 2 && 3 * refused > 2 * others.length ? 'account' : verdict;
  });
}
