/**
 * POST /v1/embeddings (spec: openai §8): sentence vectors by this node's own worker, unpaid. Owns the body's schema and both encodings.
 */
import { SynodError } from '@synod/chain';
import { z } from 'zod';
import { invalidParams } from '../errors.ts';
import type { NodeApi } from '../node-api.ts';
import { parseJson } from '../server/dispatcher.ts';
import { EMBEDDING_MODEL } from './model-ids.ts';
import { BYTES_PER_TOKEN } from './text-cut.ts';

const TEXTS_MAX = 64;
const TEXT_BYTES_MAX = 32_768;

const Text = z
  .string()
  .min(1, 'a text is not empty')
  .refine((text) => text.isWellFormed(), 'a text is valid Unicode')
  .refine((text) => Buffer.byteLength(text, 'utf8') <= TEXT_BYTES_MAX, `a text has at most ${TEXT_BYTES_MAX} bytes`);

const Body = z.looseObject({
  model: z.string().min(1).max(128),
  input: z.union([Text, z.array(Text).min(1).max(TEXTS_MAX)]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().min(1).nullish(),
});

/** Answers one request. Throws `INVALID_PARAMS`, `MODEL_NOT_FOUND`, `EMBEDDINGS_UNAVAILABLE` or `EMBEDDINGS_BUSY`. */
export async function answerEmbeddings(raw: unknown, api: NodeApi): Promise<Record<string, unknown>> {
  const { model, input, encoding_format: encoding, dimensions } = readBody(raw);
  if (model !== EMBEDDING_MODEL) {
    throw new SynodError('MODEL_NOT_FOUND', `"${model}" makes no vectors. Ask "${EMBEDDING_MODEL}".`, {
      facts: { param: 'model' },
    });
  }
  const texts = typeof input === 'string' ? [input] : input;
  const { model: name, vectors } = await api.embed(texts);
  const length = vectors[0]?.length ?? 0;
  if (dimensions !== undefined && dimensions !== null && dimensions !== length) {
    throw invalidParams(`Vectors have ${length} dimensions, not ${dimensions}. Leave "dimensions" out.`, null, {
      param: 'dimensions',
    });
  }
  const tokens = texts.reduce((sum, text) => sum + Math.ceil(Buffer.byteLength(text, 'utf8') / BYTES_PER_TOKEN), 0);
  return {
    object: 'list',
    model,
    x_model: name,
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: encoding === 'base64' ? base64Of(vector) : [...vector],
    })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** Little-endian 32-bit floats, as clients read them. */
function base64Of(vector: Float32Array): string {
  const bytes = Buffer.alloc(4 * vector.length);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, 4 * index);
  return bytes.toString('base64');
}

function readBody(raw: unknown): z.output<typeof Body> {
  const json = parseJson(Buffer.isBuffer(raw) ? raw : Buffer.alloc(0));
  if (!json.ok) throw new SynodError('PARSE_ERROR', json.problem);
  const parsed = Body.safeParse(json.value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const param = issue?.path.join('.') ?? '';
  const isInput = param.startsWith('input') && issue?.code === 'invalid_union';
  const reason = isInput
    ? `text, or a list of 1 to ${TEXTS_MAX} texts of at most ${TEXT_BYTES_MAX} bytes, none empty; token numbers are of another model's tokenizer`
    : (issue?.message ?? 'not accepted');
  throw invalidParams(param === '' ? `The body is not accepted: ${reason}.` : `"${param}": ${reason}.`, null, {
    param,
  });
}
