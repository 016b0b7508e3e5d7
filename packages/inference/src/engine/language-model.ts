/**
 * The causal language model as a function: tokens and a key-value cache in, logits and a longer cache out.
 * Owns the graph's inputs and outputs and the caches' memory; sampling and templates are elsewhere.
 */
import { join } from 'node:path';
import type { LlamaShape } from '../models/manifest.ts';
import { freeTensor, type InferenceSession, int32Tensor, int64Tensor, openSession, Tensor } from './session.ts';

/** Keys and values of the tokens read so far. Whoever holds one frees it with `release`. */
export type Cache = { readonly length: number; readonly tensors: Readonly<Record<string, Tensor>> };

export type LanguageModel = {
  readonly shape: LlamaShape;
  emptyCache(): Cache;
  /**
   * Reads `ids` after `cache`. Returns one row of logits for the last id, or for each id (`rows: 'all'`), and the longer
   * cache. The given cache stays valid.
   */
  forward(
    cache: Cache,
    ids: readonly number[],
    rows: 'last' | 'all',
  ): Promise<{ logits: Float32Array[]; cache: Cache }>;
  release(cache: Cache): void;
  close(): Promise<void>;
};

/** Opens `generate.onnx` of a model folder. */
export async function openLanguageModel(directory: string, shape: LlamaShape): Promise<LanguageModel> {
  const session = await openSession(join(directory, 'generate.onnx'));
  const lora = zeroLora(shape);
  return {
    shape,
    emptyCache: () => emptyCache(shape),
    forward: (cache, ids, rows) => forward({ session, shape, lora }, { cache, ids, rows }),
    release: (cache) => {
      for (const tensor of Object.values(cache.tensors)) freeTensor(tensor);
    },
    close: () => session.release(),
  };
}

type Graph = { readonly session: InferenceSession; readonly shape: LlamaShape; readonly lora: Record<string, Tensor> };

async function forward(
  { session, shape, lora }: Graph,
  { cache, ids, rows }: { cache: Cache; ids: readonly number[]; rows: 'last' | 'all' },
): Promise<{ logits: Float32Array[]; cache: Cache }> {
  const length = cache.length + ids.length;
  const selected = rows === 'all' ? ids.map((_, i) => i) : [ids.length - 1];
  const outputs = await session.run({
    input_ids: int64Tensor(ids, [1, ids.length]),
    seqlens_k: int32Tensor([length - 1], [1]),
    total_len: int32Tensor([length], [1]),
    sel: int64Tensor(selected, [selected.length]),
    ...cache.tensors,
    ...lora,
  });
  const tensors: Record<string, Tensor> = {};
  for (const [past, present] of cacheNames(shape)) tensors[past] = outputs[present] as Tensor;
  const flat = outputs['logits']!.data as Float32Array;
  const logits = selected.map((_, i) => flat.subarray(i * shape.vocabulary, (i + 1) * shape.vocabulary));
  return { logits, cache: { length, tensors } };
}

function cacheNames({ layers }: LlamaShape): [past: string, present: string][] {
  return Array.from({ length: layers }, (_, i) => i).flatMap((i) =>
    ['key', 'value'].map((part): [string, string] => [`past.${i}.${part}`, `present.${i}.${part}`]),
  );
}

function emptyCache(shape: LlamaShape): Cache {
  const dimensions = [1, shape.keyValueHeads, 0, shape.headSize];
  const entries = cacheNames(shape).map(([past]) => [past, new Tensor('float32', new Float32Array(0), dimensions)]);
  return { length: 0, tensors: Object.fromEntries(entries) };
}

/** Adapter factors are graph inputs; zeros make the base model. */
function zeroLora({ layers, hidden, keyValueHeads, headSize, loraRank }: LlamaShape): Record<string, Tensor> {
  const zeros = (rows: number, columns: number) =>
    new Tensor('float32', new Float32Array(layers * rows * columns), [layers, rows, columns]);
  return {
    lora_qA: zeros(hidden, loraRank),
    lora_qB: zeros(loraRank, hidden),
    lora_vA: zeros(hidden, loraRank),
    lora_vB: zeros(loraRank, keyValueHeads * headSize),
  };
}
