/**
 * Reads chat completion requests (spec: rpc §6.2): which domain a model id means, what of the messages is the prompt, what may be spent.
 * Fields of the OpenAI API that steer one model's sampling are accepted and have no effect: experts choose their own.
 */
import { type Amount, SynodError } from '@synod/chain';
import { z } from 'zod';
import { invalidParams } from '../errors.ts';
import { AmountParam, parseAmount } from '../json/scalars.ts';
import type { NodeApi, QueryRequest } from '../node-api.ts';
import { parseJson } from '../server/dispatcher.ts';

const TextPart = z.looseObject({ type: z.literal('text'), text: z.string() });

const Message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(TextPart)]).nullish(),
});

const ChatBody = z.looseObject({
  model: z.string().min(1).max(128),
  messages: z.array(Message).min(1).max(1_000),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.literal(1, 'this server gives one choice').nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  synod: z
    .strictObject({
      max_cost: AmountParam.optional(),
      domain: z.string().max(48).optional(),
      respondents: z.int().min(1).max(100).optional(),
    })
    .optional(),
  x_private: z.boolean().nullish(),
});

export type ChatRequest = {
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly maxTokens: number | undefined;
  readonly query: QueryRequest;
};

/** Reads a body and headers. Throws `PARSE_ERROR`, `INVALID_PARAMS`, `MODEL_NOT_FOUND` or `NO_EXPERT`; nothing is charged. */
export function parseChatRequest(body: unknown, headers: Readonly<Record<string, unknown>>, api: NodeApi): ChatRequest {
  const parsed = parseJson(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
  if (!parsed.ok) throw new SynodError('PARSE_ERROR', parsed.problem);
  const checked = ChatBody.safeParse(parsed.value);
  if (!checked.success) throw bodyError(checked.error.issues[0]);
  const chat = checked.data;
  const isPrivate = chat.x_private === true || isPrivateHeader(headers['x-synod-private']);
  return {
    model: chat.model,
    stream: chat.stream ?? false,
    includeUsage: chat.stream_options?.include_usage ?? false,
    maxTokens: chat.max_completion_tokens ?? chat.max_tokens ?? undefined,
    query: {
      prompt: promptOf(chat.messages),
      domain: domainOf(chat.model, chat.synod?.domain, api),
      maxCost: chat.synod?.max_cost ?? maxCostHeader(headers['x-synod-max-cost']),
      respondents: chat.synod?.respondents,
      ...(isPrivate ? { privacy: 'private' as const } : {}),
    },
  };
}

function bodyError(issue: z.core.$ZodIssue | undefined): SynodError {
  const param = issue?.path.join('.') ?? '';
  const reason =
    issue?.code === 'invalid_union'
      ? 'not of an accepted form; this server takes text only'
      : (issue?.message ?? 'not accepted');
  return invalidParams(
    param === '' ? `The request body is not accepted: ${reason}.` : `"${param}" is not accepted: ${reason}.`,
    null,
    { param },
  );
}

function maxCostHeader(value: unknown): Amount | undefined {
  if (value === undefined) return undefined;
  const amount = typeof value === 'string' ? parseAmount(value) : null;
  if (amount !== null) return amount;
  throw invalidParams(
    'The header X-Synod-Max-Cost is nano in digits ("1500000") or SYN with its unit ("0.0015 SYN").',
    null,
    {
      param: 'X-Synod-Max-Cost',
    },
  );
}

function isPrivateHeader(value: unknown): boolean {
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  // A question that was meant to be private must not go out in public by a slip.
  throw invalidParams('The header X-Synod-Private is "true" or "false".', null, { param: 'X-Synod-Private' });
}

type ChatMessage = z.output<typeof Message>;

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

/** `synod/auto` leaves the domain to the node (or to `synod.domain`), `synod/<domain>` names it. */
function domainOf(model: string, wanted: string | undefined, api: NodeApi): string | undefined {
  const name = /^synod\/([a-z0-9-]{1,48})$/.exec(model)?.[1];
  if (name === undefined) throw modelNotFound(model);
  if (name !== 'auto' && api.experts(name).length === 0) throw modelNotFound(model);
  if (name !== 'auto') return name;
  if (wanted !== undefined && api.experts(wanted).length === 0) {
    throw new SynodError(
      'DOMAIN_UNKNOWN',
      `No expert serves the domain "${wanted}". GET /v1/models lists what there is.`,
      {
        facts: { param: 'synod.domain' },
      },
    );
  }
  if (api.experts(null).length === 0) {
    throw new SynodError('NO_EXPERT', 'No expert is registered on this chain. Register one, then ask again.');
  }
  return wanted;
}

function modelNotFound(model: string): SynodError {
  return new SynodError(
    'MODEL_NOT_FOUND',
    `There is no model "${model}". GET /v1/models lists what there is, e.g. synod/auto.`,
    {
      facts: { param: 'model' },
    },
  );
}
