/** The mutation runner: both forms of a mutant, what is no mutant at all, the control, and an early end. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runMutants } from '../src/index.ts';
import { applyMutantFile, listMutants, nameOfMutant } from '../src/mutant-file.ts';

const root = resolve(fileURLToPath(new URL('../../..', import.meta.url)));
const mutants = join(root, 'packages', 'simulator', 'mutants');
/** The first that notices the mutant `skip-on-one`. */
const seeds = { first: 13, last: 13 };
const made: string[] = [];

after(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'synod-patches-'));
  made.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Nothing is ever decided, so any seed notices. As `git diff` prints it, with a document that is no source and so is left alone. */
const noQuorum = `diff --git a/docs/spec/consensus.md b/docs/spec/consensus.md
index 1111111..2222222 100644
--- a/docs/spec/consensus.md
+++ b/docs/spec/consensus.md
@@ -1,1 +1,1 @@
-nothing like this stands there
+nor this
diff --git a/packages/consensus/src/vote-keeper.ts b/packages/consensus/src/vote-keeper.ts
index 1111111..2222222 100644
--- a/packages/consensus/src/vote-keeper.ts
+++ b/packages/consensus/src/vote-keeper.ts
@@ -62,5 +62,5 @@
 
 /** More than two thirds: 3 · power > 2 · total (consensus §1.3). */
 export function isQuorum(power: bigint, total: bigint): boolean {
-  return 3n * power > 2n * total;
+  return 3n * power > 3n * total;
 }
`;

const oneChange = (file: string, find: string, replacement: string) =>
  `title: x\nfile: ${file}\n<<<<\n${find}\n====\n${replacement}\n>>>>\n`;

const voteKeeper = 'packages/consensus/src/vote-keeper.ts';
const harmless = oneChange(voteKeeper, '3n * power > 2n * total', '2n * total < 3n * power');

test('kills with the seed, tells what is no mutant, and the control is clean', async () => {
  const folder = folderWith({
    'a-diff.patch': noQuorum,
    // The seed that it names is not believed.
    'b-harmless.mutant': `seed: ${seeds.first}\n${harmless}`,
    'c-stale.mutant': oneChange('packages/chain/src/index.ts', 'not there', ''),
    'd-wrong-type.mutant': oneChange(voteKeeper, '3n * power > 2n * total', '3n * power'),
    'e-does-not-load.mutant': oneChange(
      voteKeeper,
      'const EMPTY_COUNT',
      "throw new Error('broken');\nconst EMPTY_COUNT",
    ),
    'not-a-mutant.txt': '',
  });
  const told: string[] = [];
  const report = await runMutants({ root, folders: [folder], seeds }, ({ name }, total) =>
    told.push(`${name} ${total}`),
  );
  assert.deepEqual(
    report.results.map(({ name, outcome, seed }) => [name, outcome, seed]),
    [
      ['a-diff', 'killed', seeds.first],
      ['b-harmless', 'survived', null],
      ['c-stale', 'invalid', null],
      ['d-wrong-type', 'invalid', null],
      ['e-does-not-load', 'invalid', null],
    ],
  );
  const how = report.results.map((result) => result.how);
  assert.match(how[2] ?? '', /not found exactly once/);
  assert.match(how[3] ?? '', /does not compile: .*vote-keeper/);
  assert.match(how[4] ?? '', /does not load: .*broken/);
  assert.deepEqual([report.killed, report.survived, report.invalid, report.left], [1, 1, 3, 0]);
  assert.deepEqual([report.controlSeeds, report.controlFailure], [1, null]);
  assert.equal(told.length, 5);
});

test('the seed that a mutant names is run first; one outside the range is none', async () => {
  const deaf = oneChange(voteKeeper, '3n * power > 2n * total', '3n * power > 9n * total');
  const folder = folderWith({ 'a-first.mutant': `seed: 13\n${deaf}`, 'b-outside.mutant': `seed: 99\n${deaf}` });
  const report = await runMutants({ root, folders: [folder], seeds: { first: 12, last: 13 } });
  assert.deepEqual(
    report.results.map(({ outcome, seed, said }) => [outcome, seed, said]),
    [
      ['killed', 13, 13],
      ['killed', 12, 99],
    ],
  );
  assert.deepEqual([report.controlSeeds, report.controlFailure], [2, null]);
});

test('where the unchanged code fails as well, the report says so', async () => {
  const broken = folderWith({});
  const isCopied = (source: string) => !source.endsWith(`${sep}test`);
  cpSync(join(root, 'packages'), join(broken, 'packages'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: isCopied,
  });
  cpSync(join(root, 'tsconfig.base.json'), join(broken, 'tsconfig.base.json'));
  symlinkSync(join(root, 'node_modules'), join(broken, 'node_modules'), 'junction');
  assert.equal(applyMutantFile(join(mutants, 'base-fee-not-burnt.mutant'), broken).problem, null);
  const report = await runMutants({ root: broken, folders: [folderWith({ 'harmless.mutant': harmless })], seeds });
  assert.equal(report.killed, 1);
  assert.equal(report.controlFailure?.seed, seeds.first);
});

test('an ended run reports what was done', async () => {
  const ending = new AbortController();
  const options = {
    root,
    folders: [mutants],
    only: ['base-fee-not-burnt', 'vote-not-synced'],
    seeds,
    signal: ending.signal,
  };
  const report = await runMutants(options, () => ending.abort());
  assert.deepEqual([report.killed, report.left, report.controlSeeds], [1, 1, 0]);
});

test('an unknown folder and an unknown name are errors', async () => {
  await assert.rejects(runMutants({ root, folders: [join(root, 'nowhere')], seeds }), {
    code: 'MUTANTS_FOLDER_MISSING',
  });
  await assert.rejects(runMutants({ root, folders: [mutants], only: ['nobody'], seeds }), { code: 'MUTANT_UNKNOWN' });
});

test('both forms change the file and give it back; new files go again', () => {
  const source = 'packages/x/src/a.ts';
  const diff = (prefix: readonly [string, string]) =>
    `--- ${prefix[0]}${source}\n+++ ${prefix[1]}${source}\n@@ -1,3 +1,3 @@\n one\n-two\n+three\n end\n`;
  const tree = folderWith({ [source]: 'one\ntwo\nend\n' });
  const folder = folderWith({
    'change.mutant': oneChange(source, 'two', 'three'),
    'git.patch': `Subject: [PATCH 1/2] two becomes three\n\n${diff(['a/', 'b/'])}`,
    'plain.diff': diff(['', '']),
    'bare.diff': `--- a/${source}\n+++ b/${source}\n@@ -2 +2 @@\n-two\n+three\n`,
  });
  const read = () => readFileSync(join(tree, source), 'utf8');
  const paths = listMutants(folder);
  assert.deepEqual(paths.map(nameOfMutant), ['bare', 'change', 'git', 'plain']);
  for (const path of paths) {
    const applied = applyMutantFile(path, tree);
    assert.equal(applied.problem, null, path);
    assert.equal(read(), 'one\nthree\nend\n', path);
    if (path.endsWith('git.patch')) assert.equal(applied.title, 'two becomes three');
    applied.undo();
    assert.equal(read(), 'one\ntwo\nend\n', path);
  }
  const added = 'packages/x/src/b.ts';
  const adds = folderWith({ 'adds.patch': `--- /dev/null\n+++ b/${added}\n@@ -0,0 +1 @@\n+export {};\n` });
  const applied = applyMutantFile(join(adds, 'adds.patch'), tree);
  assert.equal(applied.problem, null);
  assert.deepEqual(readdirSync(join(tree, 'packages/x/src')), ['a.ts', 'b.ts']);
  applied.undo();
  assert.deepEqual(readdirSync(join(tree, 'packages/x/src')), ['a.ts']);
});

test('every mutant of the package applies to the source as it is, and there are thirty and more', () => {
  const tree = folderWith({});
  cpSync(join(root, 'packages'), join(tree, 'packages'), {
    recursive: true,
    filter: (source) => !/node_modules|\btest$/.test(source),
  });
  const paths = listMutants(mutants);
  assert.ok(paths.length >= 30);
  for (const path of paths) {
    const applied = applyMutantFile(path, tree);
    assert.equal(applied.problem, null, path);
    applied.undo();
  }
});
