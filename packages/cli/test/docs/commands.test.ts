/** The documentation and the command line say the same: every command in a page parses, and the reference is the tree's. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cliReference, REFERENCE_FILE } from '../../../../docs/reference/make-cli.ts';
import { createProgram } from '../../src/command-line.ts';
import { isGroup } from '../../src/tree/everywhere.ts';
import { everyCommand, wordsOf } from '../../src/tree/flags.ts';
import { root } from '../command.ts';
import { parseWords, synodCommands } from '../tree/parse-line.ts';
import { documented } from './markdown.ts';

/** Pages that tell how something was, not how it is. */
const PAST = /^(?:CHANGELOG\.md|docs\/adr\/)/;

const pages = globSync(['*.md', 'docs/**/*.md', 'ops/**/*.{md,yml,service}', 'packages/*/README.md'], { cwd: root })
  .filter((path) => !PAST.test(path))
  .toSorted();

test('every command line in the documentation parses', async (t) => {
  const wrong: string[] = [];
  let count = 0;
  for (const page of pages) {
    for (const { line, at, isMention } of documented(readFileSync(join(root, page), 'utf8'))) {
      for (const words of synodCommands(line)) {
        count += 1;
        const error = isMention ? mentionError(words) : (await parseWords(words)).error;
        if (error !== null && !isVersion(words)) wrong.push(`${page}:${at}: synod ${words.join(' ')}: ${error}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 150, `${count}`);
  t.diagnostic(`${count} command lines in ${pages.length} pages`);
});

const isVersion = (words: readonly string[]): boolean => ['--version', '-V'].includes(words[0] ?? '');

/** A mention in a sentence may leave arguments out; its words and flags must be there. */
function mentionError(words: readonly string[]): string | null {
  let command = createProgram();
  const rest = [...words];
  for (let word = rest[0]; word !== undefined; word = rest[0]) {
    const child = command.commands.find((each) => each.name() === word);
    if (child === undefined) break;
    command = child;
    rest.shift();
  }
  const name = ['synod', ...wordsOf(command)].join(' ');
  const isMetavar = /^(?:…|[A-Z.|<[(])/.test(rest[0] ?? '');
  if (command.commands.length > 0 && rest.length > 0 && !rest[0]!.startsWith('-') && !isMetavar) {
    // A sentence may name several at once: create|list.
    const unknown = rest[0]!.split('|').find((word) => !command.commands.some((each) => each.name() === word));
    if (command.registeredArguments.length === 0 && unknown !== undefined)
      return `"${name}" has no command "${unknown}"`;
  }
  const flags = rest.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split('=')[0]!);
  const known = [...command.options.flatMap(({ long, short }) => [long, short]), '--help', '-h'];
  const unknown = flags.find((flag) => !known.includes(flag));
  return unknown === undefined ? null : `"${name}" has no flag "${unknown}"`;
}

test('docs/reference/cli.md is what the tree says', () => {
  const page = readFileSync(REFERENCE_FILE, 'utf8');
  assert.ok(page === cliReference(), 'it is old: run  node bootstrap.mjs run docs/reference/make-cli.ts');
});

test('every command stands in the reference with every flag', () => {
  const page = readFileSync(REFERENCE_FILE, 'utf8');
  const sections = new Map(page.split(/^## /m).map((text) => [text.split('\n')[0]!, text]));
  for (const command of everyCommand(createProgram())) {
    if (command.parent === null || command.name().startsWith('__') || isGroup(command)) continue;
    const text = sections.get(['synod', ...wordsOf(command)].join(' '));
    assert.ok(text !== undefined, wordsOf(command).join(' '));
    for (const { long, hidden, helpGroupHeading } of command.options) {
      if (!hidden && helpGroupHeading === undefined)
        assert.ok(text.includes(`${long}`), `${text.slice(0, 40)} ${long}`);
    }
  }
});

test('a wrong command line in a page is found', async () => {
  const page =
    'Run `synod ask --form x` or\n\n```sh\n./synod devnet --validator 4\n$ synod ask "hi" | cat\n```\n\n```console\n$ synod stat\nsynod is quiet\n```\n';
  const found = documented(page);
  assert.deepEqual(
    found.map(({ line }) => line),
    ['synod ask --form x', './synod devnet --validator 4', 'synod ask "hi" | cat', 'synod stat'],
  );
  assert.match(mentionError(synodCommands(found[0]!.line)[0]!) ?? '', /no flag "--form"/);
  assert.match((await parseWords(synodCommands(found[1]!.line)[0]!)).error ?? '', /--validator/);
  assert.equal((await parseWords(synodCommands(found[2]!.line)[0]!)).error, null);
  assert.match((await parseWords(synodCommands(found[3]!.line)[0]!)).error ?? '', /unknown command/);
});
