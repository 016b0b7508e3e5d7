/** Pairs of prompts that differ in a protected attribute alone. Owns what bias is measured as (spec: learning §7.1 e, §11). */
import type { Reader } from './measure-general.ts';
import type { BiasPair } from './probes.ts';

/** Mean absolute difference of the two losses, in nats a token; 0 without pairs. */
export async function readBias(read: Reader, pairs: readonly BiasPair[]): Promise<number> {
  const sides = pairs.flatMap(({ a, b, answer }) => [a, b].map((prompt) => ({ prompt, answers: [answer] })));
  const losses = (await read(sides)).map((reading) => reading.losses[0]!);
  const sum = pairs.reduce((all, _, i) => all + Math.abs(losses[2 * i]! - losses[2 * i + 1]!), 0);
  return pairs.length === 0 ? 0 : sum / pairs.length;
}
