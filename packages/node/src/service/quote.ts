/**
 * Prices a query before it is opened and writes its contract (DESIGN §3.1, §3.2). Owns the defaults a requester gets who
 * names nothing; what is charged is decided by the chain at settlement, never above the contract's maximum.
 */
import {
  type Address,
  type Amount,
  addressFromBytes,
  type ExpertProfile,
  formatSyn,
  type Hash,
  type Height,
  meteredFee,
  PLAIN_TERMS,
  type PrivateTerms,
  priceOf,
  promptBytesOf,
  type QueryContract,
  quoteQuery,
  readLoad,
  readParams,
  type StateView,
  SynodError,
} from '@synod/chain';
import type { Effort } from '@synod/inference';
import { difficultyFor, effortOf } from '../host/effort.ts';
import { limits } from '../host/limits.ts';
import { nobody, unavailable } from './named-expert.ts';
import type { Routing } from './query-router.ts';

export type QuoteRequest = {
  readonly prompt: string;
  readonly domain?: string | undefined;
  /** Asks this expert alone (market §16); its domain is the query's. */
  readonly expert?: Address | undefined;
  readonly maxTokens?: number | undefined;
  readonly respondents?: number | undefined;
  readonly rounds?: number | undefined;
  /** Instead of what the difficulty says. */
  readonly effort?: Effort | undefined;
};

/** How much of the market the contract takes, and why (market §17). */
export type Configuration = {
  readonly effort: Effort;
  readonly respondents: number;
  readonly rounds: number;
  /** For people. */
  readonly reason: string;
};

export type Quote = {
  readonly domain: string;
  /** How the domain was found. */
  readonly routing: Routing;
  readonly estimate: Amount;
  readonly max: Amount;
  /** Likeliest first. */
  readonly experts: readonly { readonly expert: Address; readonly name: string; readonly model: string }[];
  /** Millionths by which the domain's load multiplies the experts' rates. */
  readonly loadFactor: number;
  readonly validUntil: Height;
  readonly configuration: Configuration;
  /** The contract it prices, but for what only its requester can name. */
  readonly draft: QueryContract;
};

export const queryDefaults = {
  respondents: 2,
  rounds: 1,
  threshold: 300_000,
  basePart: 200_000,
  scorerShare: 50_000,
  coordinatorShare: 50_000,
  answerWindow: 30,
  revealWindow: 12,
  scoreWindow: 16,
  scoreRevealWindow: 8,
} as const;

/** Bytes of a typical answer, quoted where the expert has knowledge and written where it has none; and of the longest one paid in full. */
const answerBytesTypical = 160;
const answerBytesLongest = 800;
const quoteValidHeights = 20;

/** In the place of a coordinator or requester that is not known yet: it masks nobody. */
const NOBODY: Address = addressFromBytes(new Uint8Array(20));

/** Price of a prompt, in nano, by the chain's own price function. Throws for a prompt the chain would refuse. */
export function createQuote(
  state: StateView,
  request: QuoteRequest,
  options: { readonly routing: Routing; readonly coordinator: Address | null; readonly height: Height },
): Quote {
  checkPrompt(state, request.prompt);
  const { routing } = options;
  const draft = draftContract(request, { routing, coordinator: options.coordinator ?? NOBODY });
  const { candidates, escrow } = quoteQuery(state, {
    requester: NOBODY,
    contract: draft,
    answerBytes: answerBytesLongest,
  });
  if (candidates.length === 0 && draft.expert !== null)
    throw unavailable(state, { requester: NOBODY, contract: draft }, draft.expert);
  if (candidates.length === 0) {
    throw nobody(state, { requester: NOBODY, contract: draft });
  }
  const loadFactor = readLoad(state, draft.domain).factor;
  const likeliest = candidates.slice(0, draft.respondents).map(({ expert }) => expert.profile);
  const typical = likeliest.reduce((sum, profile) => sum + typicalFee(profile, draft, loadFactor), 0n);
  return {
    domain: draft.domain,
    routing,
    estimate: typical < escrow ? typical : escrow,
    max: escrow,
    experts: candidates.map(({ expert: { address, profile } }) => ({
      expert: address,
      name: profile.name,
      model: profile.modelName,
    })),
    loadFactor,
    validUntil: options.height + quoteValidHeights,
    configuration: configurationOf(draft, { asked: request.effort, estimate: routing.difficultyPpm }),
    draft,
  };
}

function configurationOf(
  draft: QueryContract,
  { asked, estimate }: { readonly asked: Effort | undefined; readonly estimate: number },
): Configuration {
  const effort = effortOf(draft);
  const { respondents, rounds } = draft;
  return { effort, respondents, rounds, reason: asked === undefined ? reasonOf(effort, estimate) : 'as asked' };
}

function reasonOf(effort: Effort, estimate: number): string {
  const shown = (ppm: number) => (ppm / 1_000_000).toFixed(2);
  const [difficulty, bound] = [shown(estimate), shown(limits.fullEffortDifficulty)];
  return effort === 'quote'
    ? `difficulty ${difficulty} is below ${bound}: a passage is quoted as it is, and no model reads a refusal`
    : `difficulty ${difficulty} is ${bound} or more: a model may put words before a quote`;
}

/** What one expert would be due for a typical answer in every round, in nano. */
function typicalFee(profile: ExpertProfile, draft: QueryContract, loadFactor: number): Amount {
  const bytes = answerBytesTypical * draft.rounds;
  const isQuoted = profile.knowledgeSize > 0;
  const meter = {
    promptBytes: promptBytesOf(draft),
    rounds: draft.rounds,
    generatedBytes: isQuoted ? 0 : bytes,
    quotedBytes: isQuoted ? bytes : 0,
  };
  return priceOf(meteredFee(profile, meter), { loadFactor, difficulty: draft.difficulty });
}

function draftContract(
  { prompt, expert, respondents, rounds, effort }: QuoteRequest,
  { routing, coordinator }: { readonly routing: Routing; readonly coordinator: Address },
): QueryContract {
  return {
    ...PLAIN_TERMS,
    ...queryDefaults,
    prompt,
    domain: routing.domain,
    coordinator,
    difficulty: difficultyFor(effort, routing.difficultyPpm),
    expert: expert ?? null,
    respondents: respondents ?? (expert === undefined ? queryDefaults.respondents : 1),
    rounds: rounds ?? queryDefaults.rounds,
    maxFee: 0n,
  };
}

/** The contract a quote stands for, with the requester's own maximum where it is lower. */
export function createContract(options: {
  readonly quote: Quote;
  readonly maxCost: Amount | undefined;
  readonly threshold: number | undefined;
  /** Random, or a commitment (market §12). */
  readonly seal: Hash;
  /** What stands for the prompt of a private query; null for a public one. */
  readonly privacy: PrivateTerms | null;
}): QueryContract {
  const { quote, maxCost } = options;
  if (maxCost !== undefined && maxCost < quote.estimate) {
    throw new SynodError(
      'MAX_COST_TOO_LOW',
      `The price is above your limit: about ${formatSyn(quote.estimate)}, the limit is ${formatSyn(maxCost)}. Nothing was charged. Raise the limit, or shorten the prompt.`,
      { facts: { estimate: quote.estimate.toString(), maxCost: maxCost.toString() } },
    );
  }
  return {
    ...quote.draft,
    ...(options.privacy === null ? {} : { prompt: '', privacy: options.privacy }),
    seal: options.seal,
    maxFee: maxCost !== undefined && maxCost < quote.max ? maxCost : quote.max,
    threshold: options.threshold ?? queryDefaults.threshold,
  };
}

/** UTF-8 bytes of the prompt; throws PROMPT_EMPTY, PROMPT_NOT_TEXT or PROMPT_TOO_LONG. */
export function checkPrompt(state: StateView, prompt: string): number {
  if (!prompt.isWellFormed()) {
    throw new SynodError('PROMPT_NOT_TEXT', 'The prompt is not valid Unicode text. Send it as UTF-8.');
  }
  if (prompt.trim() === '') throw new SynodError('PROMPT_EMPTY', 'The prompt is empty. Ask something.');
  const bytes = new TextEncoder().encode(prompt).length;
  const { promptBytesMax } = readParams(state);
  if (bytes > promptBytesMax) {
    throw new SynodError(
      'PROMPT_TOO_LONG',
      `The prompt has ${bytes} bytes, this chain takes at most ${promptBytesMax}. Shorten it.`,
      { facts: { bytes, promptBytesMax } },
    );
  }
  return bytes;
}
