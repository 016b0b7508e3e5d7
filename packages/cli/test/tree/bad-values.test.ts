/** Every flag and argument of every command, wrong in every way: one message, a next line, the right exit code, at once. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createProgram } from '../../src/command-line.ts';
import { EXIT } from '../../src/terminal/exit-codes.ts';
import { AT_ONCE, badCases, type Case, isRefused, leafCommands, type Places } from './bad-values.ts';
import { runCases } from './case-runner.ts';
import type { Outcome } from './run-cases.ts';

/** A message that is no bug's: what, and below it why or what next. */
function complaint({ metavar, value }: Case, { code, stderr, stdout }: Outcome): string | null {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const crosses = lines.filter((line) => line.startsWith('✖')).length;
  if (code === null) return 'does not end, or ends with an exception nobody caught';
  if (code === EXIT.ok) return isRefused(metavar, value) ? 'is accepted' : null;
  if (crosses !== 1) return `has ${crosses} messages`;
  if (lines.length < 2) return 'has no next line';
  if (/\n\s+at .+:\d+:\d+|with --debug to see where/.test(stderr)) return 'is a defect';
  if (stdout !== '' && stderr === '') return 'is told on stdout';
  if (isRefused(metavar, value) && code !== EXIT.usage) return `ends with ${code}`;
  return Object.values(EXIT).includes(code as never) ? null : `ends with the unknown code ${code}`;
}

function places(t: TestContext): Places & { readonly base: string } {
  const base = mkdtempSync(join(tmpdir(), 'synod-bad-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  mkdirSync(join(base, 'empty'));
  writeFileSync(join(base, 'file.json'), '{}');
  chmodSync(join(base, 'file.json'), 0o600);
  return { base, folder: join(base, 'empty'), file: join(base, 'file.json'), missing: join(base, 'missing', 'none') };
}

test('every flag and argument, wrong in every way', async (t) => {
  const where = places(t);
  const program = createProgram();
  const cases = badCases(program, where).filter(
    ({ command, metavar, value }) => !AT_ONCE.test(command) || isRefused(metavar, value),
  );
  const outcomes = await runCases(
    where.base,
    cases.map(({ argv }) => argv),
  );
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
