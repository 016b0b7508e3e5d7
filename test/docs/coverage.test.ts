/**
 * Every command that a page names is run by a test or declared with a reason: typed commands as they stand, mentions by the command that
 * they name. Running is docs.test.ts, the reasons are in declared.ts.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { synodCommands } from '../../packages/cli/test/tree/parse-line.ts';
import { root } from '../e2e/devnet-process.ts';
import { commandPaths, isCommand } from './command-paths.ts';
import { declarationOf, declared } from './declared.ts';
import { readDocument } from './document.ts';
import { commandsOfComments, type FoundCommand, foundCommands } from './found-commands.ts';
import { followed, pages } from './pages.ts';

const read = (page: string): string => readFileSync(join(root, page), 'utf8');

type Run = { readonly typed: ReadonlySet<string>; readonly paths: ReadonlySet<string> };

/** What following these pages types: commands word for word, and the commands of the tree that they run. */
function runBy(texts: readonly string[]): Run {
  const paths = texts.flatMap((text) => synodCommands(text).flatMap((words) => commandPaths(words)));
  return { typed: new Set(texts), paths: new Set(paths) };
}

function typedIn(page: string): readonly string[] {
  const commands = readDocument(read(page)).flatMap((step) => (step.kind === 'console' ? step.commands : []));
  return commands.map(({ text }) => text).filter((text) => declarationOf(page, text) === null);
}

/** `show NAME` behind `./synod expert list` is `expert show NAME`; what is no command of that group says its own. */
function inGroupOf(first: string, command: string): string {
  const [name = ''] = command.split(' ');
  for (
    let group = commandPaths(synodCommands(first)[0]!)[0]!.split(' ');
    group.length > 0;
    group = group.slice(0, -1)
  ) {
    const [path] = commandPaths([...group.slice(0, -1), ...name.split(' ')]);
    if (path!.split(' ').length === group.length && isCommand(path!)) return [...group.slice(0, -1), command].join(' ');
  }
  return command;
}

const fullText = ({ text, after }: FoundCommand): string =>
  after === undefined ? text : `./synod ${inGroupOf(after, text)}`;

/** Why a command is neither run nor declared; null where it is. */
function leftOver(page: string, found: FoundCommand, run: Run): string | null {
  const { isTyped } = found;
  const text = fullText(found);
  const declaration = declarationOf(page, text);
  if (declaration !== null) return declaration.check(text);
  if (isTyped) return followed.includes(page) && run.typed.has(text) ? null : 'is not run';
  if (run.typed.has(text)) return null;
  const commands = /^(?:\.\/)?synod /.test(text) ? synodCommands(text) : [];
  if (commands.length === 0) return 'is not run';
  const missing = commands.flatMap((words) => commandPaths(words)).filter((path) => !run.paths.has(path));
  return missing.length === 0 ? null : `names "${missing.join('", "')}", which no page runs`;
}

const run = runBy(followed.flatMap(typedIn));

test('every command of every page is run or declared', (t) => {
  let count = 0;
  const left = pages.flatMap((page) => {
    const text = read(page);
    const commands = page.endsWith('.md') ? foundCommands(text) : commandsOfComments(text);
    count += commands.length;
    return commands.flatMap((command) => {
      const why = leftOver(page, command, run);
      return why === null ? [] : `${page}:${command.line}: ${command.text}: ${why}`;
    });
  });
  assert.deepEqual(left, []);
  assert.ok(count > 300, `${count}`);
  t.diagnostic(`${count} commands in ${pages.length} pages`);
});

test('every declaration is for a command that is there', () => {
  const unused = new Set(declared);
  for (const page of pages) {
    const text = read(page);
    for (const found of page.endsWith('.md') ? foundCommands(text) : commandsOfComments(text)) {
      const declaration = declarationOf(page, fullText(found));
      if (declaration !== null) unused.delete(declaration);
    }
  }
  assert.deepEqual(
    [...unused].map(({ command }) => String(command)),
    [],
  );
  for (const { why } of declared) assert.ok(why.length >= 7, why);
});

test('a command that is neither run nor declared is found, wherever it stands', () => {
  const page = [
    'Type `synod validator rotate` or `npm run nothing`, or `node bench/none.ts`; `node` is a name.',
    '| `./synod expert list`, `train DOMAIN`, `frobnicate` | a list |',
    '    synod stake delegate val-1 --amount 3',
    '```console',
    '$ curl -s http://127.0.0.1:9545/x \\',
    '    -d 1',
    'synod prints this',
    '```',
    '```sh',
    'docker build -f ops/None .',
    '```',
  ].join('\n');
  const found = foundCommands(page).map((each) => [each.line, fullText(each), leftOver('docs/x.md', each, runBy([]))]);
  assert.deepEqual(found, [
    [1, 'synod validator rotate', null],
    [1, 'npm run nothing', 'is not run'],
    [1, 'node bench/none.ts', 'names bench/none.ts, which is not there'],
    [2, './synod expert list', 'names "expert list", which no page runs'],
    [2, './synod expert train DOMAIN', null],
    [2, './synod frobnicate', 'names "", which no page runs'],
    [3, 'synod stake delegate val-1 --amount 3', 'is not run'],
    [6, 'curl -s http://127.0.0.1:9545/x \\\n    -d 1', 'is not run'],
    [10, 'docker build -f ops/None .', 'names ops/None, which is not there'],
  ]);
  const ran = runBy(['(umask 077; ./synod expert list)']);
  assert.equal(leftOver('docs/x.md', { line: 1, text: 'synod expert list', isTyped: false }, ran), null);
});
