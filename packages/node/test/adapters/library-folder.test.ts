/** The folder of recipes, adapters and knowledge: whole files by their hash, kept over a restart, bounded. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  encodeRecipe,
  type Hash,
  type KnowledgePassage,
  knowledgeId,
  openKnowledgeBundle,
  passageProblem,
  recipeHash,
  sha256,
  toHex,
  ZERO_HASH,
} from '@synod/chain';
import { readKnowledgeFolder } from '@synod/inference/knowledge';
import { createExpertSigner, LIBRARY_FILES_MAX, LibraryFolder } from '../../src/adapters/index.ts';
import type { HostInput } from '../../src/host/index.ts';
import { addressAt, bundleAt, harbour, idAt, passages } from '../host/harbour.ts';
import { expertSeed, recipeOf } from '../host/lab.ts';
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

/** A knowledge folder as it is built. */
function knowledgeFolder(folder: string, known: readonly KnowledgePassage[], aliases: Record<string, string[]> = {}) {
  mkdirSync(folder, { recursive: true });
  const { card } = harbour(known);
  writeFileSync(join(folder, 'passages.jsonl'), known.map((passage) => `${JSON.stringify(passage)}\n`).join(''));
  writeFileSync(join(folder, 'aliases.json'), JSON.stringify(aliases));
  writeFileSync(join(folder, 'relations.json'), '{}');
  writeFileSync(join(folder, 'card.json'), JSON.stringify(card));
  return folder;
}

const expert = createExpertSigner(expertSeed(1));

test('what an own expert knows is published signed, once; a folder that is built anew replaces it; too much or hostile is a warning', async (context) => {
  const folder = join(temporaryDirectory(context), 'library');
  const source = knowledgeFolder(join(folder, '..', 'harbour'), passages);
  const first = opened(folder);
  first.library.publishKnowledge(source, expert);
  await first.library.settled();
  assert.deepEqual(first.inputs, [{ kind: 'contentStored', content: 'knowledge', hash: idAt(1) }]);
  assert.deepEqual(new Uint8Array(first.library.read('knowledge', idAt(1))!), bundleAt(1));

  const second = opened(folder);
  second.library.publishKnowledge(source, expert);
  await second.library.settled();
  assert.deepEqual(second.inputs, [], 'it was there');
  knowledgeFolder(source, passages, { 'pier 0': ['the old pier'] });
  utimesSync(join(source, 'card.json'), Date.now() / 1000 + 60, Date.now() / 1000 + 60);
  second.library.publishKnowledge(source, expert);
  await second.library.settled();
  const renamed = openKnowledgeBundle(second.library.read('knowledge', idAt(1))!, idAt(1));
  assert.ok(renamed.ok && renamed.value.aliases.length === 1);

  const long = Array.from({ length: 9_000 }, (_, index) => ({
    ...passages[0]!,
    text: `${index} ${'x'.repeat(500)}`,
    value: null,
  }));
  const hostile = [{ ...passages[0]!, text: 'Nine \u202emetres.', value: null }];
  second.library.publishKnowledge(knowledgeFolder(join(folder, '..', 'long'), long), expert);
  second.library.publishKnowledge(knowledgeFolder(join(folder, '..', 'hostile'), hostile), expert);
  second.library.publishKnowledge(join(folder, '..', 'nowhere'), expert);
  await second.library.settled();
  assert.equal(second.warnings.length, 3);
  assert.equal(readdirSync(join(folder, 'knowledge')).length, 1);
});

test('fetched knowledge makes room for more, what an own expert knows does not; a damaged file is as if it were not there', async (context) => {
  const folder = join(temporaryDirectory(context), 'library');
  const { library, warnings } = opened(folder);
  library.publishKnowledge(knowledgeFolder(join(folder, '..', 'harbour'), passages), expert);
  for (let index = 2; index < 2 + LIBRARY_FILES_MAX.knowledge; index++)
    library.save('knowledge', idAt(index), bundleAt(index));
  await library.settled();
  assert.deepEqual(
    [1, 2, 3].map((index) => library.has('knowledge', idAt(index))),
    [true, false, true],
  );
  assert.equal(readdirSync(join(folder, 'knowledge')).length, LIBRARY_FILES_MAX.knowledge);
  const damaged = bundleAt(3);
  damaged[200]! ^= 1;
  writeFileSync(join(folder, 'knowledge', idAt(3)), damaged);
  assert.equal(library.read('knowledge', idAt(3)), null);
  assert.deepEqual([library.has('knowledge', idAt(3)), warnings.length], [false, 1]);
});

test('several experts of a domain become one folder that a worker reads: equal texts once, and who comes first says what things are called', async (context) => {
  const folder = join(temporaryDirectory(context), 'library');
  const { library, inputs, warnings } = opened(folder);
  const [a, b, c] = passages;
  const other = { ...c!, text: 'The depth of pier 0 is three metres.', subject: 'pier 0', value: 'three metres' };
  const names = (name: string) => ({
    aliases: [['pier 0', [name]]] as const,
    relations: [['depth', [`how ${name}`]]] as const,
  });
  const mine = harbour([a!, b!], names('the old pier'));
  const theirs = harbour([b!, other, c!], {
    ...names('the new pier'),
    aliases: [...names('the new pier').aliases, ['pier 2', ['last']]],
  });
  const ids = [mine, theirs].map(({ card }, index) => knowledgeId(addressAt(index + 1), card.root));
  library.save('knowledge', ids[0]!, bundleAt(1, mine));
  library.save('knowledge', ids[1]!, bundleAt(2, theirs));
  library.join('harbour', ids);
  await library.settled();
  const told = inputs.at(-1)!;
  assert.ok(told.kind === 'knowledgeJoined' && told.passages === 4 && told.domain === 'harbour');
  const read = await readKnowledgeFolder(told.folder!);
  assert.deepEqual(read.passages, [a, b, other, c]);
  assert.deepEqual(read.card.root, harbour([a!, b!, other, c!]).card.root);
  assert.deepEqual(
    [...read.aliases],
    [
      ['pier 0', ['the old pier']],
      ['pier 2', ['last']],
    ],
  );
  assert.deepEqual([...read.relations], [['depth', ['how the old pier']]]);

  // Another order is another folder; the one before stays for the jobs that read it, older ones go, and all when nobody is left.
  library.join('harbour', [ids[1]!, ids[0]!]);
  library.join('harbour', [ids[1]!, idAt(7)]);
  await library.settled();
  const made = inputs.flatMap((input) => (input.kind === 'knowledgeJoined' ? [input.folder!] : []));
  assert.deepEqual(
    made.map((each) => existsSync(each)),
    [false, true, true],
  );
  assert.equal(warnings.length, 1, 'what is not here is left out, with a warning');
  assert.equal((await readKnowledgeFolder(made[1]!)).passages[0]!.text, b!.text);
  library.join('harbour', []);
  await library.settled();
  assert.deepEqual(readdirSync(join(folder, 'joined')), []);
  library.join('harbour', ids);
  await library.settled();
  assert.equal(readdirSync(join(folder, 'joined')).length, 1);
  opened(folder);
  assert.ok(!existsSync(join(folder, 'joined')), 'every start begins without');
});

test('what this node judges with makes room last: experts elsewhere that change what they know push nothing of it out', async (context) => {
  const folder = join(temporaryDirectory(context), 'library');
  const { library } = opened(folder);
  for (const index of [1, 2]) library.save('knowledge', idAt(index), bundleAt(index));
  library.join('harbour', [idAt(1)]);
  for (let index = 3; index < 3 + LIBRARY_FILES_MAX.knowledge; index++)
    library.save('knowledge', idAt(index), bundleAt(index));
  await library.settled();
  assert.deepEqual(
    [1, 2, 3, 4].map((index) => library.has('knowledge', idAt(index))),
    [true, false, false, true],
  );
  assert.equal(readdirSync(join(folder, 'knowledge')).length, LIBRARY_FILES_MAX.knowledge);
});

test('whatever a bundle may hold a worker reads once it is joined, in every domain that the chain takes', async (context) => {
  const { library, inputs } = opened(join(temporaryDirectory(context), 'library'));
  const [a] = passages;
  const text = 'é "x" \\ 😀\u00a0\u3000 of pier 0 in 1e3.';
  const values = [null, ...Array.from(new Set(text.split('').flatMap((_, at) => [text[at]!, text.slice(at)])))];
  const odd = values.flatMap((value, index): KnowledgePassage[] => {
    const passage = {
      ...a!,
      text,
      value,
      subject: ['__proto__', '7', 'constructor'][index % 3]!,
      relation: 'constructor',
    };
    return passageProblem(passage) === undefined ? [{ ...passage, text: `${text} ${index}` }] : [];
  });
  assert.ok(odd.length > 30, `${odd.length}`);
  const names = [
    ['7', ['seven']],
    ['__proto__', ['x y']],
    ['constructor', []],
  ] as const;
  const card = {
    ...harbour(odd).card,
    sources: Array.from({ length: 256 }, (_, id) => ({ id: `${id}`, title: '', licence: '', version: '' })),
  };
  const bundle = harbour(odd, { card, aliases: names, relations: [['constructor', ['made of']]] });
  const id = knowledgeId(addressAt(1), bundle.card.root);
  library.save('knowledge', id, bundleAt(1, bundle));
  // The same texts about somebody else: all left out, and names with them.
  const copy = harbour(
    odd.map((passage) => ({ ...passage, subject: 'other' })),
    { aliases: [['other', ['another']]] },
  );
  const copyId = knowledgeId(addressAt(2), copy.card.root);
  library.save('knowledge', copyId, bundleAt(2, copy));
  for (const domain of ['3d-harbour', '-', 'a'.repeat(48)]) {
    library.join(domain, [id, copyId]);
    await library.settled();
    const told = inputs.at(-1)!;
    assert.ok(told.kind === 'knowledgeJoined' && told.isWhole);
    const read = await readKnowledgeFolder(told.folder!);
    assert.deepEqual(read.passages, odd);
    assert.deepEqual(read.aliases.get('__proto__'), ['x y']);
  }
});

test('what is too much work to search counts over all bundles: of them that are too much together one is left out', async (context) => {
  const { library, inputs, warnings } = opened(join(temporaryDirectory(context), 'library'));
  const many = (expertAt: number) =>
    harbour(
      Array.from({ length: 600 }, (_, index) => ({
        ...passages[0]!,
        text: `The depth of pier ${index} of ${expertAt} is nine metres.`,
        subject: `pier ${index}`,
        relation: `depth-${expertAt}-${index}`,
      })),
    );
  const ids = [1, 2].map((index) => knowledgeId(addressAt(index), many(index).card.root));
  for (const [index, id] of ids.entries()) library.save('knowledge', id, bundleAt(index + 1, many(index + 1)));
  library.join('harbour', ids);
  await library.settled();
  const told = inputs.at(-1)!;
  assert.ok(told.kind === 'knowledgeJoined' && told.passages === 600 && told.isWhole);
  assert.deepEqual(warnings, ['knowledge of an expert is left out']);
});

test('a folder that cannot be written is told as none', async (context) => {
  const folder = join(temporaryDirectory(context), 'library');
  const { library, inputs, warnings } = opened(folder);
  library.save('knowledge', idAt(1), bundleAt(1));
  await library.settled();
  writeFileSync(join(folder, 'joined'), 'in the way');
  library.join('harbour', [idAt(1)]);
  library.join('harbour', [idAt(7)]);
  await library.settled();
  const told = inputs.filter(({ kind }) => kind === 'knowledgeJoined');
  const none = { kind: 'knowledgeJoined', domain: 'harbour', folder: null, passages: 0, isWhole: false };
  assert.deepEqual(told, [
    { ...none, ids: [idAt(1)] },
    { ...none, ids: [idAt(7)] },
  ]);
  assert.equal(warnings.length, 2);
});
