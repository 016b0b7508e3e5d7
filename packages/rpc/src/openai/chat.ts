/**
 * POST /v1/chat/completions, streaming and not (spec: rpc §6.4). Opens the query first, so that whatever can be refused is refused
 * with a status; afterwards a stream ends with an error chunk and a plain answer with `x-should-retry: false`.
 */
import type { FastifyReply } from 'fastify';
import { isBug } from '../errors.ts';
import { hexOf } from '../json/scalars.ts';
import type { OpenedQuery } from '../node-api.ts';
import { expertLookup } from '../server/query-opener.ts';
import { AnswerCollector } from './answer.ts';
import type { ChatRequest } from './chat-request.ts';
import { toOpenAiError } from './errors.ts';
import { type EventStream, startEventStream } from './event-stream.ts';
import { type FollowedEvent, followBounded } from './follow.ts';
import type { OpenAiOptions } from './routes.ts';

export type ChatAnswerOptions = {
  readonly chat: ChatRequest;
  readonly opened: OpenedQuery;
  readonly options: OpenAiOptions;
};

/** Waits for the final receipt (bounded) and answers with the best answer. */
export async function answerWhole(
  reply: FastifyReply,
  { chat, opened, options }: ChatAnswerOptions,
): Promise<FastifyReply> {
  const { queryId, readKey } = opened;
  const collector = new AnswerCollector(queryId);
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  for await (const event of followBounded(options.api, queryId, { ...options.limits, readKey, signal: gone.signal }))
    collector.onEvent(event);
  if (gone.signal.aborted) return reply.hijack();
  const expertOf = expertLookup(options.api);
  const content = collector.answer(expertOf);
  return reply.send({
    ...envelope(queryId, chat, 'chat.completion'),
    choices: [
      { index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: 'stop' },
    ],
    usage: collector.usage(),
    x_receipt: collector.receipt(content, expertOf),
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
    await streamAnswer(stream, { chat, opened, options });
    await stream.data('[DONE]');
  } catch (error) {
    if (isBug(error)) options.log.error({ error, queryId }, 'chat stream failed by a bug');
    await stream.data({ ...toOpenAiError(error).body, x_receipt: { query_id: hexOf(queryId) } });
  } finally {
    stream.end();
  }
}

async function streamAnswer(stream: EventStream, { chat, opened, options }: ChatAnswerOptions): Promise<void> {
  const { queryId, readKey } = opened;
  const collector = new AnswerCollector(queryId);
  const expertOf = expertLookup(options.api);
  const frame = envelope(queryId, chat, 'chat.completion.chunk');
  const choice = (delta: object, finish: 'stop' | null) => ({
    ...frame,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(chat.includeUsage ? { usage: null } : {}),
  });
  let finished = false;

  await stream.comment('routing');
  await stream.data(choice({ role: 'assistant', content: '' }, null));
  for await (const event of followBounded(options.api, queryId, {
    ...options.limits,
    readKey,
    signal: stream.signal,
  })) {
    const text = collector.onEvent(event);
    if (text !== '') await stream.data(choice({ content: text }, null));
    else await stream.comment(commentOf(event, expertOf));
    // With a usage chunk to follow, clients may learn at once that the text is complete.
    if (event.kind === 'answerDone' && chat.includeUsage && collector.provisional !== '' && !finished) {
      finished = true;
      await stream.data(choice({}, 'stop'));
    }
  }
  if (stream.signal.aborted) return;

  const final = collector.answer(expertOf);
  if (collector.provisional === '') await stream.data(choice({ content: final }, null));
  const shown = collector.provisional === '' ? final : collector.provisional;
  const x_receipt = collector.receipt(shown, expertOf);
  if (!chat.includeUsage) return stream.data({ ...choice({}, 'stop'), x_receipt });
  if (!finished) await stream.data(choice({}, 'stop'));
  await stream.data({ ...frame, choices: [], usage: collector.usage(), x_receipt });
}

/** Names the query, and the key to a private one's texts. */
export function openedHeaders({ queryId, readKey }: OpenedQuery): Record<string, string> {
  const id = { 'x-synod-query-id': hexOf(queryId) };
  return readKey === null ? id : { ...id, 'x-synod-read-key': hexOf(readKey) };
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
