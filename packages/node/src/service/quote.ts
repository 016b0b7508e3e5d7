/**
 * Prices a query before it is opened and writes its contract (DESIGN §3.1, §3.2). Owns the defaults a requester gets who
 * names nothing; what is charged is decided by the chain at settlement, never above the contract's maximum.
 */
import {
  type Address,
  type Amount,
  type Expert,
  formatSyn,
  type Hash,
  type Height,
  listExperts,
  PLAIN_TERMS,
  type PrivateTerms,
  type QueryContract,
  readExpert,
  readParams,
  type StateView,
  SynodError,
} from '@synod/chain';
import type { Routing } from './query-router.ts';

export type QuoteRequest = {
  readonly prompt: string;
  readonly domain?: string | undefined;
  readonly maxTokens?: number | undefined;
};

export type Quote = {
  readonly domain: string;
  /** How the domain was found. */
  readonly routing: Routing;
  readonly estimate: Amount;
  readonly max: Amount;
  readonly experts: readonly { readonly expert: Address; readonly name: string; readonly model: string }[];
  readonly validUntil: Height;
};

export const queryDefaults = {
  respondents: 2,
  threshold: 300_000,
  basePart: 200_000,
  answerWindow: 30,
  revealWindow: 12,
  scoreWindow: 16,
  scoreRevealWindow: 8,
} as const;

/** Bytes of a typical answer, and of the longest one paid in full. */
const answerBytesTypical = 160;
const answerBytesLongest = 800;
const quoteValidHeights = 20;

/** Experts that could be selected: of the domain, not of the coordinator's or the payer's operator. */
export function eligibleExperts(
  state: StateView,
  options: { readonly domain: string; readonly coordinator: Address | null; readonly payer: Address | null },
): readonly Expert[] {
  return listExperts(state, options.domain)
    .flatMap((address) => readExpert(state, address) ?? [])
    .filter(({ address, profile }) => {
      const masked = [options.coordinator, options.payer];
      return !masked.includes(profile.operator) && address !== options.payer;
    });
}

/** Price of a prompt for the default number of respondents, in nano. Throws for a prompt the chain would refuse. */
export function createQuote(
  state: StateView,
  prompt: string,
  options: { readonly routing: Routing; readonly coordinator: Address | null; readonly height: Height },
): Quote {
  const promptBytes = checkPrompt(state, prompt);
  const { routing } = options;
  const { domain } = routing;
  const experts = eligibleExperts(state, { domain, coordinator: options.coordinator, payer: null });
  if (experts.length === 0) {
    throw new SynodError('NO_EXPERT', `No expert offers the domain "${domain}". List domains with: synod expert list`, {
      facts: { domain },
    });
  }
  const price = (answerBytes: number) => {
    const each = experts.map(
      ({ profile }) => profile.priceInPerByte * BigInt(promptBytes) + profile.priceOutPerByte * BigInt(answerBytes),
    );
    const dearest = each.reduce((most, amount) => (amount > most ? amount : most), 0n);
    return dearest * BigInt(queryDefaults.respondents);
  };
  return {
    domain,
    routing,
    estimate: price(answerBytesTypical),
    max: price(answerBytesLongest),
    experts: experts.map(({ address, profile }) => ({ expert: address, name: profile.name, model: profile.modelName })),
    validUntil: options.height + quoteValidHeights,
  };
}

/** The contract a quote stands for, with the requester's own maximum where it is lower. */
export function createContract(options: {
  readonly quote: Quote;
  readonly prompt: string;
  readonly coordinator: Address;
  readonly maxCost: Amount | undefined;
  readonly respondents: number | undefined;
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
    prompt: options.privacy === null ? options.prompt : '',
    domain: quote.domain,
    coordinator: options.coordinator,
    respondents: options.respondents ?? queryDefaults.respondents,
    ...PLAIN_TERMS,
    privacy: options.privacy,
    seal: options.seal,
    maxFee: maxCost !== undefined && maxCost < quote.max ? maxCost : quote.max,
    threshold: options.threshold ?? queryDefaults.threshold,
    basePart: queryDefaults.basePart,
    answerWindow: queryDefaults.answerWindow,
    revealWindow: queryDefaults.revealWindow,
    scoreWindow: queryDefaults.scoreWindow,
    scoreRevealWindow: queryDefaults.scoreRevealWindow,
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
