/**
 * One run of the generation graph. Owns the graph's inputs and outputs; which sequences run together is turns.ts' business.
 *
 * Attention (GroupQueryAttention) writes the new keys and values into the buffers it reads the old ones from, because both are handed
 * to it as the same memory. The runtime's binding still copies every output once more for JavaScript; those copies are freed at once.
 */
import type { LlamaShape } from '../models/manifest.ts';
import type { LoadedAdapter } from './adapter-store.ts';
import type { BlockTensors } from './cache-block.ts';
import type { Rows } from './sequence.ts';
import { freeTensor, type InferenceSession, int32Tensor, int64Tensor, type Tensor } from './session.ts';

export type ForwardInput = {
  readonly adapter: LoadedAdapter;
  readonly cache: BlockTensors;
  /** Tokens to read, one array a row, all equally long; more than one only with a single row (a limit of the operator). */
  readonly ids: readonly (readonly number[])[];
  /** Tokens each row holds before. */
  readonly lengths: readonly number[];
  readonly rows: Rows;
};

/** Logits of each row: one array for each of the tokens that `rows` names. */
export async function forward(
  session: InferenceSession,
  shape: LlamaShape,
  { adapter, cache, ids, lengths, rows }: ForwardInput,
): Promise<Float32Array[][]> {
  const added = ids[0]!.length;
  const totals = lengths.map((length) => length + added);
  const wanted = rows === 'all' ? added : rows === 'last' ? 1 : rows;
  const selected = Array.from({ length: wanted }, (_, i) => added - wanted + i);
  const outputs = await session.run(
    {
      input_ids: int64Tensor(ids.flat(), [ids.length, added]),
      seqlens_k: int32Tensor(
        totals.map((total) => total - 1),
        [ids.length],
      ),
      total_len: int32Tensor([Math.max(...totals)], [1]),
      sel: int64Tensor(selected, [selected.length]),
      ...adapter.inputs,
      ...cache.past,
    },
    { logits: null, ...cache.present },
  );
  for (const name of Object.keys(cache.present)) freeTensor(outputs[name] as Tensor);
  const flat = outputs['logits']!.data as Float32Array;
  const { vocabulary } = shape;
  return ids.map((_, row) =>
    selected.map((_, i) => {
      const at = (row * selected.length + i) * vocabulary;
      return flat.subarray(at, at + vocabulary);
    }),
  );
}
