/**
 * The low-rank factors of an adapter: their shapes, and factor A from a seed. Owns what a seed stands for; training
 * them is training/, storing them adapter-file.ts.
 */
import type { LlamaShape } from '../models/manifest.ts';
import { createPrng } from '../models/tiny/prng.ts';

/**
 * Four stacks of matrices, row by row, shaped as the graphs' inputs of the same names: qA and vA [layers, hidden, rank],
 * qB [layers, rank, hidden], vB [layers, rank, keyValueHeads · headSize]. B is already scaled: the change of a
 * projection is x·A·B.
 */
export type LoraFactors = {
  readonly qA: Float32Array;
  readonly qB: Float32Array;
  readonly vA: Float32Array;
  readonly vB: Float32Array;
};

export type FactorName = keyof LoraFactors;

export const FACTOR_NAMES = ['qA', 'qB', 'vA', 'vB'] as const satisfies readonly FactorName[];

/** The dimensions that factors depend on. */
export type FactorShape = Pick<LlamaShape, 'layers' | 'hidden' | 'keyValueHeads' | 'headSize' | 'loraRank'>;

/** Width of key and value projections. */
export function keyValueWidth(shape: FactorShape): number {
  return shape.keyValueHeads * shape.headSize;
}

/** [layers, rows, columns] of a factor. */
export function factorDims(shape: FactorShape, name: FactorName): readonly [number, number, number] {
  const { layers, hidden, loraRank } = shape;
  switch (name) {
    case 'qA':
    case 'vA':
      return [layers, hidden, loraRank];
    case 'qB':
      return [layers, loraRank, hidden];
    case 'vB':
      return [layers, loraRank, keyValueWidth(shape)];
  }
}

/** Largest magnitude of the integers that factor A is made of. */
const GENESIS_CODE_MAX = 127;

/**
 * The factors that training starts from: A follows from `seed` alone, B is zero, so the adapter changes nothing yet.
 * A's entries are integers of −127 … 127, drawn with equal probability, times 1 / √(hidden · their variance): the same
 * bits on every machine. Clause: docs/spec/training.md T2.
 */
export function genesisFactors(shape: FactorShape, seed: number): LoraFactors {
  const codes = 2 * GENESIS_CODE_MAX + 1;
  const scale = Math.fround(1 / Math.sqrt((shape.hidden * (codes * codes - 1)) / 12));
  const prng = createPrng(seed);
  const random = (name: FactorName) =>
    Float32Array.from({ length: size(shape, name) }, () => ((prng.uint32() % codes) - GENESIS_CODE_MAX) * scale);
  return {
    qA: random('qA'),
    vA: random('vA'),
    qB: new Float32Array(size(shape, 'qB')),
    vB: new Float32Array(size(shape, 'vB')),
  };
}

function size(shape: FactorShape, name: FactorName): number {
  return factorDims(shape, name).reduce((product, length) => product * length, 1);
}
