import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeQuestion } from '../../src/answering/follow-up.ts';
import type { ChatMessage } from '../../src/client/protocol.ts';
import { openKnowledge } from '../../src/knowledge/knowledge.ts';
import { temporaryFolder, wordEmbedder, writeFolder } from '../knowledge/fixture.ts';

const { retriever } = await openKnowledge(await writeFolder(await temporaryFolder()), { embed: wordEmbedder().embed });
const complete = (...asked: string[]) => {
  const messages = asked.flatMap((content): ChatMessage[] => [
    { role: 'user', content },
    { role: 'assistant', content: 'So it is.' },
  ]);
  return completeQuestion(messages.slice(0, -1), retriever.read);
};

const cases: readonly (readonly [readonly string[], string])[] = [
  [['What is the capital of Kenya?'], 'What is the capital of Kenya?'],
  [['What is the capital of Kenya?', 'And its population?'], "And Kenya's population?"],
  [['Tell me about Peru.', 'What currency do they use?'], 'What currency do Peru use?'],
  [['What is the capital of Kenya?', 'And the population?'], 'And the population of Kenya?'],
  [['What is the capital of Kenya?', 'And Norway?'], 'What is the capital of Norway?'],
  [['What is the capital of Kenya?', 'What is the population of Peru?'], 'What is the population of Peru?'],
  [['What is the capital of Kenya?', 'And Norway?', 'What about its currency?'], "What about Norway's currency?"],
  [
    ['What is the capital of Kenya?', 'Which metal melts at the highest temperature?'],
    'Which metal melts at the highest temperature?',
  ],
];
for (const [asked, whole] of cases) {
  test(`"${asked.at(-1)}" after "${asked.at(-2) ?? ''}" is "${whole}"`, () => assert.equal(complete(...asked), whole));
}

test('no message of the user is an empty question', () => {
  assert.equal(completeQuestion([], retriever.read), '');
});
