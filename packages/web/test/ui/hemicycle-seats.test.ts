/** Seats of the council: every member has one, none stands on another, all are within the picture. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hemicycleRows, hemicycleSeats } from '../../src/ui/hemicycle-seats.ts';

test('any number of members', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (count) => {
      const seats = hemicycleSeats(count);
      assert.equal(seats.length, count);
      for (const { x, y, radius } of seats) {
        assert.ok(radius > 0 && Math.hypot(x, y) + radius <= 1.001 && y > 0, `${count}`);
      }
      for (const [index, one] of seats.entries()) {
        for (const other of seats.slice(index + 1)) {
          assert.ok(
            Math.hypot(one.x - other.x, one.y - other.y) > 0.9 * (one.radius + other.radius),
            `${count} overlap`,
          );
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('from left to right, on benches that do not touch', () => {
  const angles = hemicycleSeats(30).map(({ x, y }) => Math.atan2(y, x));
  assert.deepEqual(
    angles,
    [...angles].sort((one, other) => other - one),
  );
  const rows = hemicycleRows(30);
  for (const [index, { radius, width }] of rows.entries()) {
    const next = rows[index + 1];
    if (next !== undefined) assert.ok(radius - width / 2 > next.radius + next.width / 2);
  }
  assert.deepEqual(hemicycleSeats(0), []);
});
