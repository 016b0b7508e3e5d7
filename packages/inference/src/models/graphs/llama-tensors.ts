/**
 * The weights of a llama model as the graphs want them, each written once. Owns their layout in the weight file; the
 * arithmetic on them is in llama-graph.ts.
 *
 * A Q4_1 matrix stays exact: MatMulNBits subtracts 8 from each code, so w·x = d·(q−8)·x + (m + 8d)·Σx over a block.
 * The second part is a small dense matrix of corrections that multiplies the block sums of x.
 */
import { BLOCK_SIZE, type Q4Matrix, type Q8Matrix, stackRows } from '../gguf/blocks.ts';
import type { LlamaShape } from '../manifest.ts';
import { reshaped, type StoredTensor, type WeightFile } from '../onnx/weight-file.ts';
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

export type LinearTensors = {
  readonly rows: number;
  readonly columns: number;
  readonly codes: StoredTensor;
  readonly scales: StoredTensor;
  /** [columns / 32, rows] */
  readonly corrections: StoredTensor;
};

export type LayerTensors = {
  readonly attentionNorm: StoredTensor;
  readonly query: LinearTensors;
  readonly key: LinearTensors;
  readonly value: LinearTensors;
  readonly attentionOutput: LinearTensors;
  readonly feedForwardNorm: StoredTensor;
  /** Gate rows, then up rows. */
  readonly gateAndUp: LinearTensors;
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
  const matrix = async (name: LayerMatrix) =>
    storeLinear(file, `layer${layer}.${name}`, await source.matrix(layer, name));
  const gateAndUp = stackRows(await source.matrix(layer, 'gate'), await source.matrix(layer, 'up'));
  return {
    attentionNorm: await vector('attentionNorm'),
    query: await matrix('query'),
    key: await matrix('key'),
    value: await matrix('value'),
    attentionOutput: await matrix('attentionOutput'),
    feedForwardNorm: await vector('feedForwardNorm'),
    gateAndUp: await storeLinear(file, `layer${layer}.gateAndUp`, gateAndUp),
    down: await matrix('down'),
  };
}

async function storeVector(file: WeightFile, name: string, values: Float32Array): Promise<StoredTensor> {
  return await file.append({ name, type: 'float32', dims: [values.length] }, values);
}

async function storeLinear(file: WeightFile, name: string, matrix: Q4Matrix): Promise<LinearTensors> {
  const { rows, columns, codes, scales } = matrix;
  const blocks = columns / BLOCK_SIZE;
  return {
    rows,
    columns,
    codes: await file.append({ name: `${name}.codes`, type: 'uint8', dims: [rows, blocks, BLOCK_SIZE / 2] }, codes),
    scales: await file.append({ name: `${name}.scales`, type: 'float32', dims: [rows * blocks] }, scales),
    corrections: await file.append(
      { name: `${name}.corrections`, type: 'float32', dims: [blocks, rows] },
      corrections(matrix),
    ),
  };
}

/** m + 8d of every block, transposed to [blocks, rows]. */
function corrections({ rows, columns, scales, minimums }: Q4Matrix): Float32Array {
  const blocks = columns / BLOCK_SIZE;
  const transposed = new Float32Array(rows * blocks);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      transposed[block * rows + row] = minimums[row * blocks + block]! + 8 * scales[row * blocks + block]!;
    }
  }
  return transposed;
}
