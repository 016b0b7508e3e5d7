/**
 * Runs many command lines in one process, one after the other, as `main` runs them: a process for each would take minutes.
 * Reads a JSON list of lists of words from the file it is given, prints one JSON object a case.
 */
import { readFileSync, writeSync } from 'node:fs';
import { main } from '../../src/command-line.ts';

export type Outcome = {
  readonly argv: readonly string[];
  /** Null: it had not ended in time. */
  readonly code: number | null;
  readonly ms: number;
  readonly stdout: string;
  readonly stderr: string;
};

const CASE_TIMEOUT_MS = 60_000;
const TEXT_MAX = 4_000;

if (import.meta.main) await runAll(process.argv[2]!);

async function runAll(file: string): Promise<void> {
  process.setMaxListeners(0);
  const environment = { ...process.env };
  const uncaught: string[] = [];
  process.on('uncaughtException', (error) => uncaught.push(String(error.stack)));
  process.on('unhandledRejection', (error) =>
    uncaught.push(error instanceof Error ? String(error.stack) : String(error)),
  );
  for (const argv of JSON.parse(readFileSync(file, 'utf8')) as readonly string[][]) {
    const written = { stdout: '', stderr: '' };
    const write = { stdout: process.stdout.write, stderr: process.stderr.write };
    for (const name of ['stdout', 'stderr'] as const) {
      process[name].write = ((text: string | Uint8Array) => {
        written[name] += String(text);
        return true;
      }) as typeof process.stdout.write;
    }
    const startedMs = performance.now();
    const timeout = Promise.withResolvers<null>();
    const timer = setTimeout(() => timeout.resolve(null), CASE_TIMEOUT_MS);
    const code = await Promise.race([main(argv), timeout.promise]);
    clearTimeout(timer);
    Object.assign(process.stdout, { write: write.stdout });
    Object.assign(process.stderr, { write: write.stderr });
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
    const outcome: Outcome = {
      argv,
      ms: Math.round(performance.now() - startedMs),
      code: uncaught.length > 0 ? null : code,
      stdout: written.stdout.slice(0, TEXT_MAX),
      stderr: (written.stderr + uncaught.splice(0).join('\n')).slice(0, TEXT_MAX),
    };
    writeSync(1, `${JSON.stringify(outcome)}\n`);
    // What still runs would disturb the cases after it.
    if (code === null) break;
  }
  process.exit();
}
