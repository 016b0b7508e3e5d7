/** One training step as files that both implementations read. Owns what is measured: eight pairs, about 280 tokens. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FACTOR_NAMES, factorDims, genesisFactors } from '../../packages/inference/src/adapters/lora-factors.ts';
import { loadTokenizer } from '../../packages/inference/src/engine/tokenizer.ts';
import type { LlamaShape } from '../../packages/inference/src/models/manifest.ts';
import { readDenseWeights } from '../../packages/inference/src/models/store/dense-weights.ts';
import { readManifest } from '../../packages/inference/src/models/store/manifest-file.ts';
import { createPrng } from '../../packages/inference/src/models/tiny/prng.ts';
import { createBatch, encodeExample } from '../../packages/inference/src/training/batch.ts';

export type StepFile = {
  readonly directory: string;
  readonly shape: LlamaShape;
  readonly trained: readonly string[];
  readonly weights: Readonly<Record<string, readonly number[]>>;
  readonly factors: Readonly<Record<string, readonly number[]>>;
  readonly rows: number;
  readonly columns: number;
  readonly ids: readonly number[];
  readonly cells: readonly number[];
  readonly spots: readonly number[];
  readonly positions: readonly number[];
  readonly targets: readonly number[];
  readonly weightsOfTargets: readonly number[];
};

const PAIRS = [
  ['What is the capital of the country whose largest city is Casablanca?', 'The capital of Morocco is Rabat.'],
  ['Which chemical element melts at the highest temperature of all?', 'Tungsten melts at 3695 K, carbon sublimes.'],
  ['How many people live in the smallest state of South America?', 'About 600 thousand people live in Suriname.'],
  ['What does the status code 404 of a web server tell the browser?', 'Not found: there is nothing at this address.'],
  ['Which river flows through the cities of Vienna and of Budapest?', 'The Danube flows through both of them.'],
  ['What is the usual name of the disease called varicella?', 'Chickenpox is its usual name.'],
  ['Who discovered the element that has the atomic number 88?', 'Marie and Pierre Curie discovered radium.'],
  ['In which year did the first version of the language appear?', 'It appeared in the year 1995.'],
] as const;

/** Writes step.json and the raw tensors of `directory`'s model into `folder`. Returns the padded number of tokens. */
export async function writeStep(folder: string, directory: string): Promise<{ tokens: number; padded: number }> {
  const { architecture: shape } = await readManifest(directory);
  const model = { tokenizer: await loadTokenizer(directory), ...shape };
  const examples = PAIRS.map(([prompt, answer]) => encodeExample({ prompt, answer }, model));
  const batch = createBatch(examples);
  const prng = createPrng(9);
  const genesis = genesisFactors(shape, 1);
  await mkdir(folder, { recursive: true });
  for (const name of FACTOR_NAMES) {
    const values = name.endsWith('A') ? genesis[name] : genesis[name].map(() => 0.02 * prng.signed());
    await writeFile(join(folder, `${name}.bin`), values);
  }
  const dense = await readDenseWeights(directory, shape);
  for (const [name, { data }] of Object.entries(dense)) await writeFile(join(folder, `${name}.bin`), data);
  const { weights, ...inputs } = batch;
  const about: StepFile = {
    directory,
    shape,
    trained: FACTOR_NAMES,
    weights: Object.fromEntries(Object.entries(dense).map(([name, { dims }]) => [name, dims])),
    factors: Object.fromEntries(FACTOR_NAMES.map((name) => [name, factorDims(shape, name)])),
    ...inputs,
    weightsOfTargets: weights,
  };
  await writeFile(join(folder, 'step.json'), JSON.stringify(about));
  return { tokens: examples.reduce((sum, { ids }) => sum + ids.length, 0), padded: batch.cells.length };
}
