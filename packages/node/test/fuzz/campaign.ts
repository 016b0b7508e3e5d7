/**
 * One target under many inputs. Owns the loop and what is required of every answer: it comes, soon, and leaves no memory behind.
 * SYNOD_FUZZ_RUNS (default 100,000) and SYNOD_FUZZ_SEED (a number) set the size and the seed.
 */
import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { Keeper, readCorpus } from './corpus.ts';
import { cook, recipe } from './mutations.ts';

export type Target = {
  readonly name: string;
  /** Well-formed inputs, which the damages start from, besides those kept. */
  readonly good: readonly Uint8Array[];
  /** Answers an input and says in which way; throws when the answer breaks the target's promise. */
  readonly answer: (bytes: Uint8Array) => string;
  /** How often one answer reads its input, where that is more than once: the limit on time is for one reading. */
  readonly readings?: number;
};

const limits = {
  /** Slowest answer allowed, milliseconds: far above a loaded machine's, far below what would stall a node. */
  answerMs: 1_500,
  /** Memory that may remain after a campaign, bytes. */
  leftoverBytes: 64 * 1024 * 1024,
} as const;

export const runs = Number(process.env.SYNOD_FUZZ_RUNS ?? 100_000);
export const campaignSeed = Number(process.env.SYNOD_FUZZ_SEED ?? 2_026);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Runs a campaign; a failure shows the shrunk input in hex. */
export function campaign(target: Target): { readonly ways: number; readonly slowestMs: number } {
  const known = readCorpus(target.name);
  const corpus = [...target.good, ...known];
  assert.ok(corpus.length > 0, `no good input for ${target.name}`);
  const keeper = new Keeper(target.name, known);
  for (const bytes of corpus) keeper.know(target.answer(bytes));
  collectGarbage();
  const before = process.memoryUsage();
  let slowestMs = 0;
  const property = fc.property(recipe, (made) => {
    const bytes = cook(made, corpus);
    const startedAt = performance.now();
    try {
      keeper.saw(target.answer(bytes), bytes);
    } catch (error) {
      throw new Error(`${target.name}: ${String(error)} on ${Buffer.from(bytes).toString('hex')}`, { cause: error });
    }
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  });
  fc.assert(property, { numRuns: runs, seed: campaignSeed, verbose: 0 });
  assert.ok(
    slowestMs < (target.readings ?? 1) * limits.answerMs,
    `${target.name}: an input took ${slowestMs.toFixed(0)} ms`,
  );
  collectGarbage();
  const after = process.memoryUsage();
  const left = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  assert.ok(left < limits.leftoverBytes, `${target.name}: ${left} bytes remained`);
  keeper.save();
  return { ways: keeper.ways, slowestMs };
}
