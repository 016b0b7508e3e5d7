/** What somebody asks for beside the prompt: options with their checks, and the words for what is wrong with them. Pure. */
import { parseSyn } from '../../format/amounts.ts';

export type Options = {
  /** '' leaves it to the node's router. */
  readonly domain: string;
  /** SYN as typed; '' for no limit of one's own. */
  readonly maxCost: string;
  /** As typed; '' for the chain's default. */
  readonly respondents: string;
  readonly rounds: string;
  readonly isPrivate: boolean;
};

export const noOptions: Options = { domain: '', maxCost: '', respondents: '', rounds: '', isPrivate: false };

export type Bounds = { readonly promptBytesMax: number; readonly respondentsMax: number; readonly roundsMax: number };

export type Terms = {
  readonly domain?: string;
  readonly maxCost?: string;
  readonly respondents?: number;
  readonly rounds?: number;
};

/** Problems by field, in words; a prompt that is merely empty is none until it is sent. */
export type TermsProblems = { readonly [Field in 'prompt' | 'maxCost' | 'respondents' | 'rounds']?: string };

/** What is wrong with what was typed. */
export function termsProblems(prompt: string, options: Options, bounds: Bounds): TermsProblems {
  const bytes = new TextEncoder().encode(prompt).length;
  return {
    ...(bytes > bounds.promptBytesMax
      ? { prompt: `The question has ${bytes} bytes; at most ${bounds.promptBytesMax} fit. Shorten it.` }
      : {}),
    ...(options.maxCost !== '' && !((parseSyn(options.maxCost) ?? 0n) > 0n)
      ? { maxCost: 'An amount in SYN, such as 0.01' }
      : {}),
    ...countProblem('respondents', options.respondents, bounds.respondentsMax),
    ...countProblem('rounds', options.rounds, bounds.roundsMax),
  };
}

function countProblem(field: 'respondents' | 'rounds', text: string, max: number): TermsProblems {
  if (text === '' || (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= max)) return {};
  return { [field]: `A number from 1 to ${max}` };
}

/** The options as parameters; call it where `termsProblems` found none. */
export function termsOf(options: Options): Terms {
  const maxCost = options.maxCost === '' ? null : parseSyn(options.maxCost);
  return {
    ...(options.domain === '' ? {} : { domain: options.domain }),
    ...(maxCost === null ? {} : { maxCost: maxCost.toString() }),
    ...(options.respondents === '' ? {} : { respondents: Number(options.respondents) }),
    ...(options.rounds === '' ? {} : { rounds: Number(options.rounds) }),
  };
}
