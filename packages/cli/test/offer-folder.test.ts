/** Whether others could have what is offered is known before anything is signed, by the rules of the bundle itself. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { KNOWLEDGE_BUNDLE_BYTES_MAX } from '@synod/chain';
import { knowledgeRootOf, type Passage } from '@synod/experts';
import { readOffered, unpublishedWarning, unverifiableWarning } from '../src/offering/offer-folder.ts';
import { synod } from './command.ts';

const SOURCE = { id: 'harbour', title: 'harbour.md', licence: 'CC0-1.0', version: '1' };

function passage(n: number, rest: Partial<Passage> = {}): Passage {
  const subject = `Pier ${n}`;
  const text = `The depth of ${subject} is nine metres.`;
  return { text, source: 'harbour.md (CC0-1.0)', subject, relation: 'depth', value: null, ...rest };
}

const lineOf = (one: Passage): string => `${JSON.stringify(one)}\n`;

/** Passages whose lines have as many bytes as that, to the byte. */
function passagesOf(bytes: number): Passage[] {
  const passages: Passage[] = [];
  for (let left = bytes; left > 0; ) {
    const bare = passage(passages.length);
    // The last two share what is left, so that neither is too short to be one.
    const wanted = left > 1_200 ? 600 : left > 700 ? Math.floor(left / 2) : left;
    const filled = { ...bare, text: `${bare.text} ${'x'.repeat(wanted - lineOf(bare).length - 1)}` };
    passages.push(filled);
    left -= lineOf(filled).length;
  }
  return passages;
}

async function offered(
  t: TestContext,
  passages: readonly Passage[],
  rest: { readonly aliases?: object; readonly title?: string } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'synod-offered-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { title = 'The harbour', aliases = {} } = rest;
  const root = knowledgeRootOf(passages);
  const card = { formatVersion: 1, domain: 'harbour', title, root, size: passages.length, sources: [SOURCE] };
  writeFileSync(join(folder, 'card.json'), JSON.stringify(card));
  writeFileSync(join(folder, 'passages.jsonl'), passages.map(lineOf).join(''));
  writeFileSync(join(folder, 'aliases.json'), JSON.stringify(aliases));
  writeFileSync(join(folder, 'relations.json'), '{}');
  return await readOffered(folder, 'harbour');
}

test('a folder that others can have is offered without a word', async (t) => {
  const found = await offered(t, [passage(0), passage(1)], { aliases: { 'Pier 0': ['First Pier'] } });
  assert.equal(found.unpublished, null);
  assert.equal(unpublishedWarning(found, 'harbour'), null);
});

test('a bundle may have 4 MiB with its card and signature, and not a byte more', async (t) => {
  const small = await offered(t, passagesOf(10_000));
  assert.equal(small.unpublished, null);
  const tooLong = await offered(t, passagesOf(KNOWLEDGE_BUNDLE_BYTES_MAX - 200));
  const [, bytes] = /^it has (\d+) bytes, above 4194304$/.exec(tooLong.unpublished ?? '') ?? [];
  const over = Number(bytes) - KNOWLEDGE_BUNDLE_BYTES_MAX;
  assert.ok(over > 0, tooLong.unpublished ?? 'it can be published');
  // The card's line is as long: the same number of passages has as many digits.
  const longest = await offered(t, passagesOf(KNOWLEDGE_BUNDLE_BYTES_MAX - 200 - over));
  assert.equal(longest.unpublished, null);
  const fileTooLong = await offered(t, passagesOf(KNOWLEDGE_BUNDLE_BYTES_MAX + 1));
  assert.equal(fileTooLong.unpublished, 'its passages have 4194305 bytes, above 4194304');
});

test('a folder that breaks a rule of published knowledge is told with reason, effect and way out', async (t) => {
  const many = Array.from({ length: 1_001 }, (_, n) => passage(n, { relation: `depth-${n}` }));
  const wide = await offered(t, many);
  assert.equal(
    unpublishedWarning(wide, 'harbour'),
    '! This knowledge cannot be published: it names 1001 relations, above 1000. Judges that have no folder of their own for harbour know nothing of it, so its right answers score low and earn little or nothing. Split it into two domains, or leave passages or names out, and build it anew.',
  );
  const strange = await offered(t, [passage(0)], { aliases: { 'Old\u202eDock': ['Dock'] } });
  assert.match(strange.unpublished ?? '', /which has no passage/);
  assert.doesNotMatch(unpublishedWarning(strange, 'harbour') ?? '', /\u202e/);
  const untitled = await offered(t, [passage(0)], { title: '' });
  assert.equal(untitled.unpublished, 'card: title is empty');
});

test('who answers with a model on a server is told what verification means for it', () => {
  const here = { model: 'synod-default', modelHash: `0x${'1'.repeat(64)}` };
  const large = { backend: 'http', name: 'large', hash: '2'.repeat(64) } as const;
  assert.match(unverifiableWarning(large, here) ?? '', /large is on a server.*paid nothing/);
});

test('who answers with another model than validators run is told what verification means for it', () => {
  const here = { model: 'synod-default', modelHash: `0x${'1'.repeat(64)}` };
  const unknown = { model: null, modelHash: null };
  const [same, other] = ['1'.repeat(64), '2'.repeat(64)];
  const told =
    /Only validators that run mine too.*node that you ask runs synod-default\..*paid nothing where most of those drawn/;
  assert.match(unverifiableWarning({ backend: 'onnx', name: 'mine', hash: other }, here) ?? '', told);
  assert.match(unverifiableWarning({ backend: 'synod', name: 'mine', hash: other }, here) ?? '', told);
  // The node that is asked may be the operator's own.
  const own = unverifiableWarning({ backend: 'onnx', name: 'mine', hash: same }, here) ?? '';
  assert.match(own, /Only validators that run mine too can check what it writes\. An answer/);
  assert.match(unverifiableWarning({ backend: 'onnx', name: 'mine', hash: other }, unknown) ?? '', /Only validators/);
  assert.equal(unverifiableWarning({ backend: 'synod', name: 'mine', hash: same }, here), null);
  assert.equal(unverifiableWarning({ backend: 'synod', name: 'mine', hash: other }, unknown), null);
});

test('a build says at once when what it made cannot be published', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'synod-built-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const sentence = (n: number) =>
    `Berth ${n} of the old harbour ${'lies behind the long stone mole and '.repeat(15)}is dry.`;
  for (const [name, sentences] of Object.entries({ small: 3, large: 7_000 })) {
    const text = Array.from({ length: sentences }, (_, n) => sentence(n)).join('\n\n');
    // A document may not have more.
    const half = Math.ceil(text.length / 2);
    const cut = text.indexOf('\n\n', half);
    const parts = cut < 0 ? [text] : [text.slice(0, cut), text.slice(cut)];
    mkdirSync(join(folder, name));
    for (const [at, part] of parts.entries()) writeFileSync(join(folder, name, `${at}.txt`), part);
  }
  const build = (name: string, ...flags: string[]) =>
    synod([
      'expert',
      'build',
      'harbour',
      '--documents',
      join(folder, name),
      '--out',
      join(folder, `${name}-out`),
      '--no-vectors',
      ...flags,
    ]);
  const small = await build('small', '--json');
  assert.equal(small.code, 0, small.stderr);
  assert.equal((JSON.parse(small.stdout) as { unpublished: string | null }).unpublished, null);
  const large = await build('large');
  assert.equal(large.code, 0, large.stderr);
  assert.match(
    large.stderr,
    /! This knowledge cannot be published: its passages have \d+ bytes, above 4194304\. Judges .*for harbour/s,
  );
});
