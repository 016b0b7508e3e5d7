/**
 * Answers of POST /v1/chat/completions, streaming and not (spec: openai §4). The query is open by then: a stream ends with an error chunk, a
 * plain answer with `x-should-retry: false`.
 */
import type { FastifyReply } from 'fastify';
import { isBug } from '../errors.ts';
import { hexOf } from '../json/scalars.ts';
import type { NodeApi, OpenedQuery } from '../node-api.ts';
import { expertLookup } from '../server/query-opener.ts';
import { AnswerCollector, type RankedAnswer } from './answer.ts';
import type { ChatRequest } from './chat-request.ts';
import { toOpenAiError } from './errors.ts';
import { type EventStream, startEventStream } from './event-stream.ts';
import { type FollowedEvent, followBounded } from './follow.ts';
import { type Logprobs, tellLogprobs } from './logprobs.ts';
import type { OpenAiOptions } from './routes.ts';
import { cutText, TextCut } from './text-cut.ts';

export type ChatAnswerOptions = {
  readonly chat: ChatRequest;
  readonly opened: OpenedQuery;
  readonly options: OpenAiOptions;
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal;
};

/** Waits for the final receipt (bounded) and answers with the best answers. */
export async function answerWhole(
  reply: FastifyReply,
  { chat, opened, options, gone }: ChatAnswerOptions,
): Promise<FastifyReply> {
  const { queryId, readKey } = opened;
  const collector = new AnswerCollector(queryId, expertLookup(options.api));
  for await (const event of followBounded(options.api, queryId, { ...options.limits, readKey, signal: gone }))
    collector.onEvent(event);
  if (gone.aborted) return reply.hijack();
  const answers = collector.answers().slice(0, chat.choices);
  const told = await tellLogprobs(options.api, chat, answers);
  return reply.send({
    ...envelope(queryId, chat, 'chat.completion'),
    system_fingerprint: fingerprintOf(answers[0]?.modelId),
    choices: answers.map((answer, index) => {
      const { message, finish } = messageOf(answer, chat);
      const logprobs = told.choices[index] ?? null;
      return { index, message: { role: 'assistant', ...message }, logprobs, finish_reason: finish };
    }),
    usage: collector.usage(answers),
    x_receipt: { ...collector.receipt(answers[0]?.answer ?? ''), ...told.receipt },
  });
}

/** Streams the provisional answer as it comes, then the receipt in the last chunk. Never throws: errors go into the stream. */
export async function answerStream(reply: FastifyReply, { chat, opened, options }: ChatAnswerOptions): Promise<void> {
  reply.hijack();
  const { queryId } = opened;
  const stream = startEventStream(reply.raw, {
    headers: { ...openedHeaders(opened), 'x-should-retry': 'false' },
    keepAliveMs: options.limits.keepAliveMs,
  });
  try {
    await new ChatStream(stream, chat, queryId).run(opened, options);
    await stream.data('[DONE]');
  } catch (error) {
    if (isBug(error)) options.log.error({ error, queryId }, 'chat stream failed by a bug');
    await stream.data({ ...toOpenAiError(error).body, x_receipt: { query_id: hexOf(queryId) } });
  } finally {
    stream.end();
  }
}

/** What the chunk that ends a choice carries beside its reason; `more` stands beside the choices. */
type ChoiceEnd = { readonly logprobs?: Logprobs | null; readonly more?: object };

/** One streamed completion. Its first choice comes as it is written, unless it is an object; the others whole, at the end. */
class ChatStream {
  readonly #stream: EventStream;
  readonly #chat: ChatRequest;
  readonly #frame: object;
  readonly #cut: TextCut;
  #modelId: string | null | undefined;
  /** The first choice has had its `finish_reason`. */
  #isFinished = false;

  constructor(stream: EventStream, chat: ChatRequest, queryId: OpenedQuery['queryId']) {
    this.#stream = stream;
    this.#chat = chat;
    this.#frame = envelope(queryId, chat, 'chat.completion.chunk');
    this.#cut = new TextCut(chat.cut);
  }

  async run({ queryId, readKey }: OpenedQuery, { api, limits }: OpenAiOptions): Promise<void> {
    const stream = this.#stream;
    const expertOf = expertLookup(api);
    const collector = new AnswerCollector(queryId, expertOf);
    await stream.comment('routing');
    await this.#delta(0, { role: 'assistant', content: '' });
    for await (const event of followBounded(api, queryId, { ...limits, readKey, signal: stream.signal })) {
      const text = collector.onEvent(event);
      this.#modelId ??= expertOf(collector.provisionalExpert ?? '')?.profile.modelId;
      await this.#onEvent(event, text, { collector, expertOf });
    }
    if (!stream.signal.aborted) await this.#end(collector, api);
  }

  async #onEvent(
    event: FollowedEvent,
    text: string,
    {
      collector,
      expertOf,
    }: { readonly collector: AnswerCollector; readonly expertOf: ReturnType<typeof expertLookup> },
  ): Promise<void> {
    const isStreamed = this.#chat.format.kind === 'text';
    const shown = isStreamed && text !== '' ? this.#cut.push(text) : '';
    if (shown !== '') await this.#delta(0, { content: shown });
    else await this.#stream.comment(commentOf(event, expertOf));
    // With a usage chunk to follow, clients may learn at once that the text is complete; log-probabilities are recorded later.
    const isComplete = event.kind === 'answerDone' && event.expert === collector.provisionalExpert;
    if (isStreamed && isComplete && this.#chat.includeUsage && !this.#chat.logprobs) await this.#finishStreamed({});
  }

  async #finishStreamed(end: ChoiceEnd): Promise<void> {
    if (this.#isFinished) return;
    this.#isFinished = true;
    const rest = this.#cut.end();
    if (rest !== '') await this.#delta(0, { content: rest });
    await this.#delta(0, {}, { finish: this.#cut.finishReason, ...end });
  }

  async #end(collector: AnswerCollector, api: NodeApi): Promise<void> {
    const { choices, includeUsage, format } = this.#chat;
    const answers = collector.answers();
    const isStreamed = format.kind === 'text' && collector.provisional !== '';
    const first = isStreamed ? answers.find(({ expert }) => expert === collector.provisionalExpert) : answers[0];
    const others = answers.filter((answer) => answer !== first).slice(0, choices - 1);
    this.#modelId ??= first?.modelId;
    const receipt = collector.receipt(isStreamed ? collector.provisional : (first?.answer ?? ''));
    const told = await tellLogprobs(api, this.#chat, [receipt.provisional ? null : first, ...others]);
    const endOf = (index: number): ChoiceEnd => ({ logprobs: told.choices[index] ?? null });
    for (const [index, answer] of others.entries()) await this.#whole(index + 1, answer, endOf(index + 1));
    const x_receipt = { ...receipt, ...told.receipt };
    const last = includeUsage ? endOf(0) : { ...endOf(0), more: { x_receipt } };
    if (isStreamed) await this.#finishStreamed(last);
    else if (first !== undefined) await this.#whole(0, first, last);
    if (!includeUsage) return;
    const shown = first === undefined ? others : [first, ...others];
    await this.#stream.data({ ...this.#framed(), choices: [], usage: collector.usage(shown), x_receipt });
  }

  /** A choice that was not streamed, in two chunks; `end` stands in the second. */
  async #whole(index: number, answer: RankedAnswer, end: ChoiceEnd): Promise<void> {
    const { message, finish } = messageOf(answer, this.#chat);
    await this.#delta(index, { ...(index === 0 ? {} : { role: 'assistant' }), ...message });
    await this.#delta(index, {}, { finish, ...end });
  }

  #delta(
    index: number,
    delta: object,
    { finish = null, logprobs = null, more }: ChoiceEnd & { readonly finish?: 'stop' | 'length' | null } = {},
  ): Promise<void> {
    return this.#stream.data({
      ...this.#framed(),
      choices: [{ index, delta, logprobs, finish_reason: finish }],
      ...(this.#chat.includeUsage ? { usage: null } : {}),
      ...more,
    });
  }

  #framed(): object {
    return { ...this.#frame, system_fingerprint: fingerprintOf(this.#modelId) };
  }
}

/** An answer as the request wants it: cut, and as text or an object. */
function messageOf(answer: RankedAnswer, { cut, format }: ChatRequest) {
  const { text, finishReason } = cutText(answer.answer, cut);
  const { citations, confidence } = answer;
  const written = format.write({ answer: text, citations, confidence });
  const message =
    'refusal' in written ? { content: null, refusal: written.refusal } : { content: written.content, refusal: null };
  return { message, finish: finishReason };
}

/** Names the query, and the key to a private one's texts. */
export function openedHeaders({ queryId, readKey }: OpenedQuery): Record<string, string> {
  const id = { 'x-synod-query-id': hexOf(queryId) };
  return readKey === null ? id : { ...id, 'x-synod-read-key': hexOf(readKey) };
}

/** The model that answers, as its expert registered it; null before that is known. */
function fingerprintOf(modelId: string | null | undefined): string | null {
  return modelId === undefined || modelId === null ? null : `fp_${modelId.slice(0, 16)}`;
}

function commentOf(event: FollowedEvent, expertOf: ReturnType<typeof expertLookup>): string {
  if (event.kind === 'selected') {
    return `selected ${event.experts.map((expert) => expertOf(expert)?.profile.name ?? expert).join(' ')}`;
  }
  return event.kind === 'phase' ? `phase ${event.phase}` : event.kind;
}

function envelope(
  queryId: OpenedQuery['queryId'],
  chat: ChatRequest,
  object: 'chat.completion' | 'chat.completion.chunk',
) {
  return { id: `chatcmpl-${queryId}`, object, created: Math.floor(Date.now() / 1000), model: chat.model };
}
