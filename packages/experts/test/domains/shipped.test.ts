/** The shipped folders and their question sets are whole and agree with each other. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { contains, DOMAINS, makeQuestions, normalWords, type Question, readFolder, splitOf } from '@synod/experts';

const root = resolve(import.meta.dirname, '../../../..');
const knowledge = (domain: string) => readFolder(join(root, 'packages/experts/knowledge', domain));
const lines = (domain: string, file: string) =>
  readFileSync(join(root, 'bench/domains', domain, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Question);

for (const { domain, sources, relations, questions: recipe } of DOMAINS) {
  describe(domain, () => {
    test('the card states root, sources and licences, and every passage names one of them', async () => {
      const { card, passages } = await knowledge(domain);
      assert.equal(card.domain, domain);
      assert.deepEqual(
        card.sources.map(({ id, licence }) => [id, licence]),
        sources.map(({ id, licence }) => [id, licence]),
      );
      for (const { text, source } of passages) {
        assert.ok(
          sources.some(({ title }) => source.includes(title)),
          `${source}: ${text}`,
        );
      }
    });

    test('every source stands in NOTICE with its licence', () => {
      const notice = readFileSync(join(root, 'packages/experts/NOTICE'), 'utf8');
      for (const { title } of sources) assert.ok(notice.includes(title), title);
    });

    test('passages are one line of text with an end, and every relation has phrases', async () => {
      const { passages, relations: shipped } = await knowledge(domain);
      assert.deepEqual(shipped, relations);
      for (const { text } of passages) assert.match(text, /[.!?)"]$/);
      for (const relation of new Set(passages.map((passage) => passage.relation)))
        assert.ok(relations[relation], `${relation} has no phrases`);
    });

    test('the committed template questions are those the recipe makes', async () => {
      const { passages, aliases } = await knowledge(domain);
      const made = makeQuestions({ domain, recipe, passages, aliases });
      assert.deepEqual(lines(domain, 'questions.jsonl'), JSON.parse(JSON.stringify(made)));
    });

    test('the gold of every answerable question stands in its passage, and the passage in the knowledge', async () => {
      const texts = new Set((await knowledge(domain)).passages.map(({ text }) => text));
      const questions = [
        ...lines(domain, 'questions.jsonl'),
        ...lines(domain, 'hand.jsonl'),
        ...lines(domain, 'practice.jsonl'),
      ];
      for (const question of questions) {
        if (question.unanswerable !== null) {
          assert.deepEqual(question.gold, []);
          continue;
        }
        assert.ok(question.passage !== null && texts.has(question.passage), `${question.id}: ${question.passage}`);
        assert.ok(contains(question.passage, question), `${question.id}: ${question.gold} in ${question.passage}`);
      }
    });

    test('test questions are enough, over entities and with phrasings that nothing is fitted on', () => {
      const questions = lines(domain, 'questions.jsonl');
      for (const { subject, split } of questions) assert.equal(splitOf(subject), split);
      const open = questions.filter(({ split }) => split === 'test');
      assert.ok(open.filter(({ unanswerable }) => unanswerable === null).length >= 200);
      assert.ok(open.filter(({ unanswerable }) => unanswerable !== null).length >= 30);
      const fitted = new Set(
        recipe.templates.flatMap(({ phrasings }) =>
          [...phrasings.train, ...phrasings.tune].map((phrasing) => normalWords(phrasing).join(' ')),
        ),
      );
      for (const { phrasings } of recipe.templates) {
        for (const phrasing of phrasings.test) assert.ok(!fitted.has(normalWords(phrasing).join(' ')), phrasing);
      }
    });

    test('at least fifty questions by hand, and thirty to be refused', () => {
      const hand = lines(domain, 'hand.jsonl');
      assert.ok(hand.filter(({ unanswerable }) => unanswerable === null).length >= 50);
      assert.ok(hand.filter(({ unanswerable }) => unanswerable !== null).length >= 30);
      assert.equal(new Set(hand.map(({ question }) => question)).size, hand.length);
    });

    test('questions for practice are by hand, about no test subject, and none of the measured ones', () => {
      const measured = new Set(lines(domain, 'hand.jsonl').map(({ question }) => normalWords(question).join(' ')));
      const questions = lines(domain, 'practice.jsonl');
      assert.equal(new Set(questions.map(({ id }) => id)).size, questions.length);
      assert.equal(new Set(questions.map(({ question }) => question)).size, questions.length);
      for (const { question, subject, kind, split, unanswerable } of questions) {
        assert.equal(kind, 'hand');
        assert.notEqual(split, 'test', question);
        if (unanswerable !== 'entity') assert.equal(splitOf(subject), split, question);
        assert.ok(!measured.has(normalWords(question).join(' ')), question);
      }
    });

    test('invented names are in no passage', async () => {
      const { passages, aliases } = await knowledge(domain);
      const known = new Set(
        [...passages.map(({ subject }) => subject), ...Object.values(aliases).flat()].map((name) => name.toLowerCase()),
      );
      for (const name of recipe.inventedSubjects) assert.ok(!known.has(name.toLowerCase()), name);
    });
  });
}

test('no name of a place is a description of it, which would hide the name inside', async () => {
  const { aliases } = await knowledge('geography');
  const describing = Object.entries(aliases).filter(([, names]) =>
    names.some((name) => /\bcapital (city )?of\b|\bcapital$/i.test(name)),
  );
  assert.deepEqual(describing, []);
});
