/** Missed heights, a bit a height, against a plain list (spec: staking §6.2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeMissed, type MissedHeights } from '../../src/index.ts';
import { addMissed, countMissed, missedHeights } from '../../src/staking/missed-heights.ts';

const NONE: MissedHeights = { last: 0, bits: new Uint8Array() };

test('staking §6.2: what was missed within the window is known, whatever the gaps and however the window changes', () => {
  const step = fc.record({
    gap: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 200 })),
    window: fc.integer({ min: 1, max: 90 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.boolean(), (steps, isFixed) => {
      let [record, height] = [NONE, 0];
      let plain: number[] = [];
      for (const { gap, window } of steps) {
        height += gap;
        const size = isFixed ? 33 : window;
        const oldest = height - size + 1;
        record = addMissed(record, height, oldest);
        // What one window has dropped stays dropped when the next is longer.
        plain = [...plain, height].filter((each) => each >= oldest);
        assert.deepEqual(missedHeights(record, 0), plain);
        assert.equal(countMissed(record, oldest), plain.length);
        const later = height - Math.floor(size / 3);
        assert.equal(countMissed(record, later), plain.filter((each) => each >= later).length);
        assert.ok(record.bits.length <= Math.ceil(size / 8));
        assert.notEqual(record.bits.at(-1), 0);
      }
    }),
    { numRuns: 300, seed: 5 },
  );
});

test('staking §6.2: who comes and goes has no longer record than who is away', () => {
  const sizeAfter = (missesAt: (height: number) => boolean): number => {
    let record = NONE;
    for (let height = 1; height <= 25_000; height++)
      if (missesAt(height)) record = addMissed(record, height, height - 9_999);
    return encodeMissed(record).length;
  };
  const most = encodeMissed({ last: 1, bits: new Uint8Array(1_250) }).length;
  assert.equal(
    sizeAfter(() => true),
    most,
  );
  assert.ok(sizeAfter((height) => height % 2 === 0) <= most);
  assert.ok(sizeAfter((height) => height % 9_000 === 0) <= most);
});
