/**
 * The weights of a llama model as the graphs want them, each written once. Owns their layout in the weight file; the
 * arithmetic on them is in llama-graph.ts.
 */
import { BLOCK_SIZE, type Q4Matrix, type Q8Matrix, stackRows } from '../gguf/blocks.ts';
import type { LlamaShape } from '../manifest.ts';
import { reshaped, type StoredTensor, type WeightFile } from '../onnx/weight-file.ts';
import { correctMatrix } from './corrected-matrix.ts';
import { rotaryTables } from './rotary.ts';

export type LayerVector = 'attentionNorm' | 'feedForwardNorm';
export type LayerMatrix = 'query' | 'key' | 'value' | 'attentionOutput' | 'gate' | 'up' | 'down';

/** Where the weights come from: a GGUF file, or a random generator. Rows are outputs, columns are inputs. */
export type LlamaSource = {
  embedding(): Promise<Q8Matrix>;
  finalNorm(): Promise<Float32Array>;
  vector(layer: number, name: LayerVector): Promise<Float32Array>;
  /** Rows of query and key in the order that rotates halves. */
  matrix(layer: number, name: LayerMatrix): Promise<Q4Matrix>;
};

/** A corrected matrix (corrected-matrix.ts). */
export type LinearTensors = {
  readonly rows: number;
  /** The added ones included. */
  readonly columns: number;
  readonly codes: StoredTensor;
  readonly scales: StoredTensor;
  readonly zeroPoints: StoredTensor;
};

export type LayerTensors = {
  readonly attentionNorm: StoredTensor;
  /** Query rows, then key rows, then value rows. */
  readonly queryKeyValue: LinearTensors;
  readonly attentionOutput: LinearTensors;
  readonly feedForwardNorm: StoredTensor;
  readonly gate: LinearTensors;
  readonly up: LinearTensors;
  readonly down: LinearTensors;
};

export type LlamaTensors = {
  readonly embedding: {
    readonly codes: StoredTensor;
    /** [vocabulary, hidden / 32], for looking up rows. */
    readonly scales: StoredTensor;
    /** The same bytes without dimensions, for the output layer. */
    readonly flatScales: StoredTensor;
  };
  readonly cos: StoredTensor;
  readonly sin: StoredTensor;
  readonly finalNorm: StoredTensor;
  readonly layers: readonly LayerTensors[];
};

/** The same, of a weight file that is there: `stored` by name, as `storeLlama` has named them; null where one is missing. */
export function storedLlama(stored: ReadonlyMap<string, StoredTensor>, layers: number): LlamaTensors | null {
  let isWhole = true;
  const of = (name: string): StoredTensor => {
    const tensor = stored.get(name);
    isWhole &&= tensor !== undefined;
    return tensor ?? NOTHING;
  };
  const linear = (name: string): LinearTensors => {
    const codes = of(`${name}.codes`);
    const [rows = 0, blocks = 0] = codes.dims;
    return {
      rows,
      columns: blocks * BLOCK_SIZE,
      codes,
      scales: of(`${name}.scales`),
      zeroPoints: of(`${name}.zeroPoints`),
    };
  };
  const [codes, scales, flatScales] = [of('embedding.codes'), of('embedding.scales'), of('embedding.scales.flat')];
  const tensors = {
    embedding: { codes, scales, flatScales },
    cos: of('rotary.cos'),
    sin: of('rotary.sin'),
    finalNorm: of('norm'),
    layers: Array.from({ length: layers }, (_, layer) => ({
      attentionNorm: of(`layer${layer}.attentionNorm`),
      queryKeyValue: linear(`layer${layer}.queryKeyValue`),
      attentionOutput: linear(`layer${layer}.attentionOutput`),
      feedForwardNorm: of(`layer${layer}.feedForwardNorm`),
      gate: linear(`layer${layer}.gate`),
      up: linear(`layer${layer}.up`),
      down: linear(`layer${layer}.down`),
    })),
  };
  return isWhole ? tensors : null;
}

const NOTHING: StoredTensor = { name: '', type: 'float32', dims: [], location: '', offset: 0, bytes: 0 };

/** Writes every weight of `source` to `file`; at most one layer's matrix is in memory at a time. */
export async function storeLlama(file: WeightFile, shape: LlamaShape, source: LlamaSource): Promise<LlamaTensors> {
  const embedding = await storeEmbedding(file, await source.embedding());
  const tables = rotaryTables({
    positions: shape.contextTokens,
    headSize: shape.headSize,
    theta: shape.ropeTheta,
  });
  const dims = [shape.contextTokens, shape.headSize / 2];
  const cos = await file.append({ name: 'rotary.cos', type: 'float32', dims }, tables.cos);
  const sin = await file.append({ name: 'rotary.sin', type: 'float32', dims }, tables.sin);
  const layers: LayerTensors[] = [];
  for (let layer = 0; layer < shape.layers; layer++) layers.push(await storeLayer(file, source, layer));
  return { embedding, cos, sin, finalNorm: await storeVector(file, 'norm', await source.finalNorm()), layers };
}

async function storeEmbedding(file: WeightFile, matrix: Q8Matrix): Promise<LlamaTensors['embedding']> {
  const { rows, codes, scales } = matrix;
  const blocks = matrix.columns / BLOCK_SIZE;
  const storedCodes = await file.append(
    { name: 'embedding.codes', type: 'uint8', dims: [rows, blocks, BLOCK_SIZE] },
    codes,
  );
  const storedScales = await file.append({ name: 'embedding.scales', type: 'float32', dims: [rows, blocks] }, scales);
  const flatScales = reshaped(storedScales, 'embedding.scales.flat', [rows * blocks]);
  return { codes: storedCodes, scales: storedScales, flatScales };
}

async function storeLayer(file: WeightFile, source: LlamaSource, layer: number): Promise<LayerTensors> {
  const vector = async (name: LayerVector) =>
    storeVector(file, `layer${layer}.${name}`, await source.vector(layer, name));
  const matrix = async (name: string, parts: readonly LayerMatrix[]) => {
    const matrices: Q4Matrix[] = [];
    for (const part of parts) matrices.push(await source.matrix(layer, part));
    return await storeLinear(file, `layer${layer}.${name}`, stackRows(matrices));
  };
  return {
    attentionNorm: await vector('attentionNorm'),
    queryKeyValue: await matrix('queryKeyValue', ['query', 'key', 'value']),
    attentionOutput: await matrix('attentionOutput', ['attentionOutput']),
    feedForwardNorm: await vector('feedForwardNorm'),
    gate: await matrix('gate', ['gate']),
    up: await matrix('up', ['up']),
    down: await matrix('down', ['down']),
  };
}

async function storeVector(file: WeightFile, name: string, values: Float32Array): Promise<StoredTensor> {
  return await file.append({ name, type: 'float32', dims: [values.length] }, values);
}

async function storeLinear(file: WeightFile, name: string, matrix: Q4Matrix): Promise<LinearTensors> {
  const { rows, columns, codes, scales, zeroPoints } = correctMatrix(matrix);
  const blocks = columns / BLOCK_SIZE;
  return {
    rows,
    columns,
    codes: await file.append({ name: `${name}.codes`, type: 'uint8', dims: [rows, blocks, BLOCK_SIZE / 2] }, codes),
    scales: await file.append({ name: `${name}.scales`, type: 'float32', dims: [rows * blocks] }, scales),
    zeroPoints: await file.append({ name: `${name}.zeroPoints`, type: 'uint8', dims: [zeroPoints.length] }, zeroPoints),
  };
}
