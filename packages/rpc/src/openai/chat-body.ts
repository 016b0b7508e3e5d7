/**
 * The body of a chat completion as this server takes it (spec: openai §3): which fields there are, their ranges, and what is refused by
 * name. Owns the schema; what the fields mean for a query is chat-request.ts.
 */
import { SynodError } from '@synod/chain';
import { z } from 'zod';
import { invalidParams } from '../errors.ts';
import { AmountParam } from '../json/scalars.ts';

const TextPart = z.looseObject({ type: z.literal('text'), text: z.string() });

export const ChatMessage = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(TextPart)]).nullish(),
});

/** Choices of one query: as many as a contract usually has respondents, and a little more. */
const CHOICES_MAX = 4;
const STOPS_MAX = 4;
const STOP_CHARACTERS_MAX = 256;

const Stop = z.string().min(1, 'a stop sequence is not empty').max(STOP_CHARACTERS_MAX);

const ResponseFormat = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    json_schema: z.looseObject({ name: z.string().max(64), schema: z.record(z.string(), z.unknown()) }),
  }),
]);

const ChatBody = z.looseObject({
  model: z.string().min(1).max(128),
  messages: z.array(ChatMessage).min(1).max(1_000),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.int().min(1).max(CHOICES_MAX).nullish(),
  stop: z.union([Stop, z.array(Stop).max(STOPS_MAX)]).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  seed: z.int().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  response_format: ResponseFormat.nullish(),
  synod: z
    .strictObject({
      max_cost: AmountParam.optional(),
      domain: z.string().max(48).optional(),
      respondents: z.int().min(1).max(100).optional(),
      private: z.boolean().optional(),
      effort: z.enum(['quote', 'full']).optional(),
    })
    .optional(),
  x_private: z.boolean().nullish(),
});

export type ChatBody = z.output<typeof ChatBody>;

/** Fields of the OpenAI API that would promise what experts cannot do; each is refused rather than passed over. */
const refused: Readonly<Record<string, string>> = {
  tools: 'experts call no tools',
  functions: 'experts call no functions',
  audio: 'experts answer in text',
  web_search_options: 'experts search their own knowledge, not the web',
};

/** Checks a decoded body. Throws `INVALID_PARAMS`, `UNSUPPORTED` or `TOP_LOGPROBS_UNAVAILABLE`, each naming its `param`. */
export function readChatBody(value: unknown): ChatBody {
  const checked = ChatBody.safeParse(value);
  if (!checked.success) throw bodyError(checked.error.issues[0]);
  const body = checked.data;
  for (const [param, why] of Object.entries(refused)) {
    if (isAsked(body[param])) throw unsupported(param, `${why}. Leave "${param}" out.`);
  }
  const choice = body['tool_choice'] ?? body['function_call'];
  if (choice !== undefined && choice !== null && choice !== 'none' && choice !== 'auto') {
    throw unsupported('tool_choice', 'experts call no tools. Leave "tool_choice" out.');
  }
  const modalities = body['modalities'];
  if (Array.isArray(modalities) && modalities.some((one) => one !== 'text')) {
    throw unsupported('modalities', 'experts answer in text. Leave "modalities" out, or send ["text"].');
  }
  if ((body.top_logprobs ?? 0) > 0) {
    throw new SynodError(
      'TOP_LOGPROBS_UNAVAILABLE',
      'The chain records the tokens that were written, and none that might have been. Leave "top_logprobs" out, or send 0. Nothing was charged.',
      { facts: { param: 'top_logprobs' } },
    );
  }
  return body;
}

function isAsked(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

function unsupported(param: string, why: string): SynodError {
  return new SynodError('UNSUPPORTED', `"${param}" is not supported: ${why} Nothing was charged.`, {
    facts: { param },
  });
}

function bodyError(issue: z.core.$ZodIssue | undefined): SynodError {
  const param = issue?.path.join('.') ?? '';
  const reason = issue?.code === 'invalid_union' ? unionReason(param) : (issue?.message ?? 'not accepted');
  const text = param === '' ? `The request body is not accepted: ${reason}.` : `"${param}" is not accepted: ${reason}.`;
  return invalidParams(text, null, { param });
}

function unionReason(param: string): string {
  if (param.startsWith('stop'))
    return `a stop sequence is text, or a list of at most ${STOPS_MAX} texts that are not empty`;
  if (param.startsWith('response_format')) return 'its type is text, json_object or json_schema';
  return 'not of an accepted form; this server takes text only, no images, audio or files';
}
