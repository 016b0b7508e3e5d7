/**
 * The experts a devnet starts with: for each validator a general one and one per domain, all on the same base model, told apart
 * by how they write, what they know and what they ask for. Owns those settings.
 */
import { type Hash, ZERO_HASH } from '@synod/chain';
import type { ExpertSetup, GenerationProfile } from '@synod/inference';
import type { DevnetDomain } from './domains.ts';

export type ExpertPlan = {
  readonly name: string;
  readonly domain: string;
  readonly setup: ExpertSetup;
  readonly knowledgeRoot: Hash;
  readonly knowledgeSize: number;
  readonly adapterHash: Hash;
  /** Nano per byte of prompt and of answer. */
  readonly priceInPerByte: bigint;
  readonly priceOutPerByte: bigint;
  readonly priceQuotePerByte: bigint;
};

/** The domain without knowledge: answers are the model's own. */
export const GENERAL = 'general';

const MAX_TOKENS = 64;
const PRICE_IN_PER_BYTE = 500n;
const PRICE_QUOTE_PER_BYTE = 3_000n;

type Style = Pick<GenerationProfile, 'instruction'> & { readonly priceOutPerByte: bigint };

const STYLES: readonly Style[] = [
  { instruction: '', priceOutPerByte: 6_000n },
  { instruction: 'Answer in one short sentence.', priceOutPerByte: 7_000n },
  { instruction: '', priceOutPerByte: 5_000n },
  { instruction: 'Answer in one short sentence.', priceOutPerByte: 6_500n },
];

/**
 * What validator `index` hosts: general-a or general-b …, geography-a …; styles repeat after the fourth. Of the experts of a domain
 * every other one quotes alone, the others may put words of the model before a long quote.
 */
export function expertPlans(
  index: number,
  domains: readonly DevnetDomain[],
  hasGeneral: boolean,
): readonly ExpertPlan[] {
  const { priceOutPerByte, instruction } = STYLES[index % STYLES.length]!;
  const letter = String.fromCharCode('a'.charCodeAt(0) + index);
  const plan = (domain: DevnetDomain | null): ExpertPlan => ({
    name: `${domain?.name ?? GENERAL}-${letter}`,
    domain: domain?.name ?? GENERAL,
    setup: {
      // Greedy, so that a verifier can tell whose words they are (spec: verification).
      profile: { instruction, temperature: 0, topP: 1, maxTokens: domain !== null && index % 2 === 0 ? 0 : MAX_TOKENS },
      knowledge: domain?.knowledge ?? null,
      adapter: domain?.adapter?.file ?? null,
    },
    knowledgeRoot: domain?.root ?? ZERO_HASH,
    knowledgeSize: domain?.size ?? 0,
    adapterHash: domain?.adapter?.hash ?? ZERO_HASH,
    priceInPerByte: PRICE_IN_PER_BYTE,
    priceOutPerByte,
    priceQuotePerByte: PRICE_QUOTE_PER_BYTE,
  });
  return [...(hasGeneral ? [plan(null)] : []), ...domains.map(plan)];
}
