/**
 * Looks for the first seed that fails, and prints it as one line of JSON. Owns nothing: mutation.ts runs it as a process
 * of its own over a changed copy of the source.
 */
import { runSchedule } from './schedule.ts';

const [first = 1, last = 100] = process.argv.slice(2).map(Number);

for (let seed = first; seed <= last; seed++) {
  const { ok, violations } = runSchedule({ seed });
  if (ok) continue;
  const [violation] = violations;
  process.stdout.write(`${JSON.stringify({ seed, kind: violation?.kind, text: violation?.text.slice(0, 300) })}\n`);
  process.exit(0);
}
process.stdout.write(`${JSON.stringify({ seed: null })}\n`);
