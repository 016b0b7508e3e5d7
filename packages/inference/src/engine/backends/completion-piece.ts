/**
 * Reads what an OpenAI-compatible server sends: one piece of a streamed answer, or a whole one. Owns that a stranger's JSON leaves here
 * as text, whole numbers and nothing else; what becomes of them is http-engine.ts.
 */
import { toMilliNats } from '../sampling.ts';

export type CompletionPiece = {
  /** May end in the middle of a character, as JSON cuts text between surrogates. */
  readonly text: string;
  /** Of each token that the server tells one for, in milli-nats. */
  readonly logProbabilities: readonly number[];
  /** What each of these tokens says, where that is told and adds up to the text; else null. */
  readonly tokenTexts: readonly string[] | null;
  readonly finish: 'stop' | 'length' | undefined;
  readonly promptTokens: number | undefined;
  /** True where the piece is about an answer at all, and not about usage or nothing. */
  readonly isAnswer: boolean;
};

/** What a server sent in place of an answer: an error of its own, or something that is none. */
export class PieceProblem extends Error {
  readonly kind: 'refused' | 'unreadable';

  constructor(kind: 'refused' | 'unreadable', message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

const PROMPT_TOKENS_MAX = 2 ** 32 - 1;

/** Throws PieceProblem. */
export function readPiece(data: string): CompletionPiece {
  const { error, choices, usage } = recordOf(parsed(data), 'what it sends is no completion');
  if (error !== undefined && error !== null) throw new PieceProblem('refused', reasonIn(error));
  const promptTokens = promptTokensIn(usage);
  if (choices !== undefined && choices !== null && !Array.isArray(choices)) throw unreadable('its choices are no list');
  if (!Array.isArray(choices) || choices.length === 0) {
    return { text: '', logProbabilities: [], tokenTexts: null, finish: undefined, promptTokens, isAnswer: false };
  }
  const choice = recordOf(choices[0], 'its first choice is no object');
  const { delta, message, logprobs, finish_reason: reason } = choice;
  // In place of the delta where a server does not stream.
  const { content } = recordOf(delta ?? message ?? {}, 'its message is no object');
  if (content !== undefined && content !== null && typeof content !== 'string')
    throw unreadable('the content of its message is no text');
  const finish = typeof reason !== 'string' ? undefined : reason === 'length' ? 'length' : 'stop';
  const tokens = tokensIn(logprobs);
  const logProbabilities = tokens.map(({ milliNats }) => milliNats);
  const text = content ?? '';
  const texts = tokens.map((token) => token.text);
  const tokenTexts = texts.every((one) => one !== null) && texts.join('') === text ? texts : null;
  return { text, logProbabilities, tokenTexts, finish, promptTokens, isAnswer: true };
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw unreadable('what it sends is not JSON', cause);
  }
}

function tokensIn(logprobs: unknown): readonly { readonly text: string | null; readonly milliNats: number }[] {
  const { content } = recordOf(logprobs ?? {}, NO_NUMBERS);
  if (content === undefined || content === null) return [];
  if (!Array.isArray(content)) throw unreadable(NO_NUMBERS);
  return content.map((token: unknown) => {
    const { logprob, token: text } = recordOf(token, NO_NUMBERS);
    if (typeof logprob !== 'number') throw unreadable(NO_NUMBERS);
    return { text: typeof text === 'string' ? text : null, milliNats: toMilliNats(logprob) };
  });
}

const NO_NUMBERS = 'its log-probabilities are no list of numbers';

function promptTokensIn(usage: unknown): number | undefined {
  const { prompt_tokens: tokens } = recordOf(usage ?? {}, 'its usage is no object');
  const isCount = typeof tokens === 'number' && Number.isInteger(tokens) && tokens >= 0 && tokens <= PROMPT_TOKENS_MAX;
  return isCount ? tokens : undefined;
}

function reasonIn(error: unknown): string {
  if (typeof error === 'string') return error;
  const message = isRecord(error) ? error['message'] : undefined;
  return typeof message === 'string' ? message : 'no reason given';
}

function recordOf(value: unknown, otherwise: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw unreadable(otherwise);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const unreadable = (what: string, cause?: unknown) => new PieceProblem('unreadable', what, cause);
