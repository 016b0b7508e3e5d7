/** A user's documents: sentences, headings, licences, bounds and hostile text. */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { documentPassages, passageProblem, readDocuments } from '@synod/experts';
import fc from 'fast-check';
import { limits } from '../../src/limits.ts';
import { inFolder } from '../fixture.ts';

const textsOf = (name: string, content: string) => documentPassages(name, content).map(({ text }) => text);

test('sentences end at full stops but not at decimal points, abbreviations and initials', () => {
  const content = 'Dr. Smith measured 3.5 m in St. Ives. J. K. Rowling was not there! Was anybody else there?';
  assert.deepEqual(textsOf('a.txt', content), [
    'Dr. Smith measured 3.5 m in St. Ives.',
    'J. K. Rowling was not there!',
    'Was anybody else there?',
  ]);
});

test('short sentences are joined, three at most', () => {
  const content = 'It rains. It pours. It ends. We stay. We go.';
  assert.deepEqual(textsOf('a.txt', content), ['It rains. It pours. It ends.', 'We stay. We go.']);
});

test('headings are subjects; marks, links, code and lists are understood', () => {
  const content =
    '# Widgets\nThe **widget** has a [red](x) button on top.\n```\ncode()\n```\n## Gears\n- The gear has twelve fine teeth.\n';
  assert.deepEqual(
    documentPassages('notes.md', content).map(({ subject, text }) => [subject, text]),
    [
      ['Widgets', 'The widget has a red button on top.'],
      ['Gears', 'The gear has twelve fine teeth.'],
    ],
  );
});

test('a licence line becomes part of the source and is no passage', () => {
  const [passage, ...others] = documentPassages(
    'a/my-notes.txt',
    'Licence: CC BY 4.0\nThe moon orbits around the Earth.',
  );
  assert.deepEqual(others, []);
  assert.equal(passage?.text, 'The moon orbits around the Earth.');
  assert.equal(passage?.source, 'a/my-notes.txt (CC BY 4.0)');
  assert.equal(passage?.subject, 'my notes');
});

test('whatever a document holds, its passages obey the rules', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), fc.constantFrom('a.md', 'b.txt'), (content, name) => {
      for (const passage of documentPassages(name, content)) assert.equal(passageProblem(passage), undefined);
    }),
    { numRuns: 300 },
  );
});

test('hostile text: overrides, controls, lone surrogates and endless words', () => {
  const content = `A\u202e\u0000 secret\ud800 is\u200b here, they say.\n\n${'é'.repeat(5000)}\n`;
  const passages = documentPassages('x.txt', content);
  assert.equal(passages[0]?.text, 'A secret\ufffd is here, they say.');
  for (const passage of passages) assert.equal(passageProblem(passage), undefined);
  assert.equal(
    passages
      .slice(1)
      .map(({ text }) => text.replaceAll(' ', ''))
      .join(''),
    'é'.repeat(5000),
  );
});

test('folders that are absent, empty or hold other than text are clear errors', () =>
  inFolder(async (folder) => {
    const rejects = (why: RegExp) =>
      assert.rejects(readDocuments(folder), { code: 'KNOWLEDGE_DOCUMENT', message: why });
    await assert.rejects(readDocuments(join(folder, 'none')), {
      code: 'KNOWLEDGE_DOCUMENT',
      message: /cannot be listed/,
    });
    await rejects(/no .md or .txt file/);
    await writeFile(join(folder, 'bad.txt'), Buffer.from([0xff, 0xfe, 0x00, 0x41]));
    await rejects(/not UTF-8/);
    await writeFile(join(folder, 'bad.txt'), Buffer.alloc(5 * 1024 * 1024, 'a'));
    await rejects(/above/);
  }));

test('folders nested too deep and folders with too many documents are clear errors', () =>
  inFolder(async (folder) => {
    const { documentDepth, documents } = limits;
    const levels = Array.from({ length: documentDepth }, (_, level) => `level-${level}`);
    const deepest = join(folder, ...levels);
    await mkdir(deepest, { recursive: true });
    await writeFile(join(deepest, 'a.txt'), 'The deepest file has this sentence.');
    assert.equal((await readDocuments(folder)).length, 1);
    await mkdir(join(deepest, 'one-more'));
    const why = new RegExp(`one-more.* folders are nested deeper than ${documentDepth}`);
    await assert.rejects(readDocuments(folder), { code: 'KNOWLEDGE_DOCUMENT', message: why });
    await rm(join(deepest, 'one-more'), { recursive: true });
    const names = Array.from({ length: documents }, (_, index) => join(folder, `${index}.txt`));
    await Promise.all(names.map((name) => writeFile(name, '')));
    const message = new RegExp(`more than ${documents} documents`);
    await assert.rejects(readDocuments(folder), { code: 'KNOWLEDGE_DOCUMENT', message });
  }));

test('files are read in the order of their paths', () =>
  inFolder(async (folder) => {
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'z.txt'), 'The last file has this sentence.');
    await writeFile(join(folder, 'sub', 'b.md'), 'The second file has this sentence.');
    await writeFile(join(folder, 'a.txt'), 'The first file has this sentence.');
    await writeFile(join(folder, 'ignored.pdf'), 'No.');
    const sources = (await readDocuments(folder)).map(({ source }) => source);
    assert.deepEqual(sources, ['a.txt', 'sub/b.md', 'z.txt']);
  }));

test('lines made to keep a reader busy for hours are read at once', () => {
  const n = 100_000;
  const hostile = {
    'a heading without end': `# ${'H'.repeat(n)}`,
    'a heading of spaces': `# a${' '.repeat(n)}b`,
    'a heading of hashes': `# ${'#'.repeat(n)}b`,
    images: '!['.repeat(n),
    links: '[]('.repeat(n),
    'sentences that go on': 'ab. '.repeat(n),
    abbreviations: 'Dr. '.repeat(n),
  };
  for (const [name, line] of Object.entries(hostile)) {
    const before = process.cpuUsage().user;
    const passages = documentPassages('a.md', `${line}\n\nThe keeper of the dock is Marta Lind.\n`);
    assert.ok(
      passages.some(({ text }) => text.includes('Marta Lind')),
      name,
    );
    // Microseconds. Read badly, each took from half a minute to hours.
    assert.ok(process.cpuUsage().user - before < 8_000_000, name);
  }
  assert.equal(documentPassages('a.md', '# North Pier ##  \n\nIt is nine metres deep.\n')[0]!.subject, 'North Pier');
});

test('a document of more passages than a folder holds is one clear error', () =>
  inFolder(async (folder) => {
    const lines = Array.from({ length: 400_000 }, (_, at) => `- ${at}`);
    await writeFile(join(folder, 'a.md'), lines.join('\n').slice(0, 4 * 1024 * 1024));
    await assert.rejects(readDocuments(folder), {
      code: 'KNOWLEDGE_DOCUMENT',
      message: /more than 50000 passages\. Take some/,
    });
  }));
