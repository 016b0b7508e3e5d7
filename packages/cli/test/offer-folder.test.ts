/** Whether others could have what is offered is known before anything is signed, by the rules of the bundle itself. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { KNOWLEDGE_BUNDLE_BYTES_MAX } from '@synod/chain';
import { knowledgeRootOf, type Passage } from '@synod/experts';
import { readOffered, unpublishedWarning, unverifiableWarning } from '../src/offering/offer-folder.ts';

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
  assert.match(unverifiableWarning({ backend: 'http', name: 'large' }) ?? '', /large is on a server.*paid nothing/);
  for (const backend of ['synod', 'onnx'] as const) assert.equal(unverifiableWarning({ backend, name: 'm' }), null);
});
