/** A whole node over real files: what it says of itself when its sign state cannot be trusted (consensus §1.7). */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { createNode } from '../src/index.ts';
import { singleValidator } from './single-validator.ts';

const home = mkdtempSync(join(tmpdir(), 'synod-observer-'));
after(() => rmSync(home, { recursive: true, force: true }));

test('a damaged sign state starts the node as an observer with the reason in its status', async () => {
  const config = singleValidator({ home, log: pino({ level: 'silent' }), blockIntervalMs: 100 });
  const first = await createNode(config);
  assert.equal(first.api.status().role, 'validator');
  await first.stop();

  const path = join(home, 'sign-state');
  const whole = readFileSync(path);
  writeFileSync(path, whole.subarray(0, 30));
  const second = await createNode(config);
  const { role, roleReason, warnings, operator } = second.api.status();
  await second.stop();
  assert.equal(role, 'observer');
  assert.equal(operator, config.keys.operator);
  assert.match(
    roleReason ?? '',
    /cannot be trusted: its content is not what was written.*sign twice.*Put the newest copy/,
  );
  assert.ok(warnings.some((warning) => warning.startsWith('This node does not sign: the signing state')));
  assert.deepEqual(readFileSync(path), whole.subarray(0, 30), 'the damaged file was replaced');

  writeFileSync(path, whole);
  const third = await createNode(config);
  assert.equal(third.api.status().role, 'validator');
  await third.stop();
});
