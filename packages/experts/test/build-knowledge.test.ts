/** Building a folder: the same bytes every time, nothing damaged accepted, nothing half written. */
import assert from 'node:assert/strict';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { merkleRoot, passageLeaf } from '@synod/chain';
import { buildKnowledge, readFolder, verifyKnowledge } from '@synod/experts';
import { FACTS, filesOf, inFolder, pinOf, recipeOf, serving, zipOf } from './fixture.ts';

const wheel = zipOf({ 'facts.csv': FACTS });

test('two builds give the same bytes, and the second downloads nothing', () =>
  inFolder(async (folder) => {
    const fetch = serving(wheel);
    const options = { recipe: recipeOf(pinOf(wheel)), cacheDir: join(folder, 'cache'), fetch };
    const card = await buildKnowledge({ ...options, out: join(folder, 'a') });
    await buildKnowledge({ ...options, out: join(folder, 'b') });
    assert.deepEqual(await filesOf(join(folder, 'a')), await filesOf(join(folder, 'b')));
    assert.equal(fetch.calls, 1);
    assert.equal(card.size, 3);
  }));

test('the root is the RFC 6962 root over (text, source), so a chain can check a quote', () =>
  inFolder(async (folder) => {
    const out = join(folder, 'out');
    const card = await buildKnowledge({ recipe: recipeOf(pinOf(wheel)), cacheDir: folder, out, fetch: serving(wheel) });
    const lines = (await readFile(join(out, 'passages.jsonl'), 'utf8')).trim().split('\n');
    const leaves = lines.map((line) => passageLeaf(JSON.parse(line) as { text: string; source: string }));
    assert.equal(merkleRoot(leaves), card.root);
    assert.equal((await readFolder(out)).card.root, card.root);
  }));

test('a build takes the place of an earlier build or of nothing, and never of a user’s files', () =>
  inFolder(async (folder) => {
    const fetch = serving(wheel);
    const options = { recipe: recipeOf(pinOf(wheel)), cacheDir: join(folder, 'cache'), fetch };
    const mine = join(folder, 'mine');
    await mkdir(join(mine, 'letters'), { recursive: true });
    await writeFile(join(mine, 'thesis.txt'), 'my thesis');
    await writeFile(join(folder, 'file'), 'my file');
    for (const [out, message] of [
      [mine, /holds "letters".*Nothing was changed\. Name a folder/],
      [join(folder, 'file'), /it is a file.*Nothing was changed/],
    ] as const) {
      await assert.rejects(buildKnowledge({ ...options, out }), { code: 'KNOWLEDGE_IN_THE_WAY', message });
    }
    assert.equal(fetch.calls, 0);
    assert.equal(await readFile(join(mine, 'thesis.txt'), 'utf8'), 'my thesis');
    assert.equal(await readFile(join(folder, 'file'), 'utf8'), 'my file');
    const built = join(folder, 'built');
    await mkdir(built);
    await buildKnowledge({ ...options, out: built });
    await writeFile(join(built, 'scores.json'), '{}');
    await buildKnowledge({ ...options, out: built });
    await writeFile(join(built, 'notes.md'), 'mine');
    await assert.rejects(buildKnowledge({ ...options, out: built }), { code: 'KNOWLEDGE_IN_THE_WAY' });
    assert.deepEqual((await readdir(folder)).sort(), ['built', 'cache', 'file', 'mine']);
  }));

test('what comes to stand there while a build fetches is not replaced either', () =>
  inFolder(async (folder) => {
    const out = join(folder, 'out');
    const serve = serving(wheel);
    const fetch: typeof serve = Object.assign(
      async (...asked: Parameters<typeof serve>) => {
        await mkdir(out);
        await writeFile(join(out, 'thesis.txt'), 'my thesis');
        return serve(...asked);
      },
      { calls: 0 },
    );
    const options = { recipe: recipeOf(pinOf(wheel)), cacheDir: join(folder, 'cache'), fetch };
    await assert.rejects(buildKnowledge({ ...options, out }), { code: 'KNOWLEDGE_IN_THE_WAY' });
    assert.equal(await readFile(join(out, 'thesis.txt'), 'utf8'), 'my thesis');
    assert.deepEqual((await readdir(folder)).sort(), ['cache', 'out']);
  }));

test('aliases of subjects without passages are dropped', () =>
  inFolder(async (folder) => {
    const out = join(folder, 'out');
    await buildKnowledge({ recipe: recipeOf(pinOf(wheel)), cacheDir: folder, out, fetch: serving(wheel) });
    assert.deepEqual((await readFolder(out)).aliases, { Gold: ['aurum'] });
  }));

test('a download with other bytes is refused and not kept', () =>
  inFolder(async (folder) => {
    const other = zipOf({ 'facts.csv': 'Lead,Pb\n' });
    const options = { recipe: recipeOf(pinOf(wheel)), cacheDir: folder, out: join(folder, 'out') };
    await assert.rejects(buildKnowledge({ ...options, fetch: serving(other) }), { code: 'KNOWLEDGE_HASH_MISMATCH' });
    await assert.rejects(access(join(folder, 'out')));
    assert.equal((await buildKnowledge({ ...options, fetch: serving(wheel) })).size, 3);
  }));

test('a damaged kept file is fetched again', () =>
  inFolder(async (folder) => {
    const pin = pinOf(wheel);
    await mkdir(join(folder, 'downloads'));
    await writeFile(join(folder, 'downloads', pin.fileName), wheel.slice(0, -5));
    const fetch = serving(wheel);
    await buildKnowledge({ recipe: recipeOf(pin), cacheDir: folder, out: join(folder, 'out'), fetch });
    assert.equal(fetch.calls, 1);
  }));

test('an archive that cannot be unpacked is a clear error', () =>
  inFolder(async (folder) => {
    const broken = new TextEncoder().encode('this is no zip file');
    for (const name of ['facts.whl', 'facts.tgz']) {
      const options = { recipe: recipeOf(pinOf(broken, name)), cacheDir: folder, out: join(folder, 'out') };
      await assert.rejects(buildKnowledge({ ...options, fetch: serving(broken) }), { code: 'KNOWLEDGE_FORMAT' });
    }
  }));

test('a recipe that repeats a passage, or whose value does not stand in its text, is refused', () =>
  inFolder(async (folder) => {
    const recipe = recipeOf(pinOf(wheel));
    const build = (change: (text: string) => { text: string; value: string }) =>
      buildKnowledge({
        recipe: {
          ...recipe,
          passages: async (read) =>
            (await recipe.passages(read)).map((passage) => ({ ...passage, ...change(passage.text) })),
        },
        cacheDir: folder,
        out: join(folder, 'out'),
        fetch: serving(wheel),
      });
    await assert.rejects(
      build(() => ({ text: 'The same.', value: 'same' })),
      /repeats line 1/,
    );
    await assert.rejects(
      build((text) => ({ text, value: 'Xx' })),
      /does not stand in the text/,
    );
    await assert.rejects(
      build((text) => ({ text: `${text}\u202e`, value: 'Fe' })),
      /invisible/,
    );
    await assert.rejects(
      build((text) => ({ text: text + 'x'.repeat(700), value: text })),
      /bytes/,
    );
  }));

test('a changed passage is found when the folder is read, and a changed recipe when it is verified', () =>
  inFolder(async (folder) => {
    const out = join(folder, 'out');
    const options = { recipe: recipeOf(pinOf(wheel)), cacheDir: folder, fetch: serving(wheel) };
    await buildKnowledge({ ...options, out });
    await verifyKnowledge(out, options);
    const other = zipOf({ 'facts.csv': 'Lead,Pb\n' });
    const changed = { ...options, recipe: recipeOf(pinOf(other)), fetch: serving(other) };
    await assert.rejects(verifyKnowledge(out, changed), { code: 'KNOWLEDGE_ROOT' });
    const path = join(out, 'passages.jsonl');
    await writeFile(path, (await readFile(path, 'utf8')).replace('is Fe', 'is Fx').replace('"Fe"', '"Fx"'));
    await assert.rejects(readFolder(out), { code: 'KNOWLEDGE_ROOT' });
  }));

test('documents are added after the recipe and change the root; an aborted build leaves the old folder', () =>
  inFolder(async (folder) => {
    const out = join(folder, 'out');
    const documents = join(folder, 'documents');
    await mkdir(documents);
    await writeFile(join(documents, 'copper.md'), '# Copper\nThe symbol of Copper is Cu. It is a reddish metal.\n');
    const options = { recipe: recipeOf(pinOf(wheel)), cacheDir: folder, out, fetch: serving(wheel) };
    const before = await buildKnowledge(options);
    const after = await buildKnowledge({ ...options, documents });
    assert.notEqual(after.root, before.root);
    assert.deepEqual((await readFolder(out)).passages.at(-1), {
      text: 'It is a reddish metal.',
      source: 'copper.md',
      subject: 'Copper',
      relation: 'document',
      value: null,
    });
    await assert.rejects(buildKnowledge({ ...options, signal: AbortSignal.abort(new Error('stop')) }), /stop/);
    assert.equal((await readFolder(out)).card.root, after.root);
  }));
