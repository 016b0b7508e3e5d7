/**
 * Which expert domain a prompt belongs to, or none, and how hard it looks. Owns the decision; nothing of the prompt is ever executed
 * or generated from here. The same model on one machine routes a prompt the same way every time.
 */
import type { JobControl } from '../engine/control.ts';
import { type ClassifierFile, createClassifier, NONE } from './classifier.ts';
import coefficients from './coefficients.json' with { type: 'json' };
import { difficultyPpm } from './difficulty.ts';
import { limits } from './limits.ts';
import { claimOf, type OwnDomain } from './own-domains.ts';
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

/** Whether the weights know a domain; any other is found from its knowledge. */
export const isFittedDomain = (domain: string): boolean => classifier.classes.includes(domain);

/** `own`: domains with knowledge on this machine that nothing was fitted on. */
export async function route(
  embed: Embed,
  prompt: string,
  control: JobControl,
  own: readonly OwnDomain[] = [],
): Promise<Route> {
  const read = shorten(prompt);
  const [vector] = await embed([read], control);
  const probabilities = classifier.probabilities(read, vector!);
  const fitted = classifier.classes.map((domain, i) => ({ domain, share: probabilities[i]! }));
  return decide(await withClaims(fitted, read, own, control), prompt);
}

type Share = { readonly domain: string; readonly share: number };

/** Every own domain takes what it claims of what the others leave it. */
async function withClaims(
  fitted: readonly Share[],
  prompt: string,
  own: readonly OwnDomain[],
  control: JobControl,
): Promise<readonly Share[]> {
  let shares = fitted;
  for (const one of own.slice(0, limits.ownDomainsMax)) {
    const claim = await claimOf(prompt, one, { isKnown: classifier.knowsName, control });
    const left = shares.map(({ domain, share }) => ({ domain, share: (1 - claim) * share }));
    shares = [...left, { domain: one.domain, share: claim }];
  }
  return shares;
}

function decide(shares: readonly Share[], prompt: string): Route {
  const ranked = shares.toSorted((a, b) => b.share - a.share);
  const top = ranked[0]!;
  return {
    domain: top.domain === NONE ? null : top.domain,
    probabilities: ranked
      .filter(({ domain }) => domain !== NONE)
      .map(({ domain, share }) => ({ domain, ppm: Math.round(1_000_000 * share) })),
    difficultyPpm: difficultyPpm(prompt, top.share),
  };
}
