/** Runs command lines in one process of their own, in a home of their own, without a terminal. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from './run-cases.ts';

/** The outcomes in the order of the cases; `base` is an existing folder for everything that is written. */
export function runCases(
  base: string,
  cases: readonly (readonly string[])[],
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly Outcome[]> {
  const list = join(base, 'cases.json');
  const work = join(base, 'work');
  mkdirSync(work, { recursive: true });
  writeFileSync(list, JSON.stringify(cases));
  const home = join(base, 'home');
  const { PATH, TMPDIR } = process.env;
  const env = {
    ...{ PATH, ...(TMPDIR === undefined ? {} : { TMPDIR }), HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home },
    ...{ XDG_CACHE_HOME: home, NO_COLOR: '1', SYNOD_RPC_URL: 'http://127.0.0.1:9', ...environment },
  };
  return new Promise((done, fail) => {
    const file = join(import.meta.dirname, 'run-cases.ts');
    const child = execFile(
      process.execPath,
      [file, list],
      { env, cwd: work, maxBuffer: 1 << 28 },
      (error, out, err) => {
        if (error !== null || err !== '') return fail(error ?? new Error(err));
        done(
          out
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line) as Outcome),
        );
      },
    );
    child.stdin?.end();
  });
}
