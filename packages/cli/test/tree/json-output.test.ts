/** `--json` of every command against a node: one object on stdout, or one error on stderr, and nothing else. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Command } from 'commander';
import { serve } from '../../../rpc/test/fixture/serve.ts';
import * as small from '../../../rpc/test/fixture/small-chain.ts';
import { createProgram } from '../../src/command-line.ts';
import { wordsOf } from '../../src/tree/flags.ts';
import { AT_ONCE, leafCommands, rightWords } from './bad-values.ts';
import { runCases } from './case-runner.ts';
import type { Outcome } from './run-cases.ts';

/** Lines of a stream, not one object: a log as it was written, an export as it is made. */
const STREAMS = ['devnet logs', 'data export'];

/** These must answer: a command that fails shows nothing about its output. */
const READERS: readonly string[] = [
  'status',
  'account show',
  'validator list',
  'validator status',
  'stake show',
  'rewards',
  'params show',
  'params list',
  'expert list',
  'expert show',
  'query show',
  'checkpoint',
  'config show',
  'config path',
];

function complaint({ code, stdout, stderr }: Outcome): string | null {
  if (code === null) return 'does not end';
  if (code === 0) {
    const lines = stdout.split('\n').filter(Boolean);
    if (lines.length !== 1 || !stdout.endsWith('\n')) return `writes ${lines.length} lines`;
    const value = parse(lines[0]!);
    // A proof is a file of its own, with its own format.
    const isKnown = value?.['schemaVersion'] === 1 || typeof value?.['format'] === 'string';
    return isKnown ? null : 'writes no object with schemaVersion';
  }
  if (stdout !== '') return 'writes on stdout and fails';
  const value = parse(stderr.trim());
  if (value === null) return 'fails without one JSON object on stderr';
  const error = value['error'] as Record<string, unknown>;
  const fields = ['code', 'message', 'hint', 'facts', 'exitCode'];
  if (value['schemaVersion'] !== 1 || fields.some((field) => !(field in error))) return 'fails with another object';
  if (error['exitCode'] !== code) return 'says another exit code than it has';
  return error['code'] === 'INTERNAL' ? 'is a defect' : null;
}

function parse(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

test('every command with --json writes one object', async (t) => {
  const base = mkdtempSync(join(tmpdir(), 'synod-json-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  mkdirSync(join(base, 'empty'));
  writeFileSync(join(base, 'file.json'), '{}', { mode: 0o600 });
  const places = { folder: join(base, 'empty'), file: join(base, 'file.json'), missing: join(base, 'none') };
  const { rpc, url } = await serve(t);
  const address = small.validators[0]!.operator;
  const experts = await rpc('expert_list', {});
  const asked = await rpc('query_submit', { prompt: 'What is the capital of France?', from: 'alice' });
  const named: Readonly<Record<string, readonly string[]>> = {
    'account show': [address],
    'stake show': [address],
    'validator status': [address],
    'expert show': [experts.result.items[0].name],
    'query show': [asked.result.queryId],
  };
  const commands = leafCommands(createProgram()).filter((command: Command) => {
    const name = wordsOf(command).join(' ');
    return command.options.some(({ long }) => long === '--json') && !AT_ONCE.test(name) && !STREAMS.includes(name);
  });
  const cases = commands.map((command) => {
    const words = wordsOf(command);
    return [
      ...(words.join(' ') in named ? [...words, ...named[words.join(' ')]!] : rightWords(command, places)),
      '--json',
    ];
  });
  const outcomes = await runCases(base, cases, { SYNOD_RPC_URL: url });
  const wrong = outcomes.flatMap((outcome) => {
    const said = complaint(outcome);
    return said === null
      ? []
      : [
          `${outcome.argv.join(' ')} ${said} (${outcome.code}): ${outcome.stdout.slice(0, 200)}|${outcome.stderr.slice(0, 300)}`,
        ];
  });
  assert.deepEqual(wrong, []);
  assert.equal(outcomes.length, cases.length);
  const answered = commands
    .filter((_, index) => outcomes[index]!.code === 0)
    .map((command) => wordsOf(command).join(' '));
  assert.deepEqual(
    READERS.filter((name) => !answered.includes(name)),
    [],
  );
  t.diagnostic(`${cases.length} commands, of which ${answered.length} answered: ${answered.join(', ')}`);
});
