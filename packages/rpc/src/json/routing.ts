/** How a question found its domain, as JSON. Owns schema and conversion. */
import { z } from 'zod';
import type { Routing } from '../node-api.ts';
import { Ratio, ratio } from './scalars.ts';

export const RoutingJson = z.strictObject({
  by: z.enum(['request', 'router', 'default']),
  /** What the router gave the domain; null when it was not asked, or found the question to belong to none. */
  probability: Ratio.nullable(),
  /** How hard the prompt looks before anything runs. */
  difficulty: Ratio,
  /** Why the router was not followed. */
  note: z.string().nullable(),
});

/** The JSON of a quote's routing; the domain stands beside it. */
export type RoutingJson = z.output<typeof RoutingJson>;

export function routingJson({ by, probabilityPpm, difficultyPpm, note }: Routing): RoutingJson {
  const probability = probabilityPpm === null ? null : ratio(probabilityPpm);
  return { by, probability, difficulty: ratio(difficultyPpm), note };
}
