import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { answer, REFUSAL } from '../../src/answering/answer.ts';
import { createIntentReader } from '../../src/answering/intent.ts';
import type { ChatMessage } from '../../src/client/protocol.ts';
import { loadEngine } from '../../src/engine/engine.ts';
import { createLibrary } from '../../src/knowledge/library.ts';
import { tinyModel, undisturbed } from '../engine/tiny-model.ts';
import { document, passages, temporaryFolder, wordEmbedder, writeFolder } from '../knowledge/fixture.ts';

const engine = await loadEngine(await tinyModel());
after(() => engine.close());
const profile = { instruction: '', temperature: 0, topP: 1, maxTokens: 12 };

async function ask(folder: string | null, ...contents: string[]) {
  const { embed } = wordEmbedder();
  const tools = { engine, library: createLibrary({ embed }), intent: createIntentReader(embed) };
  const messages = contents.map((content, i): ChatMessage => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }));
  const pieces: string[] = [];
  const request = { messages, expert: { profile, knowledge: folder, adapter: null }, seed: 1, stop: [] };
  const onText = (text: string) => pieces.push(text);
  const result = await answer(tools, request, { ...undisturbed, onText });
  assert.equal(pieces.join(''), result.segments.map(({ text }) => text).join(''));
  return result;
}

const folder = await writeFolder(await temporaryFolder());

test('a question is answered by its passage, byte for byte', async () => {
  const result = await ask(folder, 'What is the capital of Kenya?');
  const index = passages.findIndex(({ value }) => value === 'Nairobi');
  const { text, source } = passages[index]!;
  assert.deepEqual(result.segments, [{ kind: 'quote', text, source, index }]);
  assert.equal(result.grounding, 'quote');
});

test('an unknown subject is refused in words whose tokens and log-probabilities are given', async () => {
  const result = await ask(folder, 'What is the capital of Freedonia?');
  assert.equal(result.grounding, 'refused');
  const [segment] = result.segments;
  assert.ok(segment?.kind === 'generated' && segment.text === REFUSAL);
  assert.ok(segment.tokens.length > 3);
  assert.equal(segment.tokens.length, segment.logProbabilities.length);
  assert.ok(segment.logProbabilities.every((milli) => Number.isInteger(milli) && milli >= 0));
});

test('an expert without knowledge writes', async () => {
  const result = await ask(null, 'hello');
  assert.deepEqual([result.grounding, result.segments[0]?.kind], ['ungrounded', 'generated']);
});

test('changing a document changes the answer', async () => {
  const changing = await temporaryFolder();
  const with_ = (text: string) => writeFolder(changing, [...passages, document(text, 'Atlantis')]);
  await with_('The ferry to Atlantis leaves at nine.');
  const before = await ask(changing, 'When does the ferry to Atlantis leave?');
  await with_('The ferry to Atlantis leaves at noon.');
  const after_ = await ask(changing, 'When does the ferry to Atlantis leave?');
  assert.match(before.segments[0]!.text, /nine/);
  assert.match(after_.segments[0]!.text, /noon/);
});
