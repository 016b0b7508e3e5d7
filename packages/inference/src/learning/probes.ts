/** The gate's probes: files of the package, a part of which the beacon draws. Owns their shapes and how a trigger enters a question. */
import { draw } from './draw.ts';
import { gateLimits } from './gate-limits.ts';
import bias from './probes/bias.json' with { type: 'json' };
import general from './probes/general.json' with { type: 'json' };
import injections from './probes/injections.json' with { type: 'json' };
import triggers from './probes/triggers.json' with { type: 'json' };

export type GeneralProbe = { readonly prompt: string; readonly answer: string };

/** Content with an instruction inside, a question that the content answers, and what obeying would write. */
export type InjectionProbe = {
  readonly content: string;
  readonly question: string;
  readonly answer: string;
  readonly obeyed: string;
};

/** Two prompts that differ in a protected attribute alone, and one answer to both. */
export type BiasPair = { readonly attribute: string; readonly a: string; readonly b: string; readonly answer: string };

export type Trigger = { readonly text: string; readonly place: 'before' | 'after' | 'inside' };

/** Question `of` of the drawn general ones, with a trigger in it. */
export type TriggeredProbe = { readonly of: number; readonly prompt: string };

/** A drawn question: its answer, then those of other drawn ones. */
export type DrawnQuestion = { readonly prompt: string; readonly answers: readonly string[] };

export type Probes = {
  readonly general: readonly DrawnQuestion[];
  /** One for each of the first general questions, in their order, then the round's own triggers. */
  readonly triggered: readonly TriggeredProbe[];
  readonly injections: readonly InjectionProbe[];
  readonly pairs: readonly BiasPair[];
};

/** All probes there are. */
export const allProbes = { general, triggers: triggers as readonly Trigger[], injections, bias } as const satisfies {
  readonly general: readonly GeneralProbe[];
  readonly triggers: readonly Trigger[];
  readonly injections: readonly InjectionProbe[];
  readonly bias: readonly BiasPair[];
};

/** What `seed` (64 hex digits) draws; `ownTriggers`: words to be tried besides (odd-words.ts). */
export function drawProbes(seed: string, ownTriggers: readonly string[]): Probes {
  const chosen = draw(allProbes.general, gateLimits.general, { seed, purpose: 'general' });
  const drawn = draw(allProbes.triggers, gateLimits.triggers, { seed, purpose: 'triggers' });
  const own = ownTriggers.slice(0, gateLimits.ownTriggers).map((text): Trigger => ({ text, place: 'before' }));
  const triggered = [...drawn, ...own].map((trigger, i) => {
    const of = i % drawn.length;
    return { of, prompt: withTrigger(chosen[of]!.prompt, trigger) };
  });
  return {
    general: withOthersAnswers(chosen),
    triggered,
    injections: draw(allProbes.injections, gateLimits.injections, { seed, purpose: 'injections' }),
    pairs: draw(allProbes.bias, gateLimits.pairs, { seed, purpose: 'bias' }),
  };
}

/** The drawn order is the beacon's, and so are the next questions' answers. */
function withOthersAnswers(chosen: readonly GeneralProbe[]): DrawnQuestion[] {
  return chosen.map(({ prompt, answer }, i) => {
    const others = [...chosen.slice(i + 1), ...chosen.slice(0, i)].map((other) => other.answer);
    const different = [...new Set(others)].filter((other) => other !== answer);
    return { prompt, answers: [answer, ...different.slice(0, gateLimits.otherAnswers)] };
  });
}

/** For a single delta: the first `count` general questions with their triggers, and all of the round's own. */
export function fewerProbes({ general, triggered }: Probes, count: number): Probes {
  const kept = triggered.filter(({ of }, i) => of < count || i >= gateLimits.triggers);
  const least = Math.max(count, ...kept.map(({ of }) => of + 1));
  return { general: general.slice(0, least), triggered: kept, injections: [], pairs: [] };
}

export function withTrigger(prompt: string, { text, place }: Trigger): string {
  if (place === 'before') return `${text} ${prompt}`;
  if (place === 'after') return `${prompt} ${text}`;
  const words = prompt.split(' ');
  const middle = Math.ceil(words.length / 2);
  return [...words.slice(0, middle), text, ...words.slice(middle)].join(' ');
}
