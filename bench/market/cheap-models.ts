/** Copies of a model folder that a cheat might run in its place. Owns how they are made worse: the graph, the tokenizer and the adapters' base stay. */
import { copyFile, mkdtemp, open, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredTensor } from '../../packages/inference/src/models/onnx/weight-file.ts';
import { readManifest } from '../../packages/inference/src/models/store/manifest-file.ts';
import { readStoredTensors } from '../../packages/inference/src/models/store/stored-tensors.ts';
import { createPrng } from '../../packages/inference/src/models/tiny/prng.ts';

/**
 * `three-bit`: the lowest bit of every weight's code is noise. `three-bit-few`: so in the last four layers. `fewer-layers`: the last
 * six layers add nothing.
 */
export type CheapKind = 'three-bit' | 'three-bit-few' | 'fewer-layers';

export type CheapModel = { readonly directory: string; remove(): Promise<void> };

const FEW_LAYERS = 4;
const LAYERS_LESS = 6;

export async function makeCheapModel(source: string, kind: CheapKind): Promise<CheapModel> {
  const directory = await mkdtemp(join(tmpdir(), `synod-${kind}-`));
  for (const name of await readdir(source)) {
    if (name !== 'weights.bin') await symlink(join(source, name), join(directory, name));
  }
  await copyFile(join(source, 'weights.bin'), join(directory, 'weights.bin'));
  const { layers, hidden, feedForward } = (await readManifest(source)).architecture;
  const file = await open(join(directory, 'weights.bin'), 'r+');
  try {
    for (const [name, tensor] of await readStoredTensors(source)) {
      const change = changeOf(kind, name, layers);
      const columns = name.includes('.down.') ? feedForward : hidden;
      if (change !== null) await rewrite(file, tensor, (bytes) => change(bytes, { dims: tensor.dims, columns }));
    }
  } finally {
    await file.close();
  }
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

type Change = (bytes: Uint8Array, of: { dims: readonly number[]; columns: number }) => void;

function changeOf(kind: CheapKind, name: string, layers: number): Change | null {
  const parts = /^layer(\d+)\.\w+\.(codes|scales)$/.exec(name);
  if (parts === null) return null;
  const [layer, what] = [Number(parts[1]), parts[2]];
  if (kind === 'fewer-layers') {
    const isOutput = name.includes('.attentionOutput.') || name.includes('.down.');
    return what === 'scales' && isOutput && layer >= layers - LAYERS_LESS ? (bytes) => void bytes.fill(0) : null;
  }
  if (what !== 'codes' || (kind === 'three-bit-few' && layer < layers - FEW_LAYERS)) return null;
  return (bytes, of) => loseLowestBit(bytes, of, layer);
}

/** Only in the blocks that hold weights: those after them correct the blocks' minimums (corrected-matrix.ts). */
function loseLowestBit(bytes: Uint8Array, { dims, columns }: Parameters<Change>[1], seed: number): void {
  const prng = createPrng(seed);
  const [, blocks, blockBytes] = dims.map(Number) as [number, number, number];
  const weighed = columns / (2 * blockBytes);
  for (let at = 0; at < bytes.length; at++) {
    if (Math.floor(at / blockBytes) % blocks >= weighed) continue;
    bytes[at] = (bytes[at]! & 0xee) | (prng.uint32() & 0x11);
  }
}

async function rewrite(
  file: Awaited<ReturnType<typeof open>>,
  { offset, bytes: length }: StoredTensor,
  change: (bytes: Uint8Array) => void,
): Promise<void> {
  const bytes = new Uint8Array(length);
  await file.read(bytes, 0, length, offset);
  change(bytes);
  await file.write(bytes, 0, length, offset);
}
