/** `synod data export` and `data verify`: what holds is proven without a node, what does not is named by its line. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  decodeFeedback,
  decodeLightBlock,
  encodeFeedback,
  encodeLightBlock,
  fromHex,
  promptHash,
  stateKeys,
  toHex,
} from '@synod/chain';
import type { DataHeadJson, DataItemJson } from '@synod/rpc/feedback-data';
import { statePathJson } from '../../rpc/src/json/proofs.ts';
import { readDataFile } from '../src/learning/check-data.ts';
import { type Ended, synod } from './command.ts';
import { DOMAIN, FIRST_AT, serveFeedback, stateAfter, trust } from './feedback-chain.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-data-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = () => join(folder, `${files++}.jsonl`);

const exported = (url: string, out: string, ...flags: string[]): Promise<Ended> =>
  synod(['data', 'export', '--domain', DOMAIN, '--out', out, '--rpc', url, ...flags]);
const verify = (file: string, ...flags: string[]): Promise<Ended> => synod(['data', 'verify', file, ...flags]);

type Line = DataHeadJson | DataItemJson;
const linesOf = (file: string): Line[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const itemsOf = (file: string) => linesOf(file).filter((line) => line.kind === 'feedback');

function write(lines: readonly Line[]): string {
  const file = newFile();
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
}

test('an export is proven by the block of its head, and says whose words it leaves out', async (t) => {
  const node = await serveFeedback(t, 20);
  node.absent.add(2);
  const file = newFile();
  const ended = await exported(node.url, file);
  assert.equal(ended.code, 0, ended.stderr);
  assert.match(
    ended.stdout,
    /✔ 14 feedback of geography in .*, 3 without words, which were given for training alone, 1 whose words this node does not have/,
  );
  assert.ok(ended.stdout.includes(`data verify ${file} --trust ${trust(20)}`), ended.stdout);
  const items = itemsOf(file);
  assert.deepEqual(
    items.filter(({ withheld }) => withheld === 'consent').map(({ feedback }) => feedback.number),
    [3, 7, 11],
  );
  assert.equal(JSON.parse(items[0]!.words!).correction, 'The capital of land 0 is town 0.');
  const proven = await verify(file, '--trust', trust(20));
  assert.equal(proven.code, 0, proven.stderr);
  assert.match(
    proven.stdout,
    /✔ 14 feedback of geography are part of test-1\n {2}numbers {4}0 to 13 without a gap, of 14/,
  );
  const json = JSON.parse((await verify(file, '--trust', trust(20), '--json')).stdout);
  assert.deepEqual([json.valid, json.words, json.withheld, json.absent], [true, 10, 3, 1]);
  const all = newFile();
  assert.equal((await exported(node.url, all, '--all-consents')).code, 0);
  assert.equal(itemsOf(all).filter(({ words }) => words === null).length, 1);
  assert.equal((await verify(all, '--trust', trust(20))).code, 0);
});

test("without a trusted block, or with one too far off, nothing is decided; with another chain's it is refused", async (t) => {
  const node = await serveFeedback(t, 20);
  const file = newFile();
  await exported(node.url, file);
  const bare = await verify(file);
  assert.equal(bare.code, 12);
  assert.match(bare.stderr, /All 14 lines hold together under block 20/);
  assert.equal((await verify(file, '--trust', trust(3))).code, 12);
  assert.equal((await verify(file, '--trust', trust(3), '--rpc', node.url)).code, 0);
  assert.equal((await verify(file, '--trust', `20@0x${'ab'.repeat(32)}`)).code, 11);
  assert.equal((await verify(file, '--trust', trust(20), '--chain', 'other')).code, 11);
  const led = newFile();
  await exported(node.url, led, '--trust', trust(15));
  assert.equal((await verify(led, '--trust', trust(15))).code, 0);
});

test('an export goes on where it stopped, also with half a line at its end, and with a head that is newer', async (t) => {
  const node = await serveFeedback(t, 12);
  const file = newFile();
  await exported(node.url, file);
  assert.equal(itemsOf(file).length, 6);
  appendFileSync(file, '{"kind":"feedback","feedb');
  assert.equal((await verify(file, '--trust', trust(12))).code, 11);
  node.head = 25;
  const again = await exported(node.url, file, '--json');
  assert.equal(again.code, 0, again.stderr);
  const { items, earlier, checkpoint } = JSON.parse(again.stdout);
  assert.deepEqual([items, earlier, checkpoint], [13, 6, trust(12)]);
  assert.deepEqual(
    itemsOf(file).map(({ feedback }) => feedback.number),
    Array.from({ length: 19 }, (_, number) => number),
  );
  assert.equal(linesOf(file).filter(({ kind }) => kind === 'head').length, 2);
  const proven = await verify(file, '--trust', trust(12));
  assert.equal(proven.code, 0, proven.stderr);
  assert.match(proven.stdout, /later {6}1 headers more/);
  const before = readFileSync(file, 'utf8');
  assert.equal(JSON.parse((await exported(node.url, file, '--json')).stdout).items, 0);
  assert.equal(readFileSync(file, 'utf8'), before);
});

test('a state that is forgotten on the way is left for a newer one', async (t) => {
  const node = await serveFeedback(t, 29);
  let proofs = 0;
  node.onProof = () => {
    proofs += 1;
    if (proofs === 22) [node.head, node.provable] = [30, 29];
  };
  const file = newFile();
  const ended = await exported(node.url, file);
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(linesOf(file).filter(({ kind }) => kind === 'head').length, 2);
  assert.equal(itemsOf(file).length, 24);
  assert.equal((await verify(file, '--trust', trust(29))).code, 0);
});

test('--from begins at a height, and another export is not put behind this one', async (t) => {
  const node = await serveFeedback(t, 20);
  const file = newFile();
  assert.equal((await exported(node.url, file, '--from', String(FIRST_AT + 5))).code, 0);
  assert.deepEqual(itemsOf(file).map(({ feedback }) => feedback.number)[0], 5);
  assert.equal((await verify(file, '--trust', trust(20))).code, 0);
  const before = readFileSync(file, 'utf8');
  const other = await exported(node.url, file);
  assert.equal(other.code, 1);
  assert.match(other.stderr, /another from: 11, not 0/);
  assert.equal(readFileSync(file, 'utf8'), before);
  const text = newFile();
  writeFileSync(text, 'notes of mine\n');
  assert.match((await exported(node.url, text)).stderr, /is no export that can be gone on with/);
  assert.equal(readFileSync(text, 'utf8'), 'notes of mine\n');
  assert.equal((await exported(node.url, newFile(), '--from', 'soon')).code, 2);
  const none = await synod(['data', 'export', '--domain', 'law', '--out', newFile(), '--rpc', node.url]);
  assert.deepEqual([none.code, /has learnt nothing so far/.test(none.stderr)], [4, true]);
  const streamed = await synod(['data', 'export', '--domain', DOMAIN, '--rpc', node.url]);
  assert.equal(streamed.stdout.trimEnd().split('\n').length, 15);
});

test('every change of a line is found, and named by its line', async (t) => {
  const node = await serveFeedback(t, 20);
  const file = newFile();
  await exported(node.url, file);
  const lines = linesOf(file);
  const at = 3;
  const item = lines[at] as DataItemJson;
  const [head] = lines as [DataHeadJson];
  const replaced = (line: Line, index = at) => lines.map((each, place) => (place === index ? line : each));
  const words = JSON.stringify({ ...JSON.parse(item.words!), answer: 'Something else.' });
  const changes: readonly (readonly [readonly Line[], RegExp])[] = [
    [replaced({ ...item, words: item.words!.replace('Lyon', 'Nice') }), /Line 4 .*words are not those whose hash/],
    [replaced({ ...item, words }), /Line 4 .*words are not those whose hash/],
    [replaced({ ...item, words: item.words!.slice(0, -1) }), /Line 4 .*words are not those/],
    [
      replaced({ ...item, feedback: { ...item.feedback, rating: 'bad' } }),
      /Line 4 .*"rating" is not what the proven record/,
    ],
    [replaced({ ...item, feedback: { ...item.feedback, state: 'refused' } }), /Line 4 .*"state"/],
    [replaced({ ...item, proof: (lines[5] as DataItemJson).proof }), /not under the state root/],
    [
      replaced({ ...item, proof: { ...item.proof, siblings: item.proof.siblings.slice(1) } }),
      /not under the state root/,
    ],
    [replaced({ ...item, words: null }), /Line 4 .*no words, and does not say why/],
    [lines.toSpliced(at, 1), /Line 4 .*it is feedback 3, where 2 should come/],
    [lines.toSpliced(at, 0, item), /Line 5 .*it is feedback 2, where 3 should come/],
    [lines.slice(1), /comes before any head/],
    [replaced({ ...head, count: 9 }, 0), /Line 1 .*its count is not/],
    [replaced({ ...head, consents: 'all' }, 0), /Line 5 .*withholds words/],
    [replaced({ ...head, from: '12' }, 0), /Line 2 .*given before block 12/],
    [replaced({ ...head, domain: 'chemistry' }, 0), /Line 1 .*there is no record|not under/],
    [replaced({ ...head, height: '18' }, 0), /Line 1|proves the state of another height/],
    [replaced({ ...head, chainId: 'other' }, 0), /Line 1 .*of the chain "test-1"/],
    [[], /it has no head/],
  ];
  for (const [changed, message] of changes) {
    await assert.rejects(readDataFile(write(changed)), { code: 'PROOF_INVALID', message }, String(message));
  }
  const [unsigned] = linesOf(file) as [DataHeadJson];
  const middle = unsigned.block.length / 2;
  const digit = unsigned.block[middle] === '0' ? '1' : '0';
  const block = unsigned.block.slice(0, middle) + digit + unsigned.block.slice(middle + 1);
  assert.equal((await verify(write(replaced({ ...head, block }, 0)))).code, 11);
  assert.equal((await verify(join(folder, 'nowhere.jsonl'), '--trust', trust(20))).code, 4);
  const cut = newFile();
  writeFileSync(cut, readFileSync(file, 'utf8').slice(0, -40));
  assert.match((await verify(cut, '--trust', trust(20))).stderr, /line 15 is cut off/);
});

test('words that ask something else than the query did are found out, offline', async (t) => {
  const node = await serveFeedback(t, 20);
  const file = newFile();
  await exported(node.url, file, '--all-consents');
  const [head, item, ...rest] = linesOf(file) as [DataHeadJson, DataItemJson, ...Line[]];
  const height = Number(head.height);
  const key = stateKeys.feedback(DOMAIN, 0);
  const record = decodeFeedback(stateAfter(height).get(key)!);
  const block = decodeLightBlock(fromHex(head.block.slice(2)));
  assert.ok(record.ok && block.ok);
  const asked = (prompt: string) => {
    const other = { ...record.value, promptHash: promptHash(prompt) };
    const state = stateAfter(height).update(new Map([[key, encodeFeedback(other)]]));
    const pathTo = (of: string) => statePathJson(state.prove(of));
    const bytes = encodeLightBlock({ ...block.value, header: { ...block.value.header, stateRoot: state.root } });
    const feedback = { ...item.feedback, promptHash: `0x${other.promptHash}` } as const;
    const first = { ...head, block: `0x${toHex(bytes)}`, line: pathTo(stateKeys.line(DOMAIN)) } as const;
    const items = rest.map((line) =>
      line.kind === 'feedback' ? { ...line, proof: pathTo(stateKeys.feedback(DOMAIN, line.feedback.number)) } : line,
    );
    return write([first, { ...item, feedback, proof: pathTo(key) }, ...items]);
  };
  assert.equal((await readDataFile(asked(JSON.parse(item.words!).prompt))).items, rest.length + 1);
  const wrong = readDataFile(asked('What is the capital of Spain?'));
  await assert.rejects(wrong, { code: 'PROOF_INVALID', message: /Line 2 .*disagree with its record: prompt/ });
});
