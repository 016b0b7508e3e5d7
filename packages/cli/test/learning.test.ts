/** Feedback, votes and choices from the command line against production hosts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLearning } from '@synod/chain';
import { alice, aliceSeed, expertSeed, openQuery, operatorSeed, type WorkerScript } from '../../node/test/host/lab.ts';
import { runExpertLearn } from '../src/commands/expert-life.ts';
import { giveFeedback } from '../src/commands/feedback.ts';
import { rollBack } from '../src/commands/model-rollback.ts';
import { serveLab } from './lab-server.ts';

const worker: WorkerScript = {
  answer: () => 'It is Lyon.',
  score: ({ answers }) => answers.map(() => 700_000),
};

const plain = { json: true, debug: false };

test('what was asked is corrected with the key that asked, once, and by nobody else', async (t) => {
  const { lab, url, run, api, keyFile } = await serveLab(t, { worker });
  run(() => lab.heightEverywhere() >= 2);
  const id = openQuery(lab);
  run(() => api.query(id, null)?.status === 'final');
  const say = (seed: Uint8Array, query = id as string) =>
    giveFeedback(`0x${query}`, undefined, {
      ...plain,
      rpc: url,
      keyFile: keyFile(seed),
      correct: 'It is Paris, of course.',
    });
  await assert.rejects(say(operatorSeed(1)), { code: 'FEEDBACK_FOREIGN' });
  await assert.rejects(say(aliceSeed, 'ab'.repeat(32)), { code: 'FEEDBACK_UNKNOWN_QUERY' });
  const told = await say(aliceSeed);
  assert.match(told.lines.join('\n'), /✔ feedback recorded {3}block \d+\n {2}general learns from it/);
  run(() => api.feedbackOf(id)?.feedback.state === 'available');
  assert.deepEqual(
    [api.feedbackOf(id)?.text?.correction, api.feedbackOf(id)?.feedback.author],
    ['It is Paris, of course.', alice],
  );
  await assert.rejects(say(aliceSeed), { code: 'FEEDBACK_TWICE' });
});

test('a version that is none is not taken back, and a vote needs a key', async (t) => {
  const { lab, url, run, keyFile } = await serveLab(t, {});
  run(() => lab.heightEverywhere() >= 2);
  const vote = (domain: string, version: string) =>
    rollBack(domain, version, { ...plain, rpc: url, keyFile: keyFile(operatorSeed(0)) });
  await assert.rejects(vote('law', '1'), { code: 'DOMAIN_UNKNOWN' });
  await assert.rejects(vote('general', 'newest'), { code: 'NUMBER_INVALID' });
  await assert.rejects(rollBack('general', '1', { ...plain, rpc: url }), { code: 'USAGE' });
});

test('an expert declines what its domain learns, and takes it again', async (t) => {
  const { lab, url, run, api, keyFile } = await serveLab(t, {});
  run(() => lab.heightEverywhere() >= 2);
  const flags = { ...plain, rpc: url, keyFile: keyFile(expertSeed(0)) };
  const [expert] = api.experts('general').filter(({ profile }) => profile.operator === lab.nodes[0]!.operator);
  for (const answer of ['no', 'yes']) {
    await runExpertLearn(expert!.address, answer, flags);
    assert.equal(isLearning(lab.nodes[1]!.head.state, expert!.address), answer === 'yes');
    assert.equal(api.learns(expert!.address), answer === 'yes');
  }
  await assert.rejects(runExpertLearn(expert!.address, 'perhaps', flags), { code: 'USAGE' });
});
