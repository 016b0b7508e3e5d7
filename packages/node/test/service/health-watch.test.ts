/** Health is told when it changes and only then, also while no block comes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Health, HealthWatch } from '../../src/service/health-watch.ts';

test('a change is told once; seconds that pass are none; a timer looks while somebody listens', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let now: Health = { syncing: false, warnings: [] };
  const told: Health[] = [];
  const watch = new HealthWatch(
    () => now,
    (health) => told.push(health),
  );
  watch.look();
  now = { syncing: false, warnings: ['No block for 12 s: 2 of 4 are connected.'] };
  t.mock.timers.tick(10_000);
  assert.equal(told.length, 0, 'nobody listens');
  const [first, second] = [watch.listen(), watch.listen()];
  t.mock.timers.tick(2_000);
  now = { syncing: false, warnings: ['No block for 14 s: 2 of 4 are connected.'] };
  t.mock.timers.tick(2_000);
  assert.deepEqual(told, [{ syncing: false, warnings: ['No block for 12 s: 2 of 4 are connected.'] }]);
  first();
  first();
  now = { syncing: true, warnings: [] };
  t.mock.timers.tick(2_000);
  assert.equal(told.length, 2);
  second();
  now = { syncing: false, warnings: [] };
  t.mock.timers.tick(10_000);
  assert.equal(told.length, 2);
});
