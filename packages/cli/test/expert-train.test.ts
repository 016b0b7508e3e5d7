/** `synod expert train` and `eval` as people run them, with the test model: what comes out, from which seed, and what it is asked with. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { synod } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-expert-train-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function ok(...args: readonly string[]) {
  const { code, stdout, stderr } = await synod([...args, '--model', 'tiny', '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const train = (name: string, seed: number) =>
  ok('expert', 'train', 'geography', '--steps', '8', '--seed', `${seed}`, '--out', join(folder, name));

test('a seed makes the same adapter again, another seed another one', { timeout: 300_000 }, async () => {
  const made = [await train('one', 1), await train('again', 1), await train('other', 2)];
  for (const { domain, steps, resumedSteps, loss } of made) {
    assert.deepEqual([domain, steps, resumedSteps], ['geography', 8, 0]);
    assert.ok(loss > 0);
  }
  assert.equal(made[0].hash, made[1].hash);
  assert.notEqual(made[0].hash, made[2].hash);
  const [one, again, other] = ['one', 'again', 'other'].map((name) => readFileSync(join(folder, name)));
  assert.ok(one!.equals(again!) && !one!.equals(other!));
});

test('what cannot be trained, and where nothing can be written, is told before the training', async () => {
  const train = (...args: readonly string[]) => synod(['expert', 'train', 'geography', '--steps', '1', ...args]);
  const inFolder = await train('--model', 'tiny', '--out', folder);
  assert.equal(inFolder.code, 2, inFolder.stderr);
  assert.match(inFolder.stderr, /is a folder\n {2}Name the file/);
  const onServer = await train('--model', 'http://127.0.0.1:9/v1#m', '--out', join(folder, 'none'));
  assert.equal(onServer.code, 1, onServer.stderr);
  assert.match(onServer.stderr, /takes no adapters.*\n {2}Leave --model out/);
});

test('questions that are none are one clear error, in training and in evaluation', { timeout: 300_000 }, async () => {
  const file = join(folder, 'questions.jsonl');
  const told = async (verb: string, text: string, ...more: readonly string[]): Promise<string> => {
    writeFileSync(file, text);
    const flags = ['--questions', file, '--model', 'tiny', ...more];
    const { code, stderr } = await synod(['expert', verb, 'geography', ...flags]);
    assert.ok(code !== 0, `${verb} ${text}`);
    return stderr;
  };
  for (const text of ['{', 'null', '{"split":"test","question":5}']) {
    assert.match(await told('eval', text), /questions\.jsonl, line 1, (is not JSON|lacks a field)/);
  }
  assert.match(await told('eval', ''), /has no question of the split "test"\n {2}Name another/);
  const out = join(folder, 'nothing');
  assert.match(await told('train', '', '--steps', '1', '--out', out), /nothing to train on.*\n {2}Name the questions/);
});

test('one step and two are trained too', { timeout: 300_000 }, async () => {
  for (const count of ['1', '2']) {
    const made = await ok('expert', 'train', 'geography', '--steps', count, '--out', join(folder, `few-${count}`));
    assert.equal(made.steps, Number(count));
    assert.ok(made.loss > 0);
  }
});

test('an expert is asked so many questions, with an adapter or without', { timeout: 300_000 }, async () => {
  await train('asked', 1);
  for (const adapter of ['none', join(folder, 'asked')]) {
    const told = await ok('expert', 'eval', 'geography', '--sample', '6', '--adapter', adapter);
    assert.deepEqual([told.domain, told.questions, told.answerable + told.unanswerable], ['geography', 6, 6]);
    assert.ok(told.right + told.refusedAnswerable <= told.answerable && told.refused <= told.unanswerable);
    assert.ok(told.right >= 1, 'a quote needs no great model');
  }
});
