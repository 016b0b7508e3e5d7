/** The folder of recipes and adapters: whole files by their hash, kept over a restart, bounded. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { encodeRecipe, type Hash, recipeHash, sha256, toHex, ZERO_HASH } from '@synod/chain';
import { LIBRARY_FILES_MAX, LibraryFolder } from '../../src/adapters/index.ts';
import type { HostInput } from '../../src/host/index.ts';
import { recipeOf } from '../host/lab.ts';
import { temporaryDirectory } from './temporary.ts';

const recipe = encodeRecipe(recipeOf(1));
const modelId = recipeHash(recipe);
const adapter = new Uint8Array(70_000).fill(9);
const adapterHash = toHex(sha256(adapter)) as Hash;

function opened(folder: string) {
  const inputs: HostInput[] = [];
  const warnings: string[] = [];
  const library = new LibraryFolder({
    folder,
    baseModel: () => null,
    deliver: (input) => void inputs.push(input),
    log: { warn: (_, message) => void warnings.push(message) },
  });
  return { library, inputs, warnings };
}

async function filled(context: TestContext) {
  const folder = join(temporaryDirectory(context), 'library');
  const first = opened(folder);
  first.library.save('recipe', modelId, recipe);
  first.library.save('adapter', adapterHash, adapter);
  await first.library.settled();
  return { folder, ...first };
}

test('what is saved is told, read back, and still there after a restart; the worker finds the adapter as a plain file', async (context) => {
  const { folder, inputs } = await filled(context);
  assert.deepEqual(inputs, [
    { kind: 'contentStored', content: 'recipe', hash: modelId },
    { kind: 'contentStored', content: 'adapter', hash: adapterHash },
  ]);
  const { library } = opened(folder);
  assert.ok(library.has('recipe', modelId) && library.has('adapter', adapterHash));
  assert.deepEqual(new Uint8Array(library.read('recipe', modelId)!), recipe);
  assert.deepEqual(new Uint8Array(readFileSync(library.adapterFile(adapterHash))), adapter);
  assert.equal(library.read('recipe', adapterHash), null);
  if (process.platform !== 'win32') assert.equal(statSync(library.adapterFile(adapterHash)).mode & 0o077, 0);
});

test('a changed file is as if it were not there, and can be saved again; a half-written one is removed', async (context) => {
  const { folder } = await filled(context);
  writeFileSync(join(folder, 'recipes', modelId), 'something else');
  writeFileSync(join(folder, 'adapters', `${adapterHash}.new`), 'half');
  writeFileSync(join(folder, 'adapters', 'notes.txt'), 'not ours');
  const { library, warnings } = opened(folder);
  assert.deepEqual(readdirSync(join(folder, 'adapters')).toSorted(), [adapterHash, 'notes.txt']);
  assert.equal(library.read('recipe', modelId), null);
  assert.equal(library.has('recipe', modelId), false);
  assert.equal(warnings.length, 1);
  library.save('recipe', modelId, recipe);
  await library.settled();
  assert.deepEqual(new Uint8Array(library.read('recipe', modelId)!), recipe);
});

test('the oldest makes room when there are too many', async (context) => {
  const folder = join(temporaryDirectory(context), 'library');
  mkdirSync(join(folder, 'adapters'), { recursive: true });
  const names = Array.from({ length: LIBRARY_FILES_MAX.adapter }, (_, index) => toHex(sha256(Uint8Array.of(index))));
  names.forEach((name, index) => {
    const file = join(folder, 'adapters', name);
    writeFileSync(file, Uint8Array.of(index));
    utimesSync(file, 1_000 + ((index + 5) % names.length), 1_000 + ((index + 5) % names.length));
  });
  const { library } = opened(folder);
  library.save('adapter', adapterHash, adapter);
  await library.settled();
  const oldest = names[names.length - 5] as Hash;
  assert.ok(library.has('adapter', adapterHash) && !library.has('adapter', oldest));
  assert.equal(existsSync(library.adapterFile(oldest)), false);
  assert.equal(readdirSync(join(folder, 'adapters')).length, LIBRARY_FILES_MAX.adapter);
});

test("an expert's own adapter is published under its hash; what cannot be read is not, with a warning", async (context) => {
  const { folder } = await filled(context);
  const file = join(folder, '..', 'own.lora');
  writeFileSync(file, Uint8Array.of(1, 2, 3));
  const { library, warnings, inputs } = opened(folder);
  assert.equal(library.publish(null), ZERO_HASH);
  const hash = library.publish(file)!;
  await library.settled();
  assert.equal(hash, toHex(sha256(Uint8Array.of(1, 2, 3))));
  assert.deepEqual(new Uint8Array(library.read('adapter', hash)!), Uint8Array.of(1, 2, 3));
  assert.equal(inputs.length, 1);
  assert.equal(library.publish(file), hash);
  await library.settled();
  assert.equal(inputs.length, 1, 'written once');
  writeFileSync(file, new Uint8Array(2 ** 20 + 1));
  assert.equal(library.publish(file), null);
  assert.equal(library.publish(join(folder, 'nowhere')), null);
  assert.equal(warnings.length, 2);
});
