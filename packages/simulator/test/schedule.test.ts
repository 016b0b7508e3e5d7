import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayCommand, runSchedule, runSimulation, scheduleLimits } from '../src/index.ts';

test('the first seeds show heights, faults and a settled query, and nothing fails', async () => {
  const report = await runSimulation({ seeds: { first: 1, last: 20 } });
  assert.deepEqual(report.failures, []);
  assert.equal(report.schedules, 20);
  assert.equal(report.schedulesWithEd25519, 1);
  assert.ok(report.schedulesWithTwins >= 1);
  assert.ok(report.heights >= 20 * scheduleLimits.heightsMin);
  assert.ok(report.settledQueries >= 20);
  const triggered = Object.values(report.faults).filter(({ schedules }) => schedules > 0).length;
  assert.ok(triggered >= 25, `${triggered} kinds of fault`);
});

test('a seed gives the same trace, byte for byte', () => {
  const seeds = [3, 20];
  for (const seed of seeds) {
    const first = runSchedule({ seed, keepsTrace: true });
    const again = runSchedule({ seed, keepsTrace: true });
    assert.deepEqual(again.trace, first.trace);
    assert.equal(again.digest, first.digest);
  }
  assert.notEqual(runSchedule({ seed: 3 }).digest, runSchedule({ seed: 4 }).digest);
});

test('threads change nothing', async () => {
  const digests = async (threads: number): Promise<readonly string[]> => {
    const found: string[] = [];
    await runSimulation({ seeds: { first: 1, last: 3 }, threads }, (_, { seed, digest }) =>
      found.push(`${seed} ${digest}`),
    );
    return found.sort();
  };
  assert.deepEqual(await digests(2), await digests(1));
});

test('a run that ends early says where it goes on', async () => {
  const seeds = { first: 1, last: 9 };
  const failing = await runSimulation({ seeds, control: 'deaf', nodes: [4, 4], failuresMax: 2 });
  assert.deepEqual([failing.schedules, failing.failures.length, failing.nextSeed], [2, 2, 3]);
  const ending = new AbortController();
  const told: number[] = [];
  const ended = await runSimulation({ seeds, signal: ending.signal }, ({ done, total, failed }, { seed }) => {
    told.push(done, total, failed, seed);
    if (seed === 3) ending.abort();
  });
  assert.deepEqual([ended.schedules, ended.nextSeed], [3, 4]);
  assert.deepEqual(told, [1, 9, 0, 1, 2, 9, 0, 2, 3, 9, 0, 3]);
  const whole = await runSimulation({ seeds: { first: 4, last: 4 } });
  assert.equal(whole.nextSeed, 5);
});

test('a schedule ends when it has shown what it must, and faults strike until shortly before', () => {
  const shown = [1, 2, 4].map((seed) => runSchedule({ seed }));
  for (const { heights, settledQueries, faults } of shown) {
    assert.ok(heights >= scheduleLimits.heightsMin && settledQueries >= scheduleLimits.settledMin);
    assert.ok(faults.length >= scheduleLimits.faultKindsMin);
  }
  assert.ok(scheduleLimits.faultHeights >= scheduleLimits.heightsMin - 2);
});

test('one twin more than the network tolerates is caught, and the report says how to see it again', async () => {
  const options = { nodes: [4, 4], control: 'f1-twins' } as const;
  const report = await runSimulation({ seeds: { first: 1, last: 4 }, ...options });
  assert.deepEqual(
    report.failures.map(({ violations }) => violations[0]?.kind),
    Array(4).fill('agreement'),
  );
  const command = './synod simulate --seeds 1..1 --nodes 4..4 --control f1-twins --trace';
  assert.equal(report.failures[0]?.command, command);
  assert.equal(replayCommand(1, options), command);
});

test('a network that stays deaf after healing is caught', () => {
  const { violations } = runSchedule({ seed: 1, control: 'deaf' });
  assert.deepEqual(
    violations.map(({ kind }) => kind),
    ['liveness'],
  );
});
