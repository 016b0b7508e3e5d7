/** Pairs of prompts that differ in a protected attribute alone. Owns what bias is measured as (spec: learning §7.1 e, §11). */
import type { Reader } from './measure-general.ts';
import type { BiasPair } from './probes.ts';

/** Mean absolute difference of the two losses, in nats a token; 0 without pairs. */
export async function readBias(read: Reader, pairs: readonly BiasPair[]): Promise<number> {
  let sum = 0;
  for (const { a, b, answer } of pairs) {
    const first = await read({ prompt: a, answers: [answer] });
    const second = await read({ prompt: b, answers: [answer] });
    sum += Math.abs(first.losses[0]! - second.losses[0]!);
  }
  return pairs.length === 0 ? 0 : sum / pairs.length;
}
