import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openKnowledge } from '../../src/knowledge/knowledge.ts';
import { createClassifier, encodeRow, softmax } from '../../src/routing/classifier.ts';
import { difficultyPpm } from '../../src/routing/difficulty.ts';
import { createNameFilter, encodeNames } from '../../src/routing/name-filter.ts';
import { decodePoints, encodePoints, nearness, summarise } from '../../src/routing/prototypes.ts';
import { route } from '../../src/routing/router.ts';
import { shorten } from '../../src/routing/shorten.ts';
import { undisturbed } from '../engine/tiny-model.ts';
import { document, temporaryFolder, wordEmbedder, writeFolder } from '../knowledge/fixture.ts';

const zeros = async (texts: readonly string[]) => texts.map(() => new Float32Array(384));

test('a route names every domain once, most probable first, in integers that leave the rest to none', async () => {
  const routed = await route(zeros, 'What is the atomic number of tungsten?', undisturbed);
  const domains = routed.probabilities.map(({ domain }) => domain);
  assert.deepEqual(domains.toSorted(), ['chemistry', 'geography', 'medicine', 'programming']);
  const ppms = routed.probabilities.map(({ ppm }) => ppm);
  assert.deepEqual(
    ppms,
    ppms.toSorted((a, b) => b - a),
  );
  assert.ok(ppms.every(Number.isInteger));
  assert.ok(ppms.reduce((sum, ppm) => sum + ppm, 0) <= 1_000_002);
});

test('vectors of another embedder are routed nowhere', async () => {
  const narrow = async (texts: readonly string[]) => texts.map(() => new Float32Array(16));
  const routed = await route(narrow, 'What is the capital of France?', undisturbed);
  assert.equal(routed.domain, null);
  assert.ok(routed.probabilities.every(({ ppm }) => ppm === 0));
});

test('any prompt is routed, whatever is in it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (prompt) => {
      const { difficultyPpm: difficulty } = await route(zeros, prompt, undisturbed);
      assert.ok(Number.isInteger(difficulty) && difficulty >= 0 && difficulty <= 1_000_000);
    }),
    { numRuns: 50 },
  );
});

test('a domain of somebody’s own documents takes what names their things or what they surely answer, and nothing else', async () => {
  const { embed } = wordEmbedder();
  const wide = async (texts: readonly string[]) =>
    (await embed(texts)).map((vector) => Float32Array.from({ length: 384 }, (_, i) => vector[i] ?? 0));
  const folder = await writeFolder(await temporaryFolder(), [
    document('The lift in Brenholt Tower is serviced every March by Ostrava Lifts.', 'House rules'),
    document('Keys for Brenholt Tower are kept by Mirela at the front desk.', 'House rules'),
  ]);
  const own = [{ domain: 'house', knowledge: await openKnowledge(folder, { embed: wide }) }];
  const asked = async (prompt: string) => await route(wide, prompt, undisturbed, own);
  for (const prompt of ['who has the keys of brenholt tower?', 'What does Mirela do?']) {
    const { domain, probabilities } = await asked(prompt);
    assert.deepEqual([domain, probabilities[0]?.domain], ['house', 'house'], prompt);
    assert.ok(probabilities.reduce((sum, { ppm }) => sum + ppm, 0) <= 1_000_003);
  }
  for (const prompt of ['What is the capital of France?', 'Tell me the rules of chess.', 'Who lives in a tower?']) {
    const alone = await route(wide, prompt, undisturbed);
    assert.equal((await asked(prompt)).domain, alone.domain, prompt);
  }
});

test('a classifier weighs embedding, names and bias', () => {
  const file = {
    formatVersion: 1 as const,
    classes: ['a', 'none'],
    dimensions: 7,
    embedding: 2,
    rows: [encodeRow([1, 0, 4, 0, 1, 0, 0, -0.5]), encodeRow([0, 1, 0, 0, 0, 0, 0.5, 0])],
    names: [encodeNames(['Freedonia'])],
    points: [encodePoints([Float32Array.of(1, 0)]), encodePoints([Float32Array.of(0, 1)])],
  };
  const classifier = createClassifier(file);
  const [unknown] = classifier.probabilities('Where is Sylvania?', Float32Array.of(0, 1));
  const [known] = classifier.probabilities('Freedonia', Float32Array.of(0, 1));
  assert.ok(Math.abs(unknown! - softmax([-0.5, 1])[0]!) < 1e-6);
  assert.ok(Math.abs(known! - softmax([4.5, 1])[0]!) < 1e-6);
});

test('prototypes: bytes keep directions, clusters get a point each, the nearest class is 0', () => {
  const along = (degrees: number) =>
    Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));
  const points = summarise([0, 2, 4, 90, 92, 94].map(along), 2);
  const [a, b] = decodePoints(encodePoints(points), 2);
  assert.ok(a![0]! > 0.99 && b![1]! > 0.99);
  const near = nearness(along(5), [
    [a!, a!, a!],
    [b!, b!, b!],
  ]);
  assert.equal(near[0], 0);
  assert.ok(near[1]! < -0.8);
});

test('a name filter finds all its names and hardly anything else', () => {
  const names = Array.from({ length: 2_000 }, (_, i) => `name${i} island`);
  const filter = createNameFilter(encodeNames(names));
  for (const name of names) assert.deepEqual(filter.find(name), { share: 1, longest: 2 });
  const strangers = Array.from({ length: 2_000 }, (_, i) => `other${i}`).filter((name) => filter.find(name).share > 0);
  assert.ok(strangers.length < 60, `${strangers.length} false hits`);
  assert.deepEqual(filter.find('How big is name7 island'), { share: 0.4, longest: 2 });
});

test('difficulty: a fact is easier than an explanation, one demand easier than four, certainty easier than doubt', () => {
  const fact = difficultyPpm('What is the capital of France?', 0.99);
  assert.ok(fact < 50_000);
  assert.ok(difficultyPpm('How tall is Mont Blanc?', 0.99) < 50_000);
  const explained = difficultyPpm('Explain why France chose Paris as its capital.', 0.99);
  assert.ok(explained > fact + 300_000);
  const several = difficultyPpm(
    'Explain recursion. Then write a function. What does it cost? Compare two versions.',
    0.99,
  );
  assert.ok(several > explained + 100_000);
  assert.ok(difficultyPpm('What is the capital of France?', 0.3) > fact + 100_000);
  assert.ok(difficultyPpm(`Explain ${'this and '.repeat(2_000)}? ? ? ?`, 0) <= 1_000_000);
});

test('a long prompt is read at both ends', () => {
  const long = `beginning ${'x'.repeat(5_000)} end`;
  assert.ok(shorten(long).startsWith('beginning') && shorten(long).endsWith('end'));
  assert.ok(shorten(long).length <= 1_201);
  assert.ok(shorten('😀'.repeat(2_000)).isWellFormed());
});
