/** The whole tree of commands: help that begins with examples which parse, `--json`, and names that nothing else has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import { createProgram } from '../../src/command-line.ts';
import { isHidden, keyOf } from '../../src/settings/config-keys.ts';
import { isGroup } from '../../src/tree/everywhere.ts';
import { everyCommand, wordsOf } from '../../src/tree/flags.ts';
import { parseWords, synodCommands } from './parse-line.ts';

/** Commands whose output is no data: a script for a shell, names for such a script. */
const WITHOUT_JSON = ['completion', '__complete'];

const program = createProgram();
const commands = everyCommand(program);
const nameOf = (command: Command): string => ['synod', ...wordsOf(command)].join(' ');

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

const examplesOf = (command: Command): readonly string[] => {
  const [, block = ''] = /^\s*Examples:\n((?: {2}.*\n)+)/.exec(helpOf(command)) ?? [];
  return block
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
};

test('the help of every command begins with examples, and each of them parses', async () => {
  assert.ok(commands.length > 60);
  const wrong: string[] = [];
  for (const command of commands) {
    const examples = examplesOf(command);
    if (examples.length === 0) wrong.push(`${nameOf(command)}: no examples`);
    for (const example of examples) {
      // What an example does stands behind two spaces, without a #.
      const [line = ''] = example.split(/ {3,}|(?<=[^ ]) {2}(?=[a-z])/);
      const [words] = synodCommands(line);
      if (words === undefined) wrong.push(`${nameOf(command)}: no command in "${line}"`);
      else if (line !== 'synod --version') {
        const { error } = await parseWords(words);
        if (error !== null) wrong.push(`${nameOf(command)}: "${line}": ${error}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test('an example of a command is of that command', () => {
  const wrong = commands
    .filter((command) => command.parent !== null && !isGroup(command))
    .filter((command) => !examplesOf(command).some((example) => `${example} `.includes(`${nameOf(command)} `)));
  assert.deepEqual(wrong.map(nameOf), []);
});

test('every command that prints data has --json', () => {
  const without = commands
    .filter((command) => !isGroup(command) && !WITHOUT_JSON.includes(command.name()))
    .filter((command) => !command.options.some(({ long }) => long === '--json'));
  assert.deepEqual(without.map(nameOf), []);
});

test('every command and every flag says what it is', () => {
  const silent = commands.flatMap((command) => [
    ...(command.description() === '' ? [nameOf(command)] : []),
    ...command.options
      .filter(({ description }) => description === '')
      .map(({ flags }) => `${nameOf(command)} ${flags}`),
  ]);
  assert.deepEqual(silent, []);
});

test('no flag is there twice', () => {
  for (const command of commands) {
    const keys = command.parent === null ? [] : command.options.map(keyOf);
    assert.equal(new Set(keys).size, keys.length, nameOf(command));
  }
});

test('a line that no command takes does not parse', async () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['synod aks hi', /unknown command 'aks'/],
    ['synod ask hi --form bob', /unknown option '--form'/],
    ['synod ask', /missing required argument/],
    ['synod ask one two', /too many arguments/],
    ['synod stake delegate val-1', /required option/],
    ['synod stake delegate val-1 --amount much', /amount/],
    ['synod start --mdns maybe', /Choose on or off/],
  ];
  for (const [line, message] of wrong) {
    const [words = []] = synodCommands(line);
    assert.match((await parseWords(words)).error ?? 'parsed', message, line);
  }
});

test('command lines are taken apart as a shell does', () => {
  assert.deepEqual(synodCommands('echo "Explain rain." | ./synod ask - --json > out.json # all of it'), [
    ['ask', '-', '--json'],
  ]);
  assert.deepEqual(synodCommands(`SYNOD_LOG=debug synod ask "what's \\"this\\"?" && synod status`), [
    ['ask', `what's "this"?`],
    ['status'],
  ]);
  assert.deepEqual(synodCommands('git clone synod'), []);
});

test('a group shows its help: with --help it is asked for, without it is misuse', async () => {
  for (const command of commands.filter((each) => isGroup(each))) {
    const words = wordsOf(command);
    assert.equal((await parseWords([...words, '--help'])).error, null, nameOf(command));
    assert.notEqual((await parseWords(words)).error, null, nameOf(command));
  }
});

test('commands for machines are not in any help', () => {
  for (const command of commands.filter(isHidden))
    assert.doesNotMatch(helpOf(command.parent!), new RegExp(command.name()));
});
