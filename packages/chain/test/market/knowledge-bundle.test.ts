/** Knowledge bundles: one form, whole, signed, under the registered root; everything else is refused (spec: knowledge §9). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addressOf,
  encodeKnowledgeBundle,
  type Hash,
  KNOWLEDGE_BUNDLE_BYTES_MAX,
  type KnowledgeBundle,
  type KnowledgePassage,
  knowledgeId,
  knowledgeIdOf,
  openKnowledgeBundle,
  PassageTree,
  publicKeyOf,
  taggedHash,
} from '../../src/index.ts';
import { bundleOf, harbourPassages, signedBundle, signedText, signerOf } from './bundles.ts';

const seed = new Uint8Array(32).fill(3);
const expert = addressOf(publicKeyOf(seed));
const TEXT_AT = 128;
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(TEXT_AT)).toString();
const idOf = (bundle: KnowledgeBundle): Hash => knowledgeId(expert, bundle.card.root);

/** What becomes of a text that the expert signed under the root of these passages. */
function verdict(text: string, root: Hash = new PassageTree(harbourPassages).root): string {
  const opened = openKnowledgeBundle(signedText(seed, root, Buffer.from(text)), knowledgeId(expert, root));
  return opened.ok ? 'ok' : opened.problem;
}

/** What both sides say of a bundle: whoever would publish it, and whoever is sent it all the same. */
function refusal(bundle: KnowledgeBundle): string {
  const encoded = encodeKnowledgeBundle(bundle, signerOf(seed));
  assert.ok(!encoded.ok, 'it was published');
  const { card, aliases, relations, passages } = bundle;
  const text = [card, aliases, relations, ...passages].map((line) => `${JSON.stringify(line)}\n`).join('');
  const opened = openKnowledgeBundle(signedText(seed, card.root, Buffer.from(text)), idOf(bundle));
  assert.ok(!opened.ok, 'it was taken');
  return encoded.problem;
}

const word = fc.stringMatching(/^[a-zé]{1,12}$/).map((text) => text.normalize('NFC'));
const anyPassages: fc.Arbitrary<KnowledgePassage[]> = fc.uniqueArray(
  fc.record(
    {
      text: fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(' ')),
      source: word,
      subject: word,
      relation: fc.constantFrom('document', 'depth', 'first-ferry'),
      value: fc.constant(null),
    },
    { noNullPrototype: true },
  ),
  { selector: ({ text }) => text, minLength: 1, maxLength: 20 },
);

test('what an expert publishes is what others open, and only under its own key and root', () => {
  fc.assert(
    fc.property(anyPassages, (passages) => {
      const aliases = [[passages[0]!.subject, ['another name']]] as const;
      const bundle = bundleOf(passages, { aliases, relations: [['depth', ['how deep is']]] });
      const bytes = signedBundle(seed, bundle);
      assert.equal(knowledgeIdOf(bytes), idOf(bundle));
      assert.deepEqual(openKnowledgeBundle(bytes, idOf(bundle)), { ok: true, value: bundle });
    }),
    { numRuns: 50 },
  );
  const bytes = signedBundle(seed);
  const other = knowledgeId(addressOf(publicKeyOf(new Uint8Array(32).fill(4))), bundleOf().card.root);
  const elsewhere = knowledgeId(expert, taggedHash('another root'));
  for (const id of [other, elsewhere])
    assert.deepEqual(openKnowledgeBundle(bytes, id), { ok: false, problem: 'it is of another expert or root' });
});

test('nothing of it can be changed on the way', () => {
  const bytes = signedBundle(seed);
  const id = idOf(bundleOf());
  for (const at of [0, 40, 70, 100, TEXT_AT, bytes.length - 2]) {
    const changed = Uint8Array.from(bytes);
    changed[at]! ^= 1;
    assert.equal(openKnowledgeBundle(changed, id).ok, false, `byte ${at}`);
    assert.equal(knowledgeIdOf(changed), null, `byte ${at}`);
  }
  assert.equal(openKnowledgeBundle(bytes.subarray(0, TEXT_AT), id).ok, false);
  assert.equal(openKnowledgeBundle(new Uint8Array(0), id).ok, false);
});

test('a signature says whose it is, not that it is right: other passages than those of the root are refused', () => {
  const lie = bundleOf([{ ...harbourPassages[0]!, text: 'The depth of the North Pier is ten metres.', value: null }]);
  const text = textOf(signedBundle(seed, lie));
  assert.equal(verdict(text), 'its card names another root');
  assert.equal(
    verdict(text.replace(lie.card.root, bundleOf().card.root)),
    'its passages have another root than its card',
  );
});

test('one form only: spaces, fields more or in another order, other escapes, blank lines and other encodings are refused', () => {
  const good = textOf(signedBundle(seed));
  assert.equal(verdict(good), 'ok');
  const form = 'it is not in the one form';
  assert.equal(verdict(good.replace('{"text"', '{ "text"')), form);
  assert.equal(verdict(good.replace('{"text"', '{"note":1,"text"')), form);
  assert.equal(verdict(good.replace('nine metres.', 'nine metr\\u0065s.')), form);
  assert.equal(verdict(good.slice(0, -1)), form);
  assert.equal(verdict(`${good}\n`), form);
  assert.equal(verdict(''), 'it is too short');
  assert.equal(verdict(`${good}null\n`), form);
  assert.equal(verdict(good.replace('\n[]\n', '\n[["a"]]\n')), form);
  const root = bundleOf().card.root;
  const latin = signedText(seed, root, Buffer.concat([Buffer.from(good), Uint8Array.of(0xe9)]));
  assert.deepEqual(openKnowledgeBundle(latin, knowledgeId(expert, root)), { ok: false, problem: form });
});

test('hostile texts are refused wherever they stand', () => {
  const [pier] = harbourPassages;
  const hostile: readonly Partial<KnowledgePassage>[] = [
    { text: 'The depth \u202eis nine metres.', value: null },
    { text: 'The depth\u0007 is nine metres.', value: null },
    { text: 'x'.repeat(601), value: null },
    { text: 'e\u0301', value: null },
    { text: '', value: null },
    { source: 'a\u200bb' },
    { source: 's'.repeat(201) },
    { subject: ' North Pier' },
    { relation: 'Depth of' },
    { value: 'ten metres' },
    { value: 9 as never },
    { value: ' ' },
    { text: 'The depth is 😀.', value: '\ud83d' },
    { subject: undefined as never },
  ];
  for (const change of hostile)
    assert.match(refusal(bundleOf([{ ...pier!, ...change }])), /^passage 0: /, JSON.stringify(change));
  assert.match(refusal(bundleOf([pier!, pier!])), /repeats/);
  assert.match(refusal(bundleOf([])), /0 passages/);
  const { card } = bundleOf();
  assert.match(refusal(bundleOf(harbourPassages, { card: { ...card, title: 'a\u2066b' } })), /card: /);
  assert.match(refusal(bundleOf(harbourPassages, { card: { ...card, size: 3 } })), /number/);
  assert.match(refusal(bundleOf(harbourPassages, { card: { ...card, domain: '../harbour' } })), /domain/);
  const sources = [{ ...card.sources[0]!, licence: 'a\u0000' }];
  assert.match(refusal(bundleOf(harbourPassages, { card: { ...card, sources } })), /source: /);
});

test('JSON of which no text can be made ends in a verdict too', () => {
  const odd = ['{"toString":1,"valueOf":1}', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, '[null]', '1e999'];
  const good = textOf(signedBundle(seed));
  const [, , , passage] = good.split('\n') as [string, string, string, string];
  for (const value of odd)
    for (const field of ['text', 'source', 'subject', 'relation', 'value']) {
      const changed = passage.replace(new RegExp(`"${field}":"[^"]*"`), () => `"${field}":${value}`);
      assert.notEqual(changed, passage);
      assert.match(verdict(good.replace(passage, () => changed)), /^passage 0: /, field);
    }
  const [card] = good.split('\n') as [string];
  for (const value of odd)
    for (const at of ['"domain":', '"title":', '"licence":', '"formatVersion":'])
      assert.match(
        verdict(
          good.replace(
            card,
            card.replace(at, () => `${at}${value},"x":`),
          ),
        ),
        /^its card|^card: |^source: /,
        at,
      );
});

test('names and phrases: of subjects that are there, in their order, within their bounds', () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `name ${index}`);
  const row = (name: string, texts: readonly string[]) => [[name, texts]] as const;
  for (const [why, rest] of [
    [/no passage/, { aliases: row('New Dock', ['it']) }],
    [/65 texts/, { aliases: row('Old Dock', names(65)) }],
    [/control or invisible/, { aliases: row('Old Dock', ['a\u202eb']) }],
    [/empty/, { aliases: row('Old Dock', ['']) }],
    [/empty/, { aliases: row('Old Dock', [7 as never]) }],
    [/wrong place/, { aliases: [...row('Old Dock', []), ...row('North Pier', [])] }],
    [/wrong place/, { relations: [...row('depth', []), ...row('depth', [])] }],
    [/kebab-case/, { relations: row('Depth', []) }],
    [
      /1003 relations/,
      {
        relations: names(1_001)
          .toSorted()
          .map((name) => [name.replace(' ', '-'), []] as const),
      },
    ],
  ] as const)
    assert.match(refusal(bundleOf(harbourPassages, rest)), why);
  const many = Array.from({ length: 1_001 }, (_, index) => ({
    ...harbourPassages[1]!,
    text: `The keeper is ${index}.`,
    relation: `keeper-${index}`,
  }));
  assert.match(refusal(bundleOf(many)), /1001 relations/);
});

test('what would make a search too much work is refused: relations of one subject, names in all, and names beside passages', () => {
  const keeper = (index: number, rest: Partial<KnowledgePassage> = {}) => ({
    ...harbourPassages[1]!,
    text: `The keeper is ${index}.`,
    ...rest,
  });
  const of = (count: number, rest: (index: number) => Partial<KnowledgePassage>) =>
    Array.from({ length: count }, (_, index) => keeper(index, rest(index)));
  const names = (length: number) => Array.from({ length: 64 }, (_, index) => `${index}`.padEnd(length, 'x'));
  assert.match(
    refusal(bundleOf(of(257, (index) => ({ relation: `keeper-${index}` })))),
    /"Old Dock" has 257 relations/,
  );
  const docks = of(782, (index) => ({ subject: `Dock ${1_000 + index}` }));
  const aliases = docks.map(({ subject }) => [subject, names(5)] as const);
  assert.match(refusal(bundleOf(docks, { aliases })), /50048 other names/);
  const beside = of(220, () => ({}));
  assert.match(refusal(bundleOf(beside, { aliases: [['Old Dock', names(300)]] })), /4224000 bytes to search/);
  const few = encodeKnowledgeBundle(bundleOf(beside.slice(2), { aliases: [['Old Dock', names(300)]] }), signerOf(seed));
  assert.ok(few.ok);
});

test('what is too long is neither published nor read', () => {
  const passages = Array.from({ length: 9_000 }, (_, index) => ({
    ...harbourPassages[1]!,
    text: `${index} ${'x'.repeat(500)}`,
  }));
  const encoded = encodeKnowledgeBundle(bundleOf(passages), signerOf(seed));
  assert.ok(!encoded.ok && /above 4194304/.test(encoded.problem));
  const root = bundleOf().card.root;
  const long = signedText(seed, root, new Uint8Array(KNOWLEDGE_BUNDLE_BYTES_MAX - TEXT_AT + 1).fill(0x20));
  const opened = openKnowledgeBundle(long, knowledgeId(expert, root));
  assert.ok(!opened.ok && /above 4194304/.test(opened.problem));
});
