/**
 * Looks for a seed that fails, among those that it reads as a JSON list from its standard input, in that order. Owns nothing: mutation.ts runs it as
 * a process of its own over a changed copy of the source, and reads its lines of JSON: `{at}` before each seed, one of `{seed, kind, text}` at the
 * end, `seed` null for none.
 */
import { text } from 'node:stream/consumers';
import { runSchedule } from './schedule.ts';

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

function failureOf(seed: number): { readonly kind: string; readonly text: string } | null {
  try {
    const [violation] = runSchedule({ seed }).violations;
    return violation ?? null;
  } catch (error) {
    return { kind: 'hostThrew', text: error instanceof Error ? error.message : String(error) };
  }
}

let found: object = { seed: null };
for (const seed of JSON.parse(await text(process.stdin)) as readonly number[]) {
  say({ at: seed });
  const failure = failureOf(seed);
  if (failure === null) continue;
  found = { seed, kind: failure.kind, text: failure.text.slice(0, 300) };
  break;
}
say(found);
