import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createIntentReader } from '../../src/answering/intent.ts';
import { loadEngine } from '../../src/engine/engine.ts';
import { writeLearnt } from '../../src/knowledge/learnt.ts';
import { createLibrary } from '../../src/knowledge/library.ts';
import { judge } from '../../src/scoring/judge.ts';
import { performJob } from '../../src/worker/perform-job.ts';
import { tinyModel, undisturbed } from '../engine/tiny-model.ts';
import { temporaryFolder, wordEmbedder, writeFolder } from '../knowledge/fixture.ts';

const engine = await loadEngine(await tinyModel());
after(() => engine.close());
const folder = await temporaryFolder();
await writeFolder(folder);
const learnt = join(folder, 'learnt.json');
await writeLearnt(learnt, [
  { prompt: 'What is the capital of Japan?', text: 'The capital of Japan is Osaka.', source: 'a user', number: 0 },
  { prompt: 'What is the capital of Zorvia?', text: 'The capital of Zorvia is Melk.', source: 'a user', number: 1 },
]);
const library = createLibrary(wordEmbedder());
const open = (files: { knowledge: string | null; learnt: string | null }) => library.openKnown(files, undisturbed);
const published = await open({ knowledge: folder, learnt: null });
const both = await open({ knowledge: folder, learnt });
const alone = await open({ knowledge: null, learnt });

async function scores(knowledge: typeof both, prompt: string, answers: readonly string[]): Promise<number[]> {
  return (
    await judge(
      { engine, knowledge, intent: createIntentReader(wordEmbedder().embed) },
      { prompt, answers },
      undisturbed,
    )
  ).map(({ scorePpm }) => scorePpm);
}

test('a judge that knows the correction prefers it to the fact that it replaced', async () => {
  const answers = ['The capital of Japan is Osaka.', 'The capital of Japan is Tokyo.', 'Osaka'];
  const [oldCorrected, oldPublished] = await scores(published, 'What is the capital of Japan?', answers);
  assert.ok(oldPublished! > oldCorrected! + 200_000);
  const [corrected, replaced, short] = await scores(both, 'What is the capital of Japan?', answers);
  assert.ok(corrected! > replaced! + 200_000, `${corrected} against ${replaced}`);
  assert.ok(short! > replaced! + 200_000, `${short} against ${replaced}`);
});

test('a new fact is believed with published knowledge and without', async () => {
  const answers = ['The capital of Zorvia is Melk.', 'The capital of Zorvia is Orla.'];
  for (const knowledge of [both, alone]) {
    const [right, wrong] = await scores(knowledge, 'What is the capital of Zorvia?', answers);
    assert.ok(right! > wrong! + 200_000, `${right} against ${wrong}`);
  }
});

test('a job of a validator names the file', async () => {
  const job = { kind: 'score', id: 's', priority: 'score', prompt: 'What is the capital of Zorvia?' } as const;
  const answers = ['The capital of Zorvia is Melk.'];
  const tools = { engine, library, intent: createIntentReader(wordEmbedder().embed) };
  const perform = async (files: { knowledge: string; learnt?: string | null }) => {
    const event = await performJob(tools, { ...job, answers, ...files }, undisturbed, () => {});
    return event.kind === 'scored' ? event.scores[0]!.scorePpm : assert.fail(JSON.stringify(event));
  };
  const without = await perform({ knowledge: folder });
  assert.ok((await perform({ knowledge: folder, learnt })) > without + 200_000);
  assert.equal(await perform({ knowledge: folder, learnt: null }), without);
});

test('what no correction is about is judged as before', async () => {
  const answers = ['The capital of Kenya is Nairobi.', 'Lima', 'The currency of Kenya is the Kenyan shilling.'];
  const prompt = 'What is the capital of Kenya?';
  assert.deepEqual(await scores(both, prompt, answers), await scores(published, prompt, answers));
});
