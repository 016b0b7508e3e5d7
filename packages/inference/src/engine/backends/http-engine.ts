/**
 * A model behind an OpenAI-compatible server as an engine. Owns the one request and what becomes of its failures. Judging and embedding
 * stay with a model on this machine: a judge must not depend on a server that others cannot ask.
 */
import { type GenerateResult, UNKNOWN_TOKEN } from '../../client/protocol.ts';
import type { ForeignBackend } from '../../models/backends/backend-file.ts';
import { foreignInfo } from '../../models/store/resolve-model.ts';
import { passCheckpoint } from '../control.ts';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import type { GenerateRequest, WritingControl } from '../generate.ts';
import { createStopMatcher } from '../stop-matcher.ts';
import { type CompletionPiece, PieceProblem, readPiece } from './completion-piece.ts';
import { beginningOf, eventsOf, wholeOf } from './event-stream.ts';
import { limits } from './limits.ts';
import { createWholeCharacters } from './whole-characters.ts';

type HttpBackend = Extract<ForeignBackend, { kind: 'http' }>;

/** `local` judges, embeds, and is closed together with this one. */
export function createHttpEngine(backend: HttpBackend, local: Engine): Engine {
  return {
    ...local,
    info: foreignInfo(backend),
    generate: (request, control) => generate(backend, request, control),
    // A server tells no token ids and reads no given tokens.
    review: async () => {
      throw new EngineError(
        'MODEL_ERROR',
        `${backend.name} is on a server, whose answers cannot be verified. Verify with --model default.`,
      );
    },
    detokenize: () => {
      throw new EngineError('MODEL_ERROR', `${backend.name} is on a server, whose tokens have no ids here.`);
    },
  };
}

/**
 * As generate.ts promises, but for two things: token ids are the server's own and stay unknown, so `tokens` holds UNKNOWN_TOKEN for each
 * token whose log-probability the server tells and is empty where it tells none; and a `length` limit counts in the server's tokens.
 * Throws MODEL_ERROR for every failure of the server, PROMPT_TOO_LONG where it says so.
 */
async function generate(
  backend: HttpBackend,
  request: GenerateRequest,
  control: WritingControl,
): Promise<GenerateResult> {
  if (request.adapter !== null) {
    throw new EngineError(
      'MODEL_ERROR',
      `${backend.name} is on a server and takes no adapters. Serve this expert with --model default.`,
    );
  }
  await passCheckpoint(control);
  const answer = new Answer(request, control);
  if (request.profile.maxTokens <= 0) return answer.result('length');
  const patience = createPatience(control.signal);
  try {
    const { body, isStream } = await send(backend, request, patience.signal);
    const isEnded = await gather(isStream ? eventsOf(body, patience.renew) : wholeOf(body, patience.renew), answer);
    if (!answer.isAnswer) throw new PieceProblem('unreadable', 'what it sends is no answer of a chat model');
    if (isStream && !isEnded) throw new PieceProblem('unreadable', 'it ended in the middle of its answer');
    return answer.result(answer.isFinished ? undefined : 'length');
  } catch (error) {
    if (control.signal.aborted) return answer.result('cancelled');
    if (error instanceof EngineError) throw error;
    if (error instanceof PieceProblem && error.kind === 'refused') throw refused(backend, 200, error.message);
    throw unreachable(backend, patience.overdue() ?? reasonOf(error), error);
  } finally {
    patience.end();
  }
}

/** Adds pieces until the answer or the stream ends; whether the server said that it is whole. */
async function gather(pieces: AsyncIterable<string>, answer: Answer): Promise<boolean> {
  for await (const data of pieces) {
    if (data === '[DONE]') return true;
    answer.add(readPiece(data));
    if (answer.isStopped) return true;
  }
  return answer.isFinished;
}

/** Aborts when the caller does, when nothing has come for too long, or when the answer does not end. */
function createPatience(caller: AbortSignal) {
  const over = new AbortController();
  let overdue: string | undefined;
  const giveUp = (why: string) => () => {
    overdue = why;
    over.abort();
  };
  const silent = giveUp('it has been silent for too long');
  let timer = setTimeout(silent, limits.firstByteMs);
  const whole = setTimeout(giveUp('its answer does not end'), limits.answerMs);
  return {
    signal: AbortSignal.any([caller, over.signal]),
    renew: () => {
      clearTimeout(timer);
      timer = setTimeout(silent, limits.silenceMs);
    },
    overdue: () => overdue,
    end: () => {
      clearTimeout(timer);
      clearTimeout(whole);
      over.abort();
    },
  };
}

async function send(
  backend: HttpBackend,
  request: GenerateRequest,
  signal: AbortSignal,
): Promise<{ readonly body: ReadableStream<Uint8Array>; readonly isStream: boolean }> {
  const { instruction, temperature, topP, maxTokens } = request.profile;
  const last = request.messages.findLastIndex((message) => message.role === 'user');
  const messages = request.messages.map(({ role, content }, index) => ({
    role,
    content: index === last && instruction !== '' ? `${instruction}\n${content}` : content,
  }));
  const key = process.env['SYNOD_BACKEND_KEY'];
  const response = await fetch(`${backend.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({
      model: backend.model,
      messages,
      temperature,
      top_p: topP,
      max_tokens: maxTokens,
      seed: request.seed,
      logprobs: true,
      stream: true,
      stream_options: { include_usage: true },
      ...(request.stop.length > 0 && { stop: request.stop }),
    }),
    redirect: 'error',
    signal,
  });
  const isStream = !/^application\/json\b/i.test(response.headers.get('content-type') ?? '');
  if (response.ok && response.body !== null) return { body: response.body as ReadableStream<Uint8Array>, isStream };
  const said = response.body === null ? '' : await beginningOf(response.body as ReadableStream<Uint8Array>);
  if (response.ok) throw new PieceProblem('unreadable', `its answer with status ${response.status} has no content`);
  throw refused(backend, response.status, said);
}

/** Gathers pieces into a result, and tells whole characters up to a stop sequence. */
class Answer {
  readonly #control: WritingControl;
  readonly #tokensMax: number;
  readonly #characters = createWholeCharacters();
  readonly #matcher: ReturnType<typeof createStopMatcher>;
  readonly #logProbabilities: number[] = [];
  #text = '';
  /** Log-probabilities that went out with a piece of text. */
  #told = 0;
  #promptTokens = 0;
  #finish: 'stop' | 'length' | undefined;
  /** Something of the server's was about an answer. */
  isAnswer = false;
  /** The text has met a stop sequence or the limit, whatever the server goes on to say. */
  isStopped = false;

  constructor({ stop, profile }: GenerateRequest, control: WritingControl) {
    this.#control = control;
    this.#tokensMax = profile.maxTokens;
    this.#matcher = createStopMatcher(stop);
  }

  get isFinished(): boolean {
    return this.#finish !== undefined;
  }

  add(piece: CompletionPiece): void {
    const { finish, promptTokens, isAnswer } = piece;
    this.isAnswer ||= isAnswer;
    this.#promptTokens = promptTokens ?? this.#promptTokens;
    const room = this.#tokensMax - this.#logProbabilities.length;
    const isTooLong = piece.logProbabilities.length > room;
    const { text, logProbabilities } = isTooLong ? beginningOfPiece(piece, room) : piece;
    for (const milliNats of logProbabilities) this.#logProbabilities.push(milliNats);
    const shown = this.#matcher.push(this.#characters.push(text));
    this.#show(shown.text);
    if (shown.stopped) return this.#stop('stop');
    if (isTooLong) return this.#stop('length');
    this.#finish = finish ?? this.#finish;
    if (this.#text.length <= limits.answerCharactersMax && this.#logProbabilities.length <= limits.answerTokensMax)
      return;
    throw unbounded();
  }

  #stop(finish: 'stop' | 'length'): void {
    this.#finish = finish;
    this.isStopped = true;
  }

  #show(text: string): void {
    if (text === '') return;
    this.#text += text;
    const logProbabilities = this.#logProbabilities.slice(this.#told);
    this.#told = this.#logProbabilities.length;
    const tokens = logProbabilities.map(() => UNKNOWN_TOKEN);
    this.#control.onText(text, { tokens, logProbabilities, promptTokens: this.#promptTokens });
  }

  result(finish: GenerateResult['finish'] | undefined): GenerateResult {
    if (finish !== 'cancelled') this.#show(this.#matcher.flush());
    return {
      text: this.#text,
      tokens: this.#logProbabilities.map(() => UNKNOWN_TOKEN),
      logProbabilities: this.#logProbabilities,
      promptTokens: this.#promptTokens,
      finish: finish ?? this.#finish ?? 'stop',
    };
  }
}

/** The first tokens of a piece that has more than are wanted; MODEL_ERROR where nobody knows what they say. */
function beginningOfPiece({ tokenTexts, logProbabilities }: CompletionPiece, tokens: number) {
  if (tokens > 0 && tokenTexts === null) throw unbounded();
  const text = (tokenTexts ?? []).slice(0, tokens).join('');
  return { text, logProbabilities: logProbabilities.slice(0, tokens) };
}

const unbounded = (): EngineError =>
  new EngineError(
    'MODEL_ERROR',
    'The model server does not stop writing. See that it heeds max_tokens, or serve this expert with --model default.',
  );

const ADVICE: Readonly<Record<number, string>> = {
  401: 'Put the right key into SYNOD_BACKEND_KEY.',
  403: 'Put the right key into SYNOD_BACKEND_KEY.',
  404: 'Check the address and the model name in --model.',
  429: 'It is busy: try again later, or raise its limits.',
};

function refused(backend: HttpBackend, status: number, text: string): EngineError {
  const isTooLong = status === 400 && /context|too long|maximum/i.test(text);
  const advice = ADVICE[status] ?? 'See its log.';
  return new EngineError(
    isTooLong ? 'PROMPT_TOO_LONG' : 'MODEL_ERROR',
    isTooLong
      ? `The prompt is too long for ${backend.name}. Shorten the prompt.`
      : `The model server at ${backend.url} refused with status ${status}: ${plain(text)}. ${advice}`,
    { facts: { url: backend.url, status } },
  );
}

function unreachable(backend: HttpBackend, reason: string, cause: unknown): EngineError {
  return new EngineError(
    'MODEL_ERROR',
    `The model server at ${backend.url} did not answer: ${reason}. Check that it runs and serves ${backend.model}.`,
    { facts: { url: backend.url }, cause },
  );
}

/** A stranger's text in a message of ours: on one line, without what a terminal obeys. */
const plain = (text: string): string =>
  text
    .slice(0, limits.errorCharactersMax)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim() || 'no reason given';

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && !(error instanceof PieceProblem) ? error.cause.message : error.message;
}
