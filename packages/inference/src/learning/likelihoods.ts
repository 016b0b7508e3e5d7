/** ln p of given tokens from logits. Owns the session that computes them (likelihood-graph.ts); what is read is probe-model.ts' business. */
import { freeTensor, int64Tensor, openSession, Tensor } from '../engine/session.ts';
import { likelihoodGraph } from '../models/graphs/likelihood-graph.ts';

export type Likelihoods = {
  /** ln p of `targets[i]` in row i; both are as many, at least one. */
  ofTargets(rows: readonly Float32Array[], targets: readonly number[]): Promise<Float32Array>;
  /** The same, and ln p of every token in the first row. */
  withFirst(
    rows: readonly Float32Array[],
    targets: readonly number[],
  ): Promise<{ readonly chosen: Float32Array; readonly first: Float32Array }>;
  close(): Promise<void>;
};

/** Errors: EngineError MODEL_ERROR. */
export async function openLikelihoods(vocabulary: number): Promise<Likelihoods> {
  const session = await openSession(likelihoodGraph(vocabulary));
  const run = async (wanted: readonly string[], rows: readonly Float32Array[], targets: readonly number[]) => {
    const logits = joined(rows, vocabulary);
    const outputs = await session.run({ logits, targets: int64Tensor(targets, [targets.length]) }, wanted);
    freeTensor(logits);
    return outputs as Readonly<Record<string, Tensor>>;
  };
  const floats = (tensor: Tensor | undefined) => tensor!.data as Float32Array;
  return {
    ofTargets: async (rows, targets) => floats((await run(['chosen'], rows, targets))['chosen']),
    withFirst: async (rows, targets) => {
      const outputs = await run(['chosen', 'first'], rows, targets);
      return { chosen: floats(outputs['chosen']), first: floats(outputs['first']) };
    },
    close: () => session.release(),
  };
}

function joined(rows: readonly Float32Array[], vocabulary: number): Tensor {
  const all = new Float32Array(rows.length * vocabulary);
  for (const [i, row] of rows.entries()) all.set(row, i * vocabulary);
  return new Tensor('float32', all, [rows.length, vocabulary]);
}
