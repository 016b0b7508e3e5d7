import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { answer, REFUSAL } from '../../src/answering/answer.ts';
import { createIntentReader } from '../../src/answering/intent.ts';
import { phrasingRequest, phrasingText } from '../../src/answering/phrasing.ts';
import { verify } from '../../src/answering/verify.ts';
import type { AnswerSegment, ChatMessage, Effort, ExpertSetup, SegmentCheck } from '../../src/client/protocol.ts';
import { type Engine, loadEngine } from '../../src/engine/engine.ts';
import { createLibrary } from '../../src/knowledge/library.ts';
import { readManifest } from '../../src/models/store/manifest-file.ts';
import { buildTinyModel } from '../../src/models/tiny/build-tiny-model.ts';
import { randomAdapter } from '../engine/random-adapter.ts';
import { tinyModel, undisturbed } from '../engine/tiny-model.ts';
import { passages, temporaryFolder, wordEmbedder, writeFolder } from '../knowledge/fixture.ts';

type Generated = Extract<AnswerSegment, { kind: 'generated' }>;

const directory = await tinyModel();
const engine = await loadEngine(directory);
after(() => engine.close());
const folder = await writeFolder(await temporaryFolder());
const library = createLibrary({ embed: wordEmbedder().embed });
const profile = { instruction: 'Be short.', temperature: 0, topP: 1, maxTokens: 24 };
const general: ExpertSetup = { profile, knowledge: null, adapter: null };
const user = (content: string): ChatMessage[] => [{ role: 'user', content }];

const manifest = await readManifest(directory);
const { architecture } = manifest;
const adapters = await mkdtemp(join(tmpdir(), 'synod-adapters-'));
after(() => rm(adapters, { recursive: true, force: true }));
const adapterFile = (seed: number) => randomAdapter(join(adapters, `${seed}`), { manifest, seed });

async function write(content: string, expert = general, writer: Engine = engine): Promise<Generated> {
  const tools = { engine: writer, library, intent: createIntentReader(wordEmbedder().embed) };
  const request = { messages: user(content), expert, seed: 1, stop: [] };
  const { segments } = await answer(tools, request, { ...undisturbed, onText: () => {} });
  return segments[0] as Generated;
}

async function check(
  content: string,
  segments: readonly AnswerSegment[],
  expert = general,
  effort: Effort = 'full',
): Promise<SegmentCheck> {
  const [found, ...more] = await verify(
    { engine, library },
    { messages: user(content), expert, segments, effort },
    undisturbed,
  );
  assert.deepEqual(more, []);
  return found!;
}

const PROMPTS = ['always', 'tell', 'hello there', 'why so', 'x', 'a longer prompt of many words'] as const;
const first = PROMPTS[0];

/** The log-probabilities that the claimed model gives, computed by reading: what a forger can make at will. */
async function claimedBy(tokens: readonly number[], content: string, adapter: string | null = null): Promise<number[]> {
  const { instruction } = profile;
  const read = await engine.review(
    { messages: user(content), instruction, tokensMax: 24, stop: [], adapter, tokens },
    undisturbed,
  );
  assert.ok(read.kind === 'read');
  return read.logProbabilities.map((nats) => Math.round(-1000 * nats));
}

test('what the model wrote matches, also what it wrote in company', async () => {
  const together = await Promise.all(PROMPTS.map((content) => write(content)));
  for (const [i, content] of PROMPTS.entries()) {
    for (const segment of [await write(content), together[i]!]) {
      const found = await check(content, [segment]);
      assert.deepEqual([found.verdict, found.fault, found.segment], ['match', null, 0], content);
      assert.equal(found.greedyPpm, 1_000_000);
    }
  }
});

test('an answer that ends because there is no more room matches; cut short it does not', async () => {
  const full = await write(first);
  assert.equal(full.tokens.length, profile.maxTokens);
  assert.equal((await check(first, [full])).verdict, 'match');
  const cut = { ...full, tokens: full.tokens.slice(0, 10), logProbabilities: full.logProbabilities.slice(0, 10) };
  const text = await said(cut.tokens);
  assert.equal((await check(first, [{ ...cut, text }])).fault, 'truncated');
});

test('an answer ends before a stop sequence of its job, and nothing stands after it', async () => {
  const messages = user(first);
  const long = await write(first);
  const stop = [long.text.slice(6, 8)];
  const { text, tokens, logProbabilities } = await engine.generate(
    { messages, profile, seed: 1, stop, adapter: null },
    { ...undisturbed, onText: () => {} },
  );
  assert.ok(tokens.length < long.tokens.length);
  const stopped: Generated = { kind: 'generated', text, tokens, logProbabilities };
  const checkStopped = async (segment: Generated, stops: readonly string[]) => {
    const request = { messages, expert: general, segments: [segment], stop: stops };
    const [found] = await verify({ engine, library }, request, undisturbed);
    return found!.fault;
  };
  assert.equal(await checkStopped(stopped, stop), null);
  assert.equal(await checkStopped({ ...long, text }, stop), 'tokens');
  assert.equal(await checkStopped({ ...stopped, text: await said(tokens) }, []), 'truncated');
});

async function said(tokens: readonly number[]): Promise<string> {
  const { instruction } = profile;
  const request = { messages: user(first), instruction, tokensMax: 24, stop: [], adapter: null, tokens };
  const read = await engine.review(request, undisturbed);
  assert.ok(read.kind === 'read');
  return read.text;
}

test('log-probabilities that are missing, too few or too many do not match', async () => {
  const segment = await write(first);
  const { logProbabilities } = segment;
  for (const wrong of [[], logProbabilities.slice(1), [...logProbabilities, 1]]) {
    assert.equal((await check(first, [{ ...segment, logProbabilities: wrong }])).fault, 'length');
  }
  assert.equal((await check(first, [{ ...segment, tokens: [], logProbabilities: [] }])).fault, 'length');
});

test('log-probabilities that are made up do not match', async () => {
  const segment = await write(first);
  for (const make of [() => 0, () => 65_535, (milli: number) => milli + 600, () => Number.NaN]) {
    const found = await check(first, [{ ...segment, logProbabilities: segment.logProbabilities.map(make) }]);
    assert.equal(found.fault, 'probabilities');
  }
});

test('a text that its tokens do not say does not match', async () => {
  const segment = await write(first);
  assert.equal((await check(first, [{ ...segment, text: `${segment.text}.` }])).fault, 'text');
  assert.equal((await check(first, [{ ...segment, text: 'Paris.' }])).fault, 'text');
});

test('tokens that no model of this vocabulary records do not match', async () => {
  const segment = await write(first);
  for (const token of [architecture.vocabulary, -1, 1.5, architecture.endToken, Number.NaN]) {
    const tokens = [...segment.tokens.slice(0, -1), token];
    assert.equal((await check(first, [{ ...segment, tokens }])).fault, 'tokens');
  }
});

test('more tokens than the expert may write do not match', async () => {
  const long = await write(first, { ...general, profile: { ...profile, maxTokens: 25 } });
  assert.equal(long.tokens.length, 25);
  assert.equal((await check(first, [long])).fault, 'tokens');
});

test('tokens of a cheap model with log-probabilities of the claimed one do not match', async () => {
  const cheap = await mkdtemp(join(tmpdir(), 'synod-cheap-'));
  after(() => rm(cheap, { recursive: true, force: true }));
  await buildTinyModel(cheap, { seed: 2 });
  const other = await loadEngine(cheap);
  after(() => other.close());
  for (const content of PROMPTS) {
    const written = await write(content, general, other);
    const found = await check(content, [{ ...written, logProbabilities: await claimedBy(written.tokens, content) }]);
    assert.equal(found.fault, 'greedy');
    assert.ok(found.gapMilli > 0 && found.greedyPpm < 1_000_000);
    assert.ok(found.distanceMilli < 5);
    // Base swapped: the same with the cheap model's own log-probabilities.
    assert.equal((await check(content, [written])).verdict, 'mismatch');
  }
});

test('another adapter, or none, does not match the claimed one', async () => {
  const [own, other] = [await adapterFile(1), await adapterFile(2)];
  const honest = { ...general, adapter: own };
  for (const adapter of [other, null]) {
    const written = await write(first, { ...general, adapter });
    assert.equal((await check(first, [written], honest)).verdict, 'mismatch');
    const forged = { ...written, logProbabilities: await claimedBy(written.tokens, first, own) };
    assert.equal((await check(first, [forged], honest)).fault, 'greedy');
  }
  assert.equal((await check(first, [await write(first, honest)], honest)).verdict, 'match');
});

test('an answer to another prompt or under another instruction does not match', async () => {
  const segment = await write(first);
  assert.equal((await check('why so', [segment])).verdict, 'mismatch');
  const other = { ...general, profile: { ...profile, instruction: 'Be long.' } };
  assert.equal((await check(first, [segment], other)).verdict, 'mismatch');
});

test('a profile that asks for sampling is answered greedily all the same', async () => {
  const hot = { ...general, profile: { ...profile, temperature: 1 } };
  assert.deepEqual((await write(first, hot)).tokens, (await write(first)).tokens);
});

const knowing: ExpertSetup = { profile, knowledge: folder, adapter: null };

test('a refusal is the stated sentence with the log-probabilities that the model gives it', async () => {
  const question = 'What is the capital of Freedonia?';
  const refusal = await write(question, knowing);
  assert.equal(refusal.text, REFUSAL);
  assert.equal((await check(question, [refusal], knowing)).verdict, 'match');
  const zeros = refusal.logProbabilities.map(() => 0);
  assert.equal((await check(question, [{ ...refusal, logProbabilities: zeros }], knowing)).fault, 'probabilities');
  const tokens = refusal.tokens.toReversed();
  assert.equal((await check(question, [{ ...refusal, tokens }], knowing)).fault, 'text');
  // Who has no knowledge writes; the sentence is nothing that its model would say.
  assert.equal((await check(question, [refusal], general)).verdict, 'mismatch');
});

test('where effort was spared a refusal is its sentence alone, stated as certain or read; nothing else may be stated', async () => {
  const question = 'What is the capital of Freedonia?';
  const read = await write(question, knowing);
  const stated = { ...read, logProbabilities: read.logProbabilities.map(() => 0) };
  const spared = async (segment: Generated, expert = knowing) =>
    (await check(question, [segment], expert, 'quote')).fault;
  assert.equal(await spared(stated), null);
  assert.equal(await spared(read), null);
  assert.equal((await check(question, [stated], knowing)).fault, 'probabilities');
  const half = { ...read, logProbabilities: read.logProbabilities.map((_, i) => (i === 0 ? 60_000 : 0)) };
  assert.equal(await spared(half), 'probabilities');
  assert.equal(await spared({ ...stated, tokens: stated.tokens.toReversed() }), 'text');
  assert.equal(await spared({ ...stated, tokens: [...stated.tokens, stated.tokens[0]!] }), 'length');
  assert.notEqual(await spared(stated, general), null);
  const written = await write(first);
  const certain = { ...written, logProbabilities: written.logProbabilities.map(() => 0) };
  assert.equal((await check(first, [certain], general, 'quote')).fault, 'probabilities');
});

const { text: quote, source } = passages[0]!;
const quoted: AnswerSegment = { kind: 'quote', text: quote, source, index: 0 };

/** What `phrase` records, without its check of faithfulness, which random weights never pass. */
async function phrased(question: string): Promise<Generated> {
  const request = { ...phrasingRequest(quote, { question, adapter: null }), stop: ['e'] };
  const { text, tokens, logProbabilities } = await engine.generate(request, { ...undisturbed, onText: () => {} });
  return { kind: 'generated', text: phrasingText(text), tokens, logProbabilities };
}

test('a phrasing is read after the prompt that its quote makes', async () => {
  const question = 'What is the capital of France?';
  const segment = await phrased(question);
  const found = await check(question, [segment, quoted], knowing);
  // The tiny model never writes the newline at which a phrasing stops: all else is as claimed.
  assert.ok(found.greedyPpm === 1_000_000 && found.distanceMilli < 100, JSON.stringify(found));
  const elsewhere = await check('What is the currency of France?', [segment, quoted], knowing);
  assert.ok(elsewhere.gapMilli > 500);
  const other: AnswerSegment = { ...quoted, text: passages[1]!.text };
  assert.ok((await check(question, [segment, other], knowing)).gapMilli > 500);
});

test('answers of shapes that no expert makes do not match', async () => {
  const segment = await write(first);
  assert.equal((await check(first, [quoted, segment], knowing)).fault, 'shape');
  assert.equal((await check(first, [segment, quoted], general)).fault, 'shape');
  assert.equal((await check(first, [segment, quoted, quoted], knowing)).fault, 'shape');
  const silent = { ...knowing, profile: { ...profile, maxTokens: 0 } };
  assert.equal((await check(first, [segment, quoted], silent)).fault, 'shape');
  const twice = { messages: user(first), expert: general, segments: [segment, segment] };
  const found = await verify({ engine, library }, twice, undisturbed);
  assert.deepEqual(
    found.map(({ segment: at, fault }) => [at, fault]),
    [
      [0, 'shape'],
      [1, 'shape'],
    ],
  );
});

test('an answer that only quotes has nothing to check', async () => {
  const request = { messages: user(first), expert: knowing, segments: [quoted] };
  assert.deepEqual(await verify({ engine, library }, request, undisturbed), []);
});
