/**
 * An ONNX causal model with the usual names (input_ids, attention_mask, position_ids, past_key_values.N.key and .value → logits,
 * present.N.key and .value) as the engine's language model. Owns its inputs, outputs and caches of 32 or 16 bits; one sequence a pass.
 */
import { join } from 'node:path';
import type { ForeignBackend } from '../../models/backends/backend-file.ts';
import type { LlamaShape } from '../../models/manifest.ts';
import { EngineError } from '../errors.ts';
import type { LanguageModel } from '../language-model.ts';
import { limits } from '../limits.ts';
import type { Rows, Sequence } from '../sequence.ts';
import { freeTensor, type InferenceSession, int64Tensor, openSession, Tensor } from '../session.ts';

type OnnxBackend = Extract<ForeignBackend, { kind: 'onnx' }>;
type CacheType = 'float32' | 'float16';
type Cache = Readonly<Record<string, Tensor>>;

const PLAIN_INPUTS = ['input_ids', 'attention_mask', 'position_ids'];
const CACHE_TYPES: readonly string[] = ['float32', 'float16'];
const CACHE_INPUT = /^past_key_values\.\d+\.(key|value)$/;

/** Opens the graph. Throws MODEL_ERROR when it cannot be loaded, wants inputs or gives outputs that are not understood, or is not what its configuration says. */
export async function openOnnxModel(backend: OnnxBackend): Promise<LanguageModel> {
  const path = join(backend.folder, backend.graph);
  const session = await openSession(path);
  const problem = problemOf(session) ?? sizeProblem(session, backend);
  if (problem !== undefined) {
    await session.release();
    throw new EngineError(
      'MODEL_ERROR',
      `${path} is no causal model of the usual form: ${problem}. Export it for text generation with its key-value cache, and keep its own config.json beside it.`,
      { facts: { path } },
    );
  }
  const open = new Set<Sequence>();
  return {
    shape: shapeOf(backend),
    open: (_adapter, tokensMax) => openSequence(session, backend, { tokensMax, open }),
    isShared: () => false,
    close: () => session.release(),
  };
}

function problemOf({ inputNames, outputNames }: InferenceSession): string | undefined {
  const unknown = inputNames.find((name) => !PLAIN_INPUTS.includes(name) && !CACHE_INPUT.test(name));
  const lacks = ['input_ids', 'past_key_values.0.key'].find((name) => !inputNames.includes(name));
  const cacheOutputs = inputNames.filter((name) => CACHE_INPUT.test(name)).map(presentOf);
  const silent = ['logits', ...cacheOutputs].find((name) => !outputNames.includes(name));
  if (unknown !== undefined) return `it wants the input ${unknown}`;
  if (lacks !== undefined) return `it has no input ${lacks}`;
  return silent === undefined ? undefined : `it has no output ${silent}`;
}

/** The graph's own sizes, where it tells them, against those of the configuration: they may be of two models. */
function sizeProblem(
  { inputMetadata }: InferenceSession,
  { keyValueHeads, headSize }: OnnxBackend,
): string | undefined {
  const due = { 1: keyValueHeads, 3: headSize };
  for (const input of inputMetadata) {
    if (!CACHE_INPUT.test(input.name) || !input.isTensor) continue;
    if (!CACHE_TYPES.includes(input.type)) return `${input.name} is of type ${input.type}`;
    if (input.shape.length !== 4) return `${input.name} has ${input.shape.length} dimensions`;
    for (const [axis, size] of Object.entries(due)) {
      const own = input.shape[Number(axis)];
      if (typeof own === 'number' && own > 0 && own !== size) {
        return `its keys and values have ${own} where config.json says ${size}`;
      }
    }
  }
  return undefined;
}

/** What the engine reads of a shape; sizes that only the project's own graph has are zero. */
function shapeOf({ layers, keyValueHeads, headSize, vocabulary, contextTokens, parameters }: OnnxBackend): LlamaShape {
  const own = { hidden: 0, feedForward: 0, heads: 0, ropeTheta: 0, normEpsilon: 0, loraRank: 0 };
  return { ...own, layers, keyValueHeads, headSize, vocabulary, contextTokens, parameters, beginToken: 0, endToken: 0 };
}

function openSequence(
  session: InferenceSession,
  backend: OnnxBackend,
  { tokensMax, open }: { readonly tokensMax: number; readonly open: Set<Sequence> },
): Sequence {
  let cache = emptyCache(session, backend);
  let length = 0;
  const replace = (next: Cache): void => {
    for (const tensor of Object.values(cache)) freeTensor(tensor);
    cache = next;
  };
  const sequence: Sequence = {
    get length() {
      return length;
    },
    adopt: async () => 0,
    chunkTokens: () => (open.size > 1 ? limits.prefillChunkTokens : limits.densePrefillAloneTokens),
    read: async (ids, rows) => {
      if (ids.length === 0 || length + ids.length > tokensMax) {
        throw new RangeError('a sequence reads at least one token and at most what it was opened for');
      }
      const outputs = await run(session, feeds(session, cache, { ids, length }));
      replace(
        Object.fromEntries(Object.keys(cache).map((name) => [name, readable(outputs[presentOf(name)] as Tensor)])),
      );
      length += ids.length;
      return logitsOf(outputs['logits'] as Tensor, ids.length, rows);
    },
    keep: () => {},
    truncate: (kept) => {
      if (kept >= length) return;
      replace(Object.fromEntries(Object.entries(cache).map(([name, tensor]) => [name, cropped(tensor, kept)])));
      length = kept;
    },
    close: () => {
      replace({});
      open.delete(sequence);
    },
  };
  open.add(sequence);
  return sequence;
}

/** A graph of somebody else's that fails says so in the runtime's words. */
async function run(session: InferenceSession, inputs: Record<string, Tensor>): Promise<InferenceSession.ReturnType> {
  try {
    return await session.run(inputs);
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new EngineError(
      'MODEL_ERROR',
      `The model failed: ${why}. See that config.json and tokenizer.json are its own, or name another --model.`,
      { cause },
    );
  }
}

const presentOf = (past: string): string => past.replace('past_key_values', 'present');

function emptyCache(session: InferenceSession, { keyValueHeads, headSize }: OnnxBackend): Cache {
  const entries = session.inputMetadata.flatMap((input) => {
    if (!CACHE_INPUT.test(input.name) || !input.isTensor) return [];
    return [[input.name, cacheTensor(input.type as CacheType, [1, keyValueHeads, 0, headSize])] as const];
  });
  return Object.fromEntries(entries);
}

/** Zeros of either width. */
function cacheTensor(type: CacheType, dims: readonly number[]): Tensor {
  const length = dims.reduce((product, size) => product * size, 1);
  if (type === 'float32') return new Tensor(type, new Float32Array(length), dims);
  return readable(new Tensor(type, new Uint16Array(length), dims));
}

/** The runtime's binding reads 16-bit floats as plain bits alone, but gives and keeps them as a Float16Array. */
function readable(tensor: Tensor): Tensor {
  if (tensor.type !== 'float16') return tensor;
  const { buffer, byteOffset, length } = tensor.data as Uint16Array;
  const data = new Uint16Array(buffer, byteOffset, length);
  return { type: tensor.type, dims: tensor.dims, location: 'cpu', data } as unknown as Tensor;
}

function feeds(
  session: InferenceSession,
  cache: Cache,
  { ids, length }: { readonly ids: readonly number[]; readonly length: number },
): Record<string, Tensor> {
  const total = length + ids.length;
  const all: Record<string, Tensor> = {
    input_ids: int64Tensor(ids, [1, ids.length]),
    attention_mask: int64Tensor(new Array<number>(total).fill(1), [1, total]),
    position_ids: int64Tensor(
      ids.map((_, i) => length + i),
      [1, ids.length],
    ),
  };
  return { ...Object.fromEntries(Object.entries(all).filter(([name]) => session.inputNames.includes(name))), ...cache };
}

/** The first `kept` positions of every head. */
function cropped(tensor: Tensor, kept: number): Tensor {
  const [, heads, length, size] = tensor.dims as [number, number, number, number];
  const from = tensor.data as Float32Array | Uint16Array;
  const crop = cacheTensor(tensor.type as CacheType, [1, heads, kept, size]);
  const data = crop.data as Float32Array;
  for (let head = 0; head < heads; head++) {
    data.set(from.subarray(head * length * size, (head * length + kept) * size), head * kept * size);
  }
  return crop;
}

/** Some graphs give logits for the last position only. */
function logitsOf(tensor: Tensor, added: number, rows: Rows): Float32Array[] {
  const [, given, vocabulary] = tensor.dims as [number, number, number];
  if (rows !== 'last' && given !== added) {
    throw new EngineError('MODEL_ERROR', 'This model gives logits for the last token alone, so it cannot judge texts.');
  }
  const raw = tensor.data as Float32Array | Uint16Array;
  const flat =
    raw instanceof Float32Array
      ? raw
      : new Float32Array(new Float16Array(raw.buffer as ArrayBuffer, raw.byteOffset, raw.length));
  const row = (at: number) => flat.subarray(at * vocabulary, (at + 1) * vocabulary);
  const wanted = rows === 'all' ? added : rows === 'last' ? 1 : rows;
  return Array.from({ length: wanted }, (_, at) => row(given - wanted + at));
}
