/**
 * A model behind an OpenAI-compatible server as an engine. Owns the one request and what becomes of its failures. Judging and embedding
 * stay with a model on this machine: a judge must not depend on a server that others cannot ask.
 */
import type { GenerateResult } from '../../client/protocol.ts';
import type { ForeignBackend } from '../../models/backends/backend-file.ts';
import { foreignInfo } from '../../models/store/resolve-model.ts';
import { passCheckpoint } from '../control.ts';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import type { GenerateRequest, WritingControl } from '../generate.ts';
import { toMilliNats } from '../sampling.ts';
import { eventsOf, wholeOf } from './event-stream.ts';
import { limits } from './limits.ts';

type HttpBackend = Extract<ForeignBackend, { kind: 'http' }>;

/** One piece of a streamed answer, as far as it is read here. */
type Piece = {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null };
    /** In place of the delta where a server does not stream. */
    readonly message?: { readonly content?: string | null };
    readonly finish_reason?: string | null;
    readonly logprobs?: { readonly content?: readonly { readonly logprob: number }[] | null } | null;
  }[];
  readonly usage?: { readonly prompt_tokens?: number } | null;
  readonly error?: { readonly message?: string };
};

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
 * As generate.ts promises, but for two things: token ids are the server's own and stay unknown, so `tokens` holds −1 for each token
 * whose log-probability the server tells and is empty where it tells none; and a `length` limit counts in the server's tokens.
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
  const patience = createPatience(control.signal);
  const answer = new Answer(control);
  try {
    const { body, isStream } = await send(backend, request, patience.signal);
    for await (const data of isStream ? eventsOf(body, patience.renew) : wholeOf(body, patience.renew)) {
      if (data === '[DONE]') break;
      answer.add(parsePiece(data, backend));
    }
    return answer.result(answer.isFinished ? undefined : 'length');
  } catch (error) {
    if (control.signal.aborted) return answer.result('cancelled');
    if (error instanceof EngineError) throw error;
    throw unreachable(backend, patience.isOver() ? 'it has been silent for too long' : reasonOf(error), error);
  } finally {
    patience.end();
  }
}

/** Aborts when the caller does or nothing has come for too long. */
function createPatience(caller: AbortSignal) {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), limits.firstByteMs);
  return {
    signal: AbortSignal.any([caller, silence.signal]),
    renew: () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), limits.silenceMs);
    },
    isOver: () => silence.signal.aborted,
    end: () => {
      clearTimeout(timer);
      silence.abort();
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
  throw refused(backend, response.status, (await response.text()).slice(0, limits.errorCharactersMax));
}

/** Gathers pieces into a result. */
class Answer {
  readonly #control: WritingControl;
  readonly #logProbabilities: number[] = [];
  #text = '';
  /** Log-probabilities that went out with a piece of text. */
  #told = 0;
  #promptTokens = 0;
  #finish: 'stop' | 'length' | undefined;

  constructor(control: WritingControl) {
    this.#control = control;
  }

  get isFinished(): boolean {
    return this.#finish !== undefined;
  }

  add({ choices, usage }: Piece): void {
    if (typeof usage?.prompt_tokens === 'number') this.#promptTokens = usage.prompt_tokens;
    const choice = choices?.[0];
    if (choice === undefined) return;
    for (const { logprob } of choice.logprobs?.content ?? []) this.#logProbabilities.push(toMilliNats(logprob));
    if (typeof choice.finish_reason === 'string') this.#finish = choice.finish_reason === 'length' ? 'length' : 'stop';
    const text = choice.delta?.content ?? choice.message?.content ?? '';
    if (text === '') return;
    this.#text += text;
    if (this.#text.length > limits.answerCharactersMax) {
      throw new EngineError('MODEL_ERROR', 'The model server does not stop writing.');
    }
    const logProbabilities = this.#logProbabilities.slice(this.#told);
    this.#told = this.#logProbabilities.length;
    const tokens = logProbabilities.map(() => -1);
    this.#control.onText(text, { tokens, logProbabilities, promptTokens: this.#promptTokens });
  }

  result(finish: GenerateResult['finish'] | undefined): GenerateResult {
    return {
      text: this.#text,
      tokens: this.#logProbabilities.map(() => -1),
      logProbabilities: this.#logProbabilities,
      promptTokens: this.#promptTokens,
      finish: finish ?? this.#finish ?? 'stop',
    };
  }
}

function parsePiece(data: string, backend: HttpBackend): Piece {
  let piece: Piece;
  try {
    piece = JSON.parse(data) as Piece;
  } catch (cause) {
    throw unreachable(backend, 'what it sends is not JSON', cause);
  }
  if (piece.error !== undefined) throw refused(backend, 200, String(piece.error.message ?? 'no reason given'));
  return piece;
}

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
      : `The model server at ${backend.url} refused with status ${status}: ${text}. ${advice}`,
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

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
