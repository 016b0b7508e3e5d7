/**
 * Which expert domain a prompt belongs to, or none, and how hard it looks. Owns the decision; nothing of the prompt is ever executed
 * or generated from here. The same model on one machine routes a prompt the same way every time.
 */
import type { JobControl } from '../engine/control.ts';
import { type ClassifierFile, createClassifier, NONE } from './classifier.ts';
import coefficients from './coefficients.json' with { type: 'json' };
import { difficultyPpm } from './difficulty.ts';
import { shorten } from './shorten.ts';

export type Embed = (texts: readonly string[], control: JobControl) => Promise<Float32Array[]>;

export type Route = {
  /** The most probable domain; null when that is none of them. */
  readonly domain: string | null;
  /** Every domain, most probable first; what is missing to a million is "none of these". */
  readonly probabilities: readonly { readonly domain: string; readonly ppm: number }[];
  readonly difficultyPpm: number;
};

const classifier = createClassifier(coefficients as ClassifierFile);

export async function route(embed: Embed, prompt: string, control: JobControl): Promise<Route> {
  const read = shorten(prompt);
  const [vector] = await embed([read], control);
  return decide(classifier.classes, classifier.probabilities(read, vector!), prompt);
}

function decide(classes: readonly string[], probabilities: readonly number[], prompt: string): Route {
  const top = probabilities.indexOf(Math.max(...probabilities));
  const ranked = classes
    .map((domain, i) => ({ domain, ppm: Math.round(1_000_000 * probabilities[i]!) }))
    .filter(({ domain }) => domain !== NONE)
    .toSorted((a, b) => b.ppm - a.ppm);
  return {
    domain: classes[top] === NONE ? null : classes[top]!,
    probabilities: ranked,
    difficultyPpm: difficultyPpm(prompt, probabilities[top]!),
  };
}
