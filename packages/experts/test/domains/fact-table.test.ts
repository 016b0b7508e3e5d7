/** The format of the curated facts of medicine and programming, and that the shipped files keep to it. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  readFactTable,
  readFactTables,
  tableAliases,
  tablePassages,
  tableRelations,
  tableTemplates,
} from '../../src/domains/readers/fact-table.ts';
import { distinct, mergeAliases, passageOf, untold } from '../../src/domains/readers/facts.ts';

const example = `# A comment.

@ produced-by | The body produces {s} in {v}.
phrases: made by; secreted by
train: Which gland makes {s}?; Where is {s} made?
test: What secretes {s}?
insulin | the pancreas ~ beta cells; islets
glucagon = GCG; glucagonum | the pancreas ~ alpha cells; islets
the bile | the liver
`;

test('a table gives sentences, other names, relations and templates', () => {
  const sections = readFactTable(example);
  assert.deepEqual(
    tablePassages(sections, 'us').map(({ text, value }) => [text, value]),
    [
      ['The body produces insulin in the pancreas.', 'the pancreas'],
      ['The body produces glucagon in the pancreas.', 'the pancreas'],
      ['The body produces the bile in the liver.', 'the liver'],
    ],
  );
  assert.deepEqual(tableAliases(sections)['glucagon'], ['GCG', 'glucagonum']);
  assert.deepEqual(tableAliases(sections)['the bile'], ['bile']);
  assert.deepEqual(tableRelations(sections), { 'produced-by': ['made by', 'secreted by'] });
  const [template, ...others] = tableTemplates(sections);
  assert.deepEqual(others, []);
  assert.deepEqual(template?.phrasings, {
    train: ['Which gland makes {subject}?'],
    tune: ['Where is {subject} made?'],
    test: ['What secretes {subject}?'],
  });
});

test('rows that share a value share only the golds that all of them name', () => {
  const [template] = tableTemplates(readFactTable(example));
  assert.deepEqual(template?.variants?.('the pancreas'), ['pancreas', 'islets']);
});

test('a line that fits no form is refused', () => {
  assert.throws(() => readFactTable('insulin | the pancreas'), SyntaxError);
  assert.throws(() => readFactTable('@ produced-by | {s}: {v}.\ninsulin the pancreas'), SyntaxError);
  assert.throws(() => tablePassages(readFactTable(`@ a | {s}: {v}.\nx | ${'y'.repeat(300)}`), 'us'), RangeError);
});

test('sentences hold their parts as they are, even where they look like patterns', () => {
  const passage = passageOf({ pattern: '{S} is {v}.', source: 'us', relation: 'a', subject: '$& of {v}', value: '$1' });
  assert.equal(passage?.text, '$& of $1 is $1.');
});

test('passages are told once, and a curated fact outranks the same of a package', () => {
  const one = passageOf({ pattern: '{S} is {v}.', source: 'us', relation: 'a', subject: 'the virus', value: 'small' });
  const other = passageOf({ pattern: '{S} is {v}.', source: 'it', relation: 'a', subject: 'Virus', value: 'tiny' });
  assert.ok(one !== null && other !== null);
  assert.deepEqual(distinct([one, null, one]), [one]);
  assert.deepEqual(untold([other], [one]), []);
  assert.deepEqual(mergeAliases([{ a: ['b'] }, { a: ['a', 'b', 'c'], d: [] }]), { a: ['b', 'c'] });
});

for (const domain of ['medicine', 'programming']) {
  const files = readdirSync(join(import.meta.dirname, '../../data', domain)).map((name) => `${domain}/${name}`);

  test(`${domain}: the curated files hold no fact twice and no empty cell`, () => {
    const sections = readFactTables(files);
    const rows = sections.flatMap(({ relation, rows: own }) => own.map((row) => ({ relation, ...row })));
    assert.ok(rows.length >= 1_000, `${rows.length} facts`);
    const keys = rows.map(({ relation, subject }) => `${relation}/${subject}`);
    assert.deepEqual(
      keys.filter((key, index) => keys.indexOf(key) !== index),
      [],
    );
    const cells = rows.flatMap(({ subject, value, aliases, gold }) => [subject, value, ...aliases, ...gold]);
    assert.deepEqual(
      cells.filter((cell) => cell === '' || cell !== cell.trim()),
      [],
    );
  });

  test(`${domain}: every section that states facts says how they are asked for`, () => {
    const sections = readFactTables(files);
    const asked = tableRelations(sections);
    assert.deepEqual(
      sections.filter(({ relation }) => (asked[relation] ?? []).length === 0).map(({ relation }) => relation),
      [],
    );
  });
}
