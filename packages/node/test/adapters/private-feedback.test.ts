/** The file of what is said about private queries: whole lines, for nobody else, bounded. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PrivateFeedbackFile } from '../../src/adapters/index.ts';
import { temporaryDirectory } from './temporary.ts';

const line = (text: string): Uint8Array => new TextEncoder().encode(text);

test('each line is there when it was acknowledged, only its owner may read the file, and nothing is lost over a restart', async (context) => {
  const path = join(temporaryDirectory(context), 'private-feedback.jsonl');
  const first = new PrivateFeedbackFile(path);
  await Promise.all([first.append(line('one')), first.append(line('two'))]);
  await new PrivateFeedbackFile(path).append(line('three'));
  assert.equal(readFileSync(path, 'utf8'), 'one\ntwo\nthree\n');
  if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('what a crash cut off is a line of its own', async (context) => {
  const path = join(temporaryDirectory(context), 'private-feedback.jsonl');
  await new PrivateFeedbackFile(path).append(line('one'));
  appendFileSync(path, '{"formatVers');
  await new PrivateFeedbackFile(path).append(line('two'));
  assert.equal(readFileSync(path, 'utf8'), 'one\n{"formatVers\ntwo\n');
});

test('a file at its greatest length takes no more, one that cannot be written says so, and neither stops the next', async (context) => {
  const folder = temporaryDirectory(context);
  const path = join(folder, 'private-feedback.jsonl');
  const file = new PrivateFeedbackFile(path, 10);
  await file.append(line('12345'));
  await assert.rejects(file.append(line('67890')), { code: 'FEEDBACK_FILE_FULL' });
  await file.append(line('6'));
  assert.equal(readFileSync(path, 'utf8'), '12345\n6\n');
  const nowhere = new PrivateFeedbackFile(join(folder, 'nowhere', 'file'));
  await assert.rejects(nowhere.append(line('1')), { code: 'BLOB_NOT_STORED' });
});
