/** An expert's card as JSON: what the chain has of it and what the node's files tell. Owns schema and conversion. */
import type { Expert } from '@synod/chain';
import { z } from 'zod';
import type { ExpertCard, ReputationView } from '../node-api.ts';
import { AddressText, Count, Decimal, decimal, HexHash, Ratio, ratio } from './scalars.ts';
import { ExpertProfileJson, expertProfileJson } from './transaction.ts';

/** What the chain has of an expert: its profile, and how it stands. */
export const ExpertRecordJson = z.strictObject({
  address: AddressText,
  ...ExpertProfileJson.shape,
  bond: Decimal,
  registeredAt: Decimal,
  status: z.enum(['active', 'paused', 'retired']),
  /** Queries it was selected for and is not done with. */
  active: Count,
  /** Silent assignments in a row; last height at which it is left out for them, "0" when it is not. */
  breaker: z.strictObject({ failures: Count, openUntil: Decimal }),
  /** Height at which a retired expert's bond is paid out; "0" before it retires. */
  releaseAt: Decimal,
});

export function expertRecordJson(expert: Expert): z.output<typeof ExpertRecordJson> {
  const { address, profile, bond, registeredAt, status, active, breaker, releaseAt } = expert;
  return {
    address,
    ...expertProfileJson(profile),
    bond: decimal(bond),
    registeredAt: decimal(registeredAt),
    status,
    active,
    breaker: { failures: breaker.failures, openUntil: decimal(breaker.openUntil) },
    releaseAt: decimal(releaseAt),
  };
}

export const ExpertCardJson = z.strictObject({
  ...ExpertRecordJson.shape,
  reputation: z.strictObject({ mean: Ratio, answers: Count }).nullable(),
  /** Whether it answers through the node that was asked; only then generation and adapter are known. */
  hosted: z.boolean(),
  generation: z
    .strictObject({ instruction: z.string(), temperature: z.number(), topP: z.number(), maxTokens: Count })
    .nullable(),
  /** The base model, where the node that was asked runs it. */
  model: z
    .strictObject({ name: z.string(), hash: HexHash, parameters: z.int(), licence: z.string(), backend: z.string() })
    .nullable(),
  /** The data behind its answers, where the node has it. */
  knowledge: z
    .strictObject({
      title: z.string(),
      sources: z.array(z.strictObject({ id: z.string(), title: z.string(), licence: z.string(), version: z.string() })),
      /** Figures measured on this very knowledge. */
      scores: z.record(z.string(), z.number()),
    })
    .nullable(),
  adapter: z
    .strictObject({ hash: HexHash, licence: z.string(), steps: Count, seed: Count, dataHash: HexHash })
    .nullable(),
});

/** The JSON of a card. */
export type ExpertCardJson = z.output<typeof ExpertCardJson>;

export function expertCardJson(card: ExpertCard, reputations: readonly ReputationView[]): ExpertCardJson {
  const { expert, isHosted, profile, model, knowledge, adapter } = card;
  const [reputation] = reputations.filter(({ domain }) => domain === expert.profile.domain);
  return {
    ...expertRecordJson(expert),
    reputation: reputation === undefined ? null : reputationJson(reputation),
    hosted: isHosted,
    generation: profile,
    model: model === null ? null : { ...model, hash: `0x${model.hash}` },
    knowledge:
      knowledge === null
        ? null
        : { title: knowledge.title, sources: [...knowledge.sources], scores: { ...knowledge.scores } },
    adapter: adapter === null ? null : { ...adapter, hash: `0x${adapter.hash}`, dataHash: `0x${adapter.dataHash}` },
  };
}

function reputationJson({ reputation }: ReputationView): { mean: string; answers: number } {
  return { mean: ratio(betaMeanPpm(reputation)), answers: reputation.answers };
}

/** Mean of a Beta pair, in millionths. */
export function betaMeanPpm({ alpha, beta }: { readonly alpha: number; readonly beta: number }): number {
  const sum = BigInt(alpha) + BigInt(beta);
  return sum === 0n ? 0 : Number((BigInt(alpha) * 1_000_000n) / sum);
}
