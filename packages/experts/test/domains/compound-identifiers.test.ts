/** Finding a compound in the registers, and the sentences made of its row. */
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { readFolder } from '@synod/experts';
import {
  findIdentifiers,
  identifierPassages,
  readRegister,
  withCapitals,
} from '../../src/domains/chemistry/compound-identifiers.ts';
import { archiveFiles } from '../../src/sources/archive.ts';

const row = (...cells: readonly string[]) => cells.join('\t');
const small = [
  row('180', '67-64-1', 'C3H6O', '58.07914', 'CC(=O)C', 'x', 'CSCPPACGZOOCGX-UHFFFAOYSA-N', 'propan-2-one', 'acetone'),
  row('1', '1-00-1', 'X', '99.5', 'X', 'x', 'KEY', 'acetone hydrate', 'acetone'),
].join('\n');
const list = (name: string) => `chemicals/Identifiers/chemical identifiers pubchem ${name}.tsv`;
const files = archiveFiles(
  'chemicals',
  new Map([
    [list('small'), Buffer.from(small)],
    [list('large'), Buffer.from('')],
  ]),
);

test('a row is found by any of its names, and only with the mass of the compound', () => {
  const register = readRegister(files, new Set(['acetone', 'propanone']));
  assert.equal(findIdentifiers(register, { names: ['propanone', 'Acetone'], mass: 58.08 })?.cas, '67-64-1');
  assert.equal(findIdentifiers(register, { names: ['acetone'], mass: 99.5 })?.cas, '1-00-1');
  assert.equal(findIdentifiers(register, { names: ['acetone'], mass: 75 }), undefined);
});

test('a row becomes one sentence a number or notation; what is missing, too long or unusual is left out', () => {
  const found = {
    pubchem: '180',
    cas: '67-64-1',
    mass: 58.08,
    smiles: 'CC(=O)C',
    inchiKey: 'KEY',
    iupac: 'propan-2-one',
  };
  const texts = (changes: Partial<typeof found>) =>
    identifierPassages('acetone', { ...found, ...changes }, 'own').map(({ text }) => text);
  assert.deepEqual(texts({}), [
    'The CAS registry number of acetone is 67-64-1.',
    'The PubChem compound number (CID) of acetone is 180.',
    'The SMILES notation of acetone is CC(=O)C.',
    'The InChIKey of acetone is KEY.',
    'The IUPAC name of acetone is propan-2-one.',
  ]);
  assert.deepEqual(texts({ pubchem: '-1', smiles: 'C'.repeat(81), inchiKey: '', iupac: '1-azanylpropan-2-ol' }), [
    'The CAS registry number of acetone is 67-64-1.',
  ]);
  assert.deepEqual(identifierPassages('xylene', found, 'own'), []);
});

test('names get the capitals that IUPAC writes', () => {
  assert.equal(withCapitals('n,n-dimethylmethanamine'), 'N,N-dimethylmethanamine');
  assert.equal(withCapitals('1h-indene'), '1H-indene');
  assert.equal(withCapitals('(z)-octadec-9-enoic acid'), '(Z)-octadec-9-enoic acid');
  assert.equal(withCapitals('(2r,3s)-butane-2,3-diol'), '(2R,3S)-butane-2,3-diol');
  assert.equal(withCapitals('butan-2-one'), 'butan-2-one');
});

test('every CAS number of the shipped folder has its check digit', async () => {
  const { passages } = await readFolder(resolve(join(import.meta.dirname, '../../knowledge/chemistry')));
  const numbers = passages.filter(({ relation }) => relation === 'cas-number').map(({ value }) => value ?? '');
  assert.ok(numbers.length > 400);
  for (const number of numbers) {
    const digits = [...number.replaceAll('-', '')].map(Number);
    const sum = digits
      .slice(0, -1)
      .toReversed()
      .reduce((total, digit, at) => total + digit * (at + 1), 0);
    assert.equal(sum % 10, digits.at(-1), number);
  }
});
