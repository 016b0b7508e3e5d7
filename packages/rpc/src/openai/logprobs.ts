/**
 * `logprobs` of chat completions (spec: openai §3.6): what the chain recorded of the tokens that a model wrote. Owns whether it can be
 * told, which choice has it, and why one has not; which token stands where is token-list.ts.
 */
import { type GeneratedSegment, type Hash, SynodError } from '@synod/chain';
import type { NodeApi, QueryRequest, TokenizerStanding } from '../node-api.ts';
import type { RankedAnswer } from './answer.ts';
import type { ChatRequest } from './chat-request.ts';
import { cutText } from './text-cut.ts';
import { type TokenJson, tokenList } from './token-list.ts';

/** As stock clients take it. */
export type Logprobs = { readonly content: readonly TokenJson[]; readonly refusal: null };

/**
 * Why a choice has its `logprobs`, or null. `recorded`: it has. `quoted`: no model wrote any of it. `object`: it is no text. `provisional`:
 * another answer won. `unfinal`: nothing is recorded yet. `unknown_model`, `other_model`: this node's worker has not the tokenizer, as far
 * as the node knows. `misaligned`: the tokens do not make the text. `busy`, `unavailable`: the worker has no time, or cannot.
 */
export type LogprobsState =
  | 'recorded'
  | 'quoted'
  | 'object'
  | 'provisional'
  | 'unfinal'
  | 'unknown_model'
  | 'other_model'
  | 'misaligned'
  | 'busy'
  | 'unavailable';

export type ToldLogprobs = {
  /** One a choice, in order. */
  readonly choices: readonly (Logprobs | null)[];
  /** What it adds to the receipt: nothing where nobody asked. */
  readonly receipt: { readonly logprobs?: readonly LogprobsState[] };
};

/** Each is a file that is read; of more it is found out after the answer. */
const MODELS_LOOKED_AT_MAX = 64;

type Told = readonly [LogprobsState, Logprobs | null];

/**
 * Refuses a request whose log-probabilities this node cannot tell whoever answers, before anything is charged. Throws
 * `LOGPROBS_UNAVAILABLE` or `LOGPROBS_BUSY`.
 */
export function requireTokenizer({ logprobs, format, query }: ChatRequest, api: NodeApi): void {
  if (!logprobs || format.kind !== 'text') return;
  const models = modelsAsked(query, api);
  if (models.length === 0 || models.length > MODELS_LOOKED_AT_MAX) return;
  const standings = new Set<TokenizerStanding>();
  for (const modelId of models) {
    const standing = api.tokenizerStanding(modelId);
    if (standing === 'ready' || standing === 'unknownModel') return;
    standings.add(standing);
  }
  const isLater = standings.has('notYet');
  throw new SynodError(
    isLater ? 'LOGPROBS_BUSY' : 'LOGPROBS_UNAVAILABLE',
    `Tokens are told by a worker that runs the answering model, and this node's ${whyNot(standings)}. ${isLater ? 'Ask again in a moment' : 'Leave "logprobs" out, or ask a node that runs it'}. Nothing was charged.`,
    { facts: { param: 'logprobs' } },
  );
}

function modelsAsked({ expert, domain }: QueryRequest, api: NodeApi) {
  const asked = api.experts(domain ?? null).filter(({ address }) => expert === undefined || address === expert);
  return [...new Set(asked.map(({ profile }) => profile.modelId))];
}

function whyNot(standings: ReadonlySet<TokenizerStanding>): string {
  if (standings.has('notYet')) return 'is starting';
  return standings.has('otherModel') ? 'runs another' : 'has none';
}

/** The log-probabilities of each choice; null in the place of an answer for a text that did not win. Never throws for what the worker cannot do. */
export async function tellLogprobs(
  api: NodeApi,
  chat: ChatRequest,
  answers: readonly (RankedAnswer | null | undefined)[],
): Promise<ToldLogprobs> {
  if (!chat.logprobs) return { choices: answers.map(() => null), receipt: {} };
  const told = await Promise.all(answers.map((answer) => tellOne(api, chat, answer ?? null)));
  return { choices: told.map(([, logprobs]) => logprobs), receipt: { logprobs: told.map(([state]) => state) } };
}

async function tellOne(api: NodeApi, { cut, format }: ChatRequest, answer: RankedAnswer | null): Promise<Told> {
  if (format.kind !== 'text') return ['object', null];
  if (answer === null) return ['provisional', null];
  if (answer.segments === null || answer.modelId === null) return ['unfinal', null];
  const written = answer.segments.filter((segment) => segment.kind === 'generated');
  if (written.length === 0) return ['quoted', null];
  const read = await bytesOf(api, answer.modelId, written);
  if (typeof read === 'string') return [read, null];
  const { text } = cutText(answer.answer, cut);
  const shownBytes = text === answer.answer ? Number.POSITIVE_INFINITY : Buffer.byteLength(text, 'utf8');
  const content = tokenList(answer.segments, { bytes: read, shownBytes });
  return content === null ? ['misaligned', null] : ['recorded', { content, refusal: null }];
}

/** The bytes of all their tokens, in order, or why there are none. */
async function bytesOf(
  api: NodeApi,
  modelId: Hash,
  written: readonly GeneratedSegment[],
): Promise<readonly Uint8Array[] | LogprobsState> {
  try {
    return await api.tokenBytes(
      modelId,
      written.flatMap(({ tokens }) => tokens),
    );
  } catch (error) {
    if (!(error instanceof SynodError)) throw error;
    if (error.code === 'TOKENS_BUSY') return 'busy';
    if (error.code !== 'TOKENS_UNAVAILABLE') throw error;
    return reasons[error.facts['standing'] as TokenizerStanding] ?? 'unavailable';
  }
}

const reasons: Partial<Record<TokenizerStanding, LogprobsState>> = {
  unknownModel: 'unknown_model',
  otherModel: 'other_model',
};
