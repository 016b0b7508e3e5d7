/**
 * Who answers and who judges in the market's recordings. Owns names and settings alone; degraded-folder.ts makes the lesser knowledge,
 * lies.ts writes what the malicious say.
 */
import type { GenerationProfile } from '../../packages/inference/src/client/protocol.ts';

export const DOMAINS = ['geography', 'chemistry', 'medicine', 'programming'] as const;
export type DomainName = (typeof DOMAINS)[number];

/** An expert that a worker answers for. */
export type Answerer = {
  readonly name: string;
  readonly kind: 'good' | 'lesser' | 'generic' | 'bad';
  /** Share of the passages it keeps; null for an expert without knowledge. */
  readonly share: number | null;
  /** Tells subsets of the same share apart. */
  readonly seed: string;
  /** The expert of the next domain answers. */
  readonly isStranger: boolean;
  readonly maxTokens: number;
  /** Whether it writes with its domain's adapter. */
  readonly isAdapted: boolean;
};

/** As a devnet's experts write (cli/src/devnet/experts.ts). */
const MAX_TOKENS = 64;
/** The bare model needs about 30 ms a token. */
const GENERIC_TOKENS = 24;

const answerer = (name: string, kind: Answerer['kind'], rest: Partial<Answerer>): Answerer => ({
  name,
  kind,
  share: 1,
  seed: name,
  isStranger: false,
  maxTokens: MAX_TOKENS,
  isAdapted: true,
  ...rest,
});

export const ANSWERERS: readonly Answerer[] = [
  answerer('good', 'good', {}),
  answerer('quoting', 'good', { maxTokens: 0 }),
  answerer('lesser-85', 'lesser', { share: 0.85, maxTokens: 0 }),
  answerer('lesser-70', 'lesser', { share: 0.7 }),
  answerer('lesser-70b', 'lesser', { share: 0.7, maxTokens: 0 }),
  answerer('lesser-55', 'lesser', { share: 0.55, maxTokens: 0 }),
  answerer('lesser-40', 'lesser', { share: 0.4 }),
  answerer('generic', 'generic', { share: null, maxTokens: GENERIC_TOKENS, isAdapted: false }),
  answerer('generic-long', 'generic', { share: null, isAdapted: false }),
  answerer('generic-adapted', 'generic', { share: null, maxTokens: GENERIC_TOKENS }),
  answerer('stranger', 'bad', { isStranger: true }),
];

/** The domain whose expert the stranger is. */
export function strangersDomain(domain: DomainName): DomainName {
  return DOMAINS[(DOMAINS.indexOf(domain) + 1) % DOMAINS.length]!;
}

export const profileOf = ({ maxTokens }: Answerer): GenerationProfile => ({
  instruction: '',
  temperature: 0,
  topP: 1,
  maxTokens,
});

/** A scorer: the judge with a share of the domain's published knowledge. */
export type Judge = { readonly name: string; readonly share: number; readonly seed: string };

export const JUDGES: readonly Judge[] = [
  { name: 'full', share: 1, seed: 'full' },
  { name: 'judge-80a', share: 0.8, seed: 'judge-80a' },
  { name: 'judge-80b', share: 0.8, seed: 'judge-80b' },
  { name: 'judge-60', share: 0.6, seed: 'judge-60' },
];
