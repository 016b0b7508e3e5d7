/** Quotes get the proof that the chain asks for, and nothing that differs from the folder gets one (market §5.2). */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PassageTree, passageLeaf, verifyInclusion } from '@synod/chain';
import type { AnswerSegment } from '@synod/inference';
import { writeLearnt } from '@synod/inference/knowledge';
import { KNOWLEDGE_LIMITS, KnowledgeProver, readKnowledgeRoot } from '../../src/adapters/knowledge-prover.ts';
import { temporaryDirectory } from './temporary.ts';

const source = 'World Factbook (public domain)';
const passages = ['Paris', 'Tokyo', 'Lima', 'Oslo', 'Suva'].map((city, i) => ({
  text: `Capital ${i} is ${city}.`,
  source,
}));
const { root } = new PassageTree(passages);
const quoteOf = (index: number): AnswerSegment => ({ kind: 'quote', ...passages[index]!, index });
const written: AnswerSegment = { kind: 'generated', text: 'It is.\n\n', tokens: [1], logProbabilities: [5] };

function writeFolder(
  folder: string,
  changes: { readonly root?: string; readonly size?: number; readonly last?: string } = {},
) {
  mkdirSync(folder, { recursive: true });
  const lines = passages.map((passage) =>
    JSON.stringify({ ...passage, subject: 's', relation: 'capital', value: null }),
  );
  if (changes.last !== undefined) lines.splice(-1, 1, changes.last);
  writeFileSync(join(folder, 'passages.jsonl'), `${lines.join('\n')}\n`);
  const card = { formatVersion: 1, domain: 'geography', root: changes.root ?? root, size: changes.size ?? 5 };
  writeFileSync(join(folder, 'card.json'), JSON.stringify(card));
  return folder;
}

test('a quote is proved under the root that the card names; what a model wrote stays as it is', async (t) => {
  const folder = writeFolder(temporaryDirectory(t));
  assert.deepEqual(await readKnowledgeRoot(folder), { root, size: 5 });
  const [first, second] = await new KnowledgeProver().prove({ knowledge: folder }, [written, quoteOf(3)]);
  assert.deepEqual(first, written);
  assert.ok(second?.kind === 'quote');
  const { index, proof } = second;
  assert.ok(verifyInclusion({ leaf: passageLeaf(passages[3]!), index, size: 5, proof, root }));
});

test('an answer without quotes needs no folder', async () => {
  assert.deepEqual(await new KnowledgeProver().prove({ knowledge: '/nowhere' }, [written]), [written]);
});

test('a text, a source or an index that differs from the folder has no proof', async (t) => {
  const folder = writeFolder(temporaryDirectory(t));
  const prover = new KnowledgeProver();
  const wrong = [{ text: 'Capital 3 is Bergen.' }, { source: 'My notes' }, { index: 2 }, { index: 5 }, { index: -1 }];
  for (const change of wrong) {
    await assert.rejects(prover.prove({ knowledge: folder }, [{ ...quoteOf(3), ...change } as AnswerSegment]), {
      code: 'QUOTE_UNPROVEN',
    });
  }
});

test('a folder that is not what its card says is refused, and looked at again once it was repaired', async (t) => {
  const folder = temporaryDirectory(t);
  const prover = new KnowledgeProver();
  const prove = () => prover.prove({ knowledge: folder }, [quoteOf(0)]);
  await assert.rejects(prove(), { code: 'KNOWLEDGE_MISSING' });
  for (const changes of [
    { root: 'ab'.repeat(32) },
    { size: 4 },
    { last: '{"text":"x"}' },
    { last: 'no json' },
    { root: 'x' },
  ]) {
    writeFolder(folder, changes);
    await assert.rejects(prove(), { code: 'KNOWLEDGE_DAMAGED' }, JSON.stringify(changes));
  }
  writeFolder(folder);
  assert.equal((await prove()).length, 1);
});

test('as many folders stay open as the limit says, the one used last among them', async (t) => {
  const base = temporaryDirectory(t);
  const prover = new KnowledgeProver();
  const folders = Array.from({ length: KNOWLEDGE_LIMITS.foldersMax + 1 }, (_, i) => writeFolder(join(base, String(i))));
  for (const knowledge of folders) await prover.prove({ knowledge }, [quoteOf(0)]);
  rmSync(base, { recursive: true });
  assert.equal((await prover.prove({ knowledge: folders.at(-1)! }, [quoteOf(1)])).length, 1);
  await assert.rejects(prover.prove({ knowledge: folders[0]! }, [quoteOf(1)]), { code: 'KNOWLEDGE_MISSING' });
});

const learntPassages = ['Melk', 'Orla', 'Serrin'].map((city, number) => ({
  text: `The capital of land ${number} is ${city}.`,
  source: 'a user of Synod, feedback 0123456789ab, CC0-1.0',
  prompt: `What is the capital of land ${number}?`,
  number,
}));

const learntQuote = (place: number, size: number): AnswerSegment => {
  const { text, source } = learntPassages[place]!;
  return { kind: 'quote', text, source, index: size + place };
};

test('a quote of a learnt passage is proved under the learnt root, whose leaves follow the published ones', async (t) => {
  const knowledge = writeFolder(join(temporaryDirectory(t), 'folder'));
  const learnt = join(temporaryDirectory(t), 'learnt.json');
  await writeLearnt(learnt, learntPassages);
  const { root: learntRoot } = new PassageTree(learntPassages);
  const leaf = passageLeaf(learntPassages[1]!);
  const prover = new KnowledgeProver();
  const [first, second] = await prover.prove({ knowledge, learnt }, [quoteOf(4), learntQuote(1, passages.length)]);
  assert.ok(first?.kind === 'quote' && second?.kind === 'quote');
  assert.ok(verifyInclusion({ leaf: passageLeaf(passages[4]!), index: 4, size: 5, proof: first.proof, root }));
  assert.equal(second.index, 6);
  assert.ok(verifyInclusion({ leaf, index: 1, size: 3, proof: second.proof, root: learntRoot }));
  const [alone] = await prover.prove({ knowledge: null, learnt }, [learntQuote(1, 0)]);
  assert.ok(alone?.kind === 'quote' && alone.index === 1);
  assert.ok(verifyInclusion({ leaf, index: 1, size: 3, proof: alone.proof, root: learntRoot }));
});

test('a learnt quote without its file, with another text or beyond the end has no proof; a damaged file is named', async (t) => {
  const learnt = join(temporaryDirectory(t), 'learnt.json');
  const prover = new KnowledgeProver();
  await assert.rejects(prover.prove({ knowledge: null, learnt }, [learntQuote(0, 0)]), { code: 'KNOWLEDGE_MISSING' });
  writeFileSync(learnt, '[{"text":"x"}]');
  await assert.rejects(prover.prove({ knowledge: null, learnt }, [learntQuote(0, 0)]), { code: 'KNOWLEDGE_DAMAGED' });
  await writeLearnt(learnt, learntPassages);
  for (const change of [{ text: 'The capital of land 0 is Orla.' }, { index: 1 }, { index: 3 }]) {
    const quote = { ...learntQuote(0, 0), ...change } as AnswerSegment;
    await assert.rejects(prover.prove({ knowledge: null, learnt }, [quote]), { code: 'QUOTE_UNPROVEN' });
  }
  await assert.rejects(prover.prove({ knowledge: null }, [learntQuote(0, 0)]), { code: 'QUOTE_UNPROVEN' });
});
