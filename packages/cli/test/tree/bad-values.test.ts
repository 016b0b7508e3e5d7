/** Every flag and argument of every command, wrong in every way: one message, a next line, the right exit code, at once. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createProgram } from '../../src/main.ts';
import { EXIT } from '../../src/terminal/exit-codes.ts';
import { badCases, type Case, isRefused, leafCommands, type Places } from './bad-values.ts';
import type { Outcome } from './run-cases.ts';

/** Commands that begin to work without asking a node: of these only what the tree refuses is typed. */
const AT_ONCE =
  /^(?:devnet|devnet chaos|simulate.*|experiment.*|expert (?:train|eval|build|ask)|model (?:fetch|personal.*)|signer|doctor|service.*|backup.*|init)$/;

/** A message that is no bug's: what, and below it why or what next. */
function complaint({ placeholder, value }: Case, { code, stderr, stdout }: Outcome): string | null {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const crosses = lines.filter((line) => line.startsWith('✖')).length;
  if (code === null) return 'does not end, or ends with an exception nobody caught';
  if (code === EXIT.ok) return isRefused(placeholder, value) ? 'is accepted' : null;
  if (crosses !== 1) return `has ${crosses} messages`;
  if (lines.length < 2) return 'has no next line';
  if (/\n\s+at .+:\d+:\d+|with --debug to see where/.test(stderr)) return 'is a defect';
  if (stdout !== '' && stderr === '') return 'is told on stdout';
  if (isRefused(placeholder, value) && code !== EXIT.usage) return `ends with ${code}`;
  return Object.values(EXIT).includes(code as never) ? null : `ends with the unknown code ${code}`;
}

function places(t: TestContext): Places & { readonly base: string } {
  const base = mkdtempSync(join(tmpdir(), 'synod-bad-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  mkdirSync(join(base, 'empty'));
  mkdirSync(join(base, 'work'));
  writeFileSync(join(base, 'file.json'), '{}');
  chmodSync(join(base, 'file.json'), 0o600);
  return { base, folder: join(base, 'empty'), file: join(base, 'file.json'), missing: join(base, 'missing', 'none') };
}

function runCases(base: string, cases: readonly Case[]): Promise<readonly Outcome[]> {
  const list = join(base, 'cases.json');
  writeFileSync(list, JSON.stringify(cases.map(({ argv }) => argv)));
  const home = join(base, 'home');
  const { PATH, TMPDIR } = process.env;
  const env = {
    ...{ PATH, ...(TMPDIR === undefined ? {} : { TMPDIR }), HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home },
    ...{ XDG_CACHE_HOME: home, NO_COLOR: '1', SYNOD_RPC_URL: 'http://127.0.0.1:9' },
  };
  const options = { env, cwd: join(base, 'work'), maxBuffer: 1 << 28 };
  return new Promise((done, fail) => {
    const child = execFile(
      process.execPath,
      [join(import.meta.dirname, 'run-cases.ts'), list],
      options,
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

test('every flag and argument, wrong in every way', async (t) => {
  const where = places(t);
  const program = createProgram();
  const cases = badCases(program, where).filter(
    ({ command, placeholder, value }) => !AT_ONCE.test(command) || isRefused(placeholder, value),
  );
  const outcomes = await runCases(where.base, cases);
  const wrong = outcomes.flatMap((outcome, index) => {
    const said = complaint(cases[index]!, outcome);
    const line = outcome.argv
      .map((word) => JSON.stringify(word.length > 40 ? `${word.slice(0, 40)}…` : word))
      .join(' ');
    return said === null ? [] : [`${line} ${said} (${outcome.code}): ${outcome.stderr.slice(0, 300)}`];
  });
  assert.deepEqual(wrong, []);
  assert.equal(outcomes.length, cases.length, 'a case ended the process');
  const covered = new Set(cases.map(({ command }) => command));
  const bare = leafCommands(program).filter((command) =>
    command.options.some(({ flags }) => flags.includes('<folder>')),
  );
  assert.ok(covered.size >= bare.length);
  const slow = outcomes
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, 5)
    .map(({ argv, ms }) => `${ms} ms ${argv.join(' ').slice(0, 60)}`);
  t.diagnostic(slow.join(', '));
  t.diagnostic(`${cases.length} command lines of ${covered.size} commands`);
});
