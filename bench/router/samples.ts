/** Prompts as inputs of the fit, with what every class of prompts weighs. Owns names, prototypes and weights of the fit; the arithmetic is regression.ts. */
import { inputOf, type Marks, NAMES_SIZE } from '../../packages/inference/src/routing/classifier.ts';
import { createNameFilter } from '../../packages/inference/src/routing/name-filter.ts';
import { decodePoints, encodePoints, summarise } from '../../packages/inference/src/routing/prototypes.ts';
import { shorten } from '../../packages/inference/src/routing/shorten.ts';
import { CLASSES, type Prompt } from './prompts.ts';
import type { Sample } from './regression.ts';

/** Weight of prompts with their names against the same without. */
const NAMED_SHARE = 0.75;
/** Prototypes a class. */
const POINTS = 96;

/** Each class's prototypes as they stand in the file. */
export function pointsOf(prompts: readonly Prompt[], vectors: readonly Float32Array[]): string[] {
  return CLASSES.map((name) =>
    encodePoints(
      summarise(
        vectors.filter((_, i) => prompts[i]!.label === name),
        POINTS,
      ),
    ),
  );
}

export const marksOf = (names: readonly string[], points: readonly string[], width: number): Marks => ({
  filters: names.map(createNameFilter),
  prototypes: points.map((one) => decodePoints(one, width)),
});

/** Once as it is and once as if its names were unknown: the router must not lean on names alone. */
export function samplesOf(prompts: readonly Prompt[], vectors: readonly Float32Array[], marks: Marks): Sample[] {
  const counts = CLASSES.map((name) => prompts.filter(({ label }) => label === name).length);
  return prompts.flatMap(({ text, label, origin }, i): Sample[] => {
    const k = CLASSES.indexOf(label as (typeof CLASSES)[number]);
    // What people might write counts more than what templates fill in; every class counts alike in the sum.
    const weight = (origin === 'template' || origin === 'passage' ? 1 : 2) / (counts[k]! * CLASSES.length);
    const vector = inputOf(shorten(text), vectors[i]!, marks);
    const width = vectors[i]!.length;
    const nameless = vector.map((value, at) =>
      at < width || at >= width + NAMES_SIZE * marks.filters.length ? value : 0,
    );
    return [
      { vector, label: k, weight: NAMED_SHARE * weight },
      { vector: nameless, label: k, weight: (1 - NAMED_SHARE) * weight },
    ];
  });
}
