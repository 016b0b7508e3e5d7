/** An adapter file whose factor B is random, so that the adapter changes what is written. */
import { writeAdapter } from '../../src/adapters/adapter-file.ts';
import { baseModelHash } from '../../src/adapters/base-model.ts';
import { factorDims, genesisFactors, type LoraFactors } from '../../src/adapters/lora-factors.ts';
import type { ModelManifest } from '../../src/models/manifest.ts';
import { createPrng } from '../../src/models/tiny/prng.ts';

/** Writes `path` and returns it. `overrides` replace what the file says about itself. */
export async function randomAdapter(
  path: string,
  { manifest, seed, overrides = {} }: { manifest: ModelManifest; seed: number; overrides?: object },
): Promise<string> {
  const shape = manifest.architecture;
  const prng = createPrng(seed);
  const random = (factor: 'qB' | 'vB') => {
    const [layers, rows, columns] = factorDims(shape, factor);
    return Float32Array.from({ length: layers * rows * columns }, () => prng.signed());
  };
  const about = {
    formatVersion: 1,
    domain: 'test',
    licence: 'Apache-2.0',
    baseModel: baseModelHash(manifest),
    shape,
    trained: 'B',
    factorSeed: 1,
    seed: 1,
    steps: 1,
    dataHash: '0'.repeat(64),
  } as const;
  const factors: LoraFactors = { ...genesisFactors(shape, 1), qB: random('qB'), vB: random('vB') };
  await writeAdapter(path, { about: { ...about, ...overrides }, factors });
  return path;
}
