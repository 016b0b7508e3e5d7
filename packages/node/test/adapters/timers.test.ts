/** Named timers over a controlled clock. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTimers } from '../../src/adapters/timers.ts';
import type { HostInput } from '../../src/host/ports.ts';

test('a timer fires once, is re-armed by name, cleared by name, and stopped for good', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const inputs: HostInput[] = [];
  const { timers, stop } = createTimers((input) => inputs.push(input));
  const pass = (ms: number): string[] => {
    context.mock.timers.tick(ms);
    return inputs.splice(0).map((input) => (input.kind === 'timer' ? input.name : input.kind));
  };
  timers.set('a', 10);
  timers.set('b', 20);
  assert.deepEqual(pass(10), ['a']);
  timers.set('b', 20);
  assert.deepEqual(pass(10), []);
  assert.deepEqual(pass(10), ['b']);
  timers.set('c', 5);
  timers.clear('c');
  timers.clear('unknown');
  timers.set('far', 2 ** 40);
  assert.deepEqual(pass(100), []);
  timers.set('d', 5);
  stop();
  timers.set('e', 5);
  assert.deepEqual(pass(100), []);
});
