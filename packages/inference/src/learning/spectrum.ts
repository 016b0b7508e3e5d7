/**
 * Spectral screen: how much of a change lies in one direction. Owns the arithmetic (spec: learning §7.1 d). What is planted with a few
 * strong examples tends to need one direction; what many facts teach is spread.
 */
import { type FactorShape, factorDims } from '../adapters/lora-factors.ts';
import { factorSizes } from './fixed-factors.ts';
import { gateLimits } from './gate-limits.ts';

/**
 * Of the factors qB and vB the larger share, 0 … 1, that the strongest direction of each layer has in the factor's energy over all
 * layers. 0 for no change. `change` in any unit, laid out as `FixedFactors`.
 */
export function spectralShare(shape: FactorShape, change: Int32Array): number {
  const { q } = factorSizes(shape);
  return Math.max(
    shareOf(change.subarray(0, q), factorDims(shape, 'qB')),
    shareOf(change.subarray(q), factorDims(shape, 'vB')),
  );
}

function shareOf(values: Int32Array, [layers, rank, width]: readonly [number, number, number]): number {
  let strongest = 0;
  let energy = 0;
  for (let layer = 0; layer < layers; layer++) {
    const gram = gramOf(values.subarray(layer * rank * width, (layer + 1) * rank * width), rank, width);
    strongest += largestEigenvalue(gram, rank);
    for (let i = 0; i < rank; i++) energy += gram[i * rank + i]!;
  }
  return energy === 0 ? 0 : strongest / energy;
}

/** B·Bᵀ, rank × rank: its eigenvalues are the squares of B's singular values. */
function gramOf(values: Int32Array, rank: number, width: number): Float64Array {
  const gram = new Float64Array(rank * rank);
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let at = 0; at < width; at++) sum += values[i * width + at]! * values[j * width + at]!;
      gram[i * rank + j] = sum;
      gram[j * rank + i] = sum;
    }
  }
  return gram;
}

/** By power iteration from a start that no symmetry of small matrices is orthogonal to. */
function largestEigenvalue(matrix: Float64Array, size: number): number {
  let vector = Float64Array.from({ length: size }, (_, i) => 1 + 1 / (i + 2));
  let value = 0;
  for (let step = 0; step < gateLimits.spectrumSteps; step++) {
    const next = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) next[i]! += matrix[i * size + j]! * vector[j]!;
    }
    const length = Math.hypot(...next);
    if (length === 0) return 0;
    vector = next.map((one) => one / length);
    value = length;
  }
  return value;
}
