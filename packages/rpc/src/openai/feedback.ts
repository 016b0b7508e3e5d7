/**
 * `POST /v1/feedback` (spec: openai §10): the words of `feedback_submit` as a chat client has them at hand, paid as a question is. Owns the
 * body's schema.
 */
import { SynodError } from '@synod/chain';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { feedbackResultJson, feedbackWords } from '../json/feedback.ts';
import { HashParam } from '../json/scalars.ts';
import { giveFeedback } from '../methods/feedback.ts';
import { parseJson } from '../server/dispatcher.ts';
import { sendOpenAiError } from './errors.ts';
import { type Paying, payerOf } from './payer.ts';

const WAIT = { waitFor: 'block', timeoutMs: 20_000 } as const;

const Body = z.strictObject({
  query_id: HashParam,
  ...feedbackWords,
  /** As of a chat request: the words stay in the node's home. */
  x_private: z.boolean().optional(),
  read_key: HashParam.optional(),
});

const SHAPE = 'Send {"query_id": "0x…", "rating": "good"}, or a "correction" instead of the rating.';

/** Adds the route. The node signs for the devnet account that asked, or for the one that the bearer's spend key draws on. */
export function addFeedbackRoute(app: FastifyInstance, paying: Paying): void {
  const { api } = paying;
  app.post('/v1/feedback', async (request, reply) => {
    const payer = payerOf(request, paying);
    const { query_id: queryId, read_key: readKey, x_private: isPrivate, ...words } = readBody(request.body);
    try {
      const own = { queryId, readKey, private: isPrivate, ...words };
      const result = await giveFeedback(api, own, WAIT, payer.feedbackTerms(queryId));
      return { object: 'synod.feedback', ...feedbackResultJson(result) };
    } catch (error) {
      // It may be on its way: what is repeated by itself would be refused as given twice.
      return sendOpenAiError(reply, error, { retry: false });
    }
  });
}

function readBody(body: unknown): z.output<typeof Body> {
  const json = parseJson(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
  if (!json.ok) throw new SynodError('PARSE_ERROR', json.problem);
  const parsed = Body.safeParse(json.value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.');
  const param = name === undefined || name === '' ? null : name.slice(0, 64);
  throw new SynodError('INVALID_PARAMS', `${param ?? 'The body'}: ${issue?.message ?? 'not accepted'}. ${SHAPE}`, {
    facts: { param },
  });
}
