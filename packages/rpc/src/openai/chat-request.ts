/**
 * Reads chat completion requests (spec: openai §3): what of the messages is the prompt, what may be spent, and how the answer is to be
 * shown. Fields that steer one model's sampling are checked and have no effect: experts' recipes are registered on the chain.
 */
import { type Amount, SynodError } from '@synod/chain';
import { invalidParams } from '../errors.ts';
import { parseAmount } from '../json/scalars.ts';
import type { NodeApi, QueryRequest } from '../node-api.ts';
import { parseJson } from '../server/dispatcher.ts';
import { type ChatBody, readChatBody } from './chat-body.ts';
import { askedOf } from './model-ids.ts';
import { type ResponseFormat, responseFormatOf } from './response-format.ts';
import type { CutTerms } from './text-cut.ts';

export type ChatRequest = {
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** Answers wanted of the one query. */
  readonly choices: number;
  readonly cut: CutTerms;
  readonly format: ResponseFormat;
  /** What the chain recorded of the tokens is wanted. */
  readonly logprobs: boolean;
  readonly query: QueryRequest;
  /** What of the body decides how the answer looks; requests that differ in it are not the same. */
  readonly shown: object;
};

type Headers = Readonly<Record<string, unknown>>;

/** Reads a body and headers. Throws `PARSE_ERROR`, `INVALID_PARAMS` or what refuses a field or model; nothing is charged. */
export function parseChatRequest(body: unknown, headers: Headers, api: NodeApi): ChatRequest {
  const parsed = parseJson(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
  if (!parsed.ok) throw new SynodError('PARSE_ERROR', parsed.problem);
  const chat = readChatBody(parsed.value);
  const choices = chat.n ?? 1;
  const cut = { stops: stopsOf(chat), tokensMax: chat.max_completion_tokens ?? chat.max_tokens ?? undefined };
  return {
    model: chat.model,
    stream: chat.stream ?? false,
    includeUsage: chat.stream_options?.include_usage ?? false,
    choices,
    cut,
    format: responseFormatOf(chat.response_format),
    logprobs: chat.logprobs ?? false,
    query: queryOf(chat, headers, api),
    shown: { cut, format: chat.response_format ?? null, ...(chat.logprobs === true ? { logprobs: true } : {}) },
  };
}

function queryOf(chat: ChatBody, headers: Headers, api: NodeApi): QueryRequest {
  const isPrivate =
    chat.x_private === true || chat.synod?.private === true || isPrivateHeader(headers['x-synod-private']);
  const asked = askedOf(chat.model, chat.synod?.domain, api);
  return {
    prompt: promptOf(chat.messages),
    ...asked,
    maxCost: chat.synod?.max_cost ?? maxCostHeader(headers['x-synod-max-cost']),
    respondents: chat.synod?.respondents ?? (asked.expert === undefined ? respondentsFor(chat.n ?? 1) : 1),
    ...(chat.synod?.effort === undefined ? {} : { effort: chat.synod.effort }),
    ...(isPrivate ? { privacy: 'private' as const } : {}),
  };
}

/** Contracts have two respondents by themselves; for more choices more experts have to answer. */
function respondentsFor(choices: number): number | undefined {
  return choices > 2 ? choices : undefined;
}

function stopsOf({ stop }: ChatBody): readonly string[] {
  if (stop === null || stop === undefined) return [];
  return typeof stop === 'string' ? [stop] : stop;
}

function maxCostHeader(value: unknown): Amount | undefined {
  if (value === undefined) return undefined;
  const amount = typeof value === 'string' ? parseAmount(value) : null;
  if (amount !== null) return amount;
  throw invalidParams(
    'The header X-Synod-Max-Cost is nano in digits ("1500000") or SYN with its unit ("0.0015 SYN").',
    null,
    { param: 'X-Synod-Max-Cost' },
  );
}

function isPrivateHeader(value: unknown): boolean {
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  // A question that was meant to be private must not go out in public by a slip.
  throw invalidParams('The header X-Synod-Private is "true" or "false".', null, { param: 'X-Synod-Private' });
}

type ChatMessage = ChatBody['messages'][number];

const speakers = { user: 'User', assistant: 'Assistant', tool: 'Tool' } as const;

/** A single user message is the prompt; several turns become one text, "User: …\nAssistant: …", after any system text. */
function promptOf(messages: readonly ChatMessage[]): string {
  if (messages.at(-1)?.role !== 'user' && messages.at(-1)?.role !== 'tool') {
    throw invalidParams("The last message must be the user's.", null, { param: 'messages' });
  }
  const system = messages.filter(({ role }) => role === 'system' || role === 'developer').map(textOf);
  const turns = messages.flatMap((message) =>
    message.role === 'system' || message.role === 'developer' ? [] : [{ role: message.role, text: textOf(message) }],
  );
  const only = turns.length === 1 ? turns[0] : undefined;
  const body = only === undefined ? turns.map(({ role, text }) => `${speakers[role]}: ${text}`).join('\n') : only.text;
  return body.trim() === '' ? '' : [...system.filter((text) => text !== ''), body].join('\n\n');
}

function textOf({ content }: ChatMessage): string {
  if (content === null || content === undefined) return '';
  return typeof content === 'string' ? content : content.map((part) => part.text).join('');
}
