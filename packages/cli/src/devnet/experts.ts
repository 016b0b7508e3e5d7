/**
 * The experts a devnet starts with: one per validator, all on the same base model, told apart by how they write and what
 * they ask for. Owns those settings and the model id that stands for them.
 */
import { fromHex, type Hash, taggedHash } from '@synod/chain';
import type { GenerationProfile } from '@synod/inference';

export type ExpertPlan = {
  readonly name: string;
  readonly domain: string;
  readonly profile: GenerationProfile;
  /** Nano per byte of prompt and of answer. */
  readonly priceInPerByte: bigint;
  readonly priceOutPerByte: bigint;
};

const MAX_TOKENS = 64;
const DOMAIN = 'general';

const STYLES: readonly (Pick<GenerationProfile, 'instruction' | 'temperature' | 'topP'> & {
  readonly priceOutPerByte: bigint;
})[] = [
  { instruction: '', temperature: 0, topP: 1, priceOutPerByte: 6_000n },
  { instruction: 'Answer in one short sentence.', temperature: 0, topP: 1, priceOutPerByte: 7_000n },
  { instruction: '', temperature: 0.3, topP: 0.9, priceOutPerByte: 5_000n },
  { instruction: 'Answer in one short sentence.', temperature: 0.3, topP: 0.9, priceOutPerByte: 6_500n },
];

/** general-a, general-b, …: styles repeat after the fourth. */
export function expertPlan(index: number): ExpertPlan {
  const { priceOutPerByte, ...style } = STYLES[index % STYLES.length]!;
  return {
    name: `${DOMAIN}-${String.fromCharCode('a'.charCodeAt(0) + index)}`,
    domain: DOMAIN,
    profile: { ...style, maxTokens: MAX_TOKENS },
    priceInPerByte: 500n,
    priceOutPerByte,
  };
}

/** What a verifier must re-run: the base model's hash with the generation profile in its one JSON form. */
export function modelIdOf(modelHash: string, profile: GenerationProfile): Hash {
  const { instruction, temperature, topP, maxTokens } = profile;
  const text = JSON.stringify([instruction, temperature, topP, maxTokens]);
  return taggedHash('synod/model/1', fromHex(modelHash), new TextEncoder().encode(text));
}
