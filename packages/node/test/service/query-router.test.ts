/** Where a question without a domain goes, and what is said when nobody can tell. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job, JobEvent } from '@synod/inference';
import { QueryRouter, routerLimits } from '../../src/service/query-router.ts';

type Answer = (job: Job) => JobEvent | Promise<JobEvent>;

function routerWith(answer: Answer, state: 'starting' | 'ready' | 'down' | 'off' = 'ready') {
  const asked: Job[] = [];
  const cancelled: string[] = [];
  const router = new QueryRouter({
    ask: async (job) => {
      asked.push(job);
      return await answer(job);
    },
    cancel: (id) => cancelled.push(id),
    workerState: () => state,
  });
  return { router, asked, cancelled };
}

const routed =
  (domain: string | null): Answer =>
  ({ id }) => ({
    kind: 'routed',
    id,
    domain,
    probabilities: [
      { domain: 'geography', ppm: 930_000 },
      { domain: 'chemistry', ppm: 20_000 },
    ],
    difficultyPpm: 100_000,
  });

const offered = ['chemistry', 'general', 'geography'];

test('the router’s domain is followed with its probability, and the worker is asked once a prompt', async () => {
  const { router, asked } = routerWith(routed('geography'));
  const expected = { domain: 'geography', by: 'router', probabilityPpm: 930_000, difficultyPpm: 100_000, note: null };
  assert.deepEqual(await router.route('Capital of Peru?', offered), expected);
  assert.deepEqual(await router.route('Capital of Peru?', offered), expected);
  assert.deepEqual(
    asked.map((job) => [job.kind, job.kind === 'route' ? job.prompt : '']),
    [['route', 'Capital of Peru?']],
  );
});

test('the worker hears of the knowledge folders that this node has', async () => {
  const jobs: Job[] = [];
  const knowledge = [{ domain: 'house', folder: 'somewhere' }];
  const ask = async (job: Job) => {
    jobs.push(job);
    return routed('geography')(job);
  };
  await new QueryRouter({ ask, cancel: () => {}, workerState: () => 'ready', knowledge }).route('Who?', offered);
  assert.deepEqual(
    jobs.map((job) => job.kind === 'route' && job.knowledge),
    [knowledge],
  );
});

test('none of the domains means the general experts, found by the router', async () => {
  const { router } = routerWith(routed(null));
  assert.deepEqual(await router.route('Tell me a story.', offered), {
    domain: 'general',
    by: 'router',
    probabilityPpm: null,
    difficultyPpm: 100_000,
    note: null,
  });
});

test('a domain that nobody offers here goes to the general experts, and that is said', async () => {
  const { router } = routerWith(routed('geography'));
  const { domain, by, note } = await router.route('Capital of Peru?', ['chemistry', 'general']);
  assert.deepEqual([domain, by], ['general', 'default']);
  assert.match(note ?? '', /no expert of geography/);
});

test('where one domain is offered nobody is asked', async () => {
  const { router, asked } = routerWith(routed('geography'));
  assert.deepEqual(await router.route('x', ['general']), {
    domain: 'general',
    by: 'default',
    probabilityPpm: null,
    difficultyPpm: 0,
    note: null,
  });
  assert.equal((await router.route('x', ['law'])).domain, 'law');
  assert.equal((await router.route('x', [])).domain, 'general');
  assert.equal(asked.length, 0);
});

test('a worker that is down, or that fails, is named; the failure is not remembered', async () => {
  for (const state of ['starting', 'down', 'off'] as const) {
    const { router, asked } = routerWith(routed('geography'), state);
    const { domain, by, note } = await router.route('x', offered);
    assert.deepEqual([domain, by, asked.length], ['general', 'default', 0]);
    assert.match(note ?? '', state === 'off' ? /switched off/ : new RegExp(state));
  }
  let isBusy = true;
  const { router } = routerWith((job) =>
    isBusy ? { kind: 'failed', id: job.id, code: 'BUSY', message: 'busy' } : routed('geography')(job),
  );
  assert.match((await router.route('x', offered)).note ?? '', /BUSY/);
  isBusy = false;
  assert.equal((await router.route('x', offered)).by, 'router');
});

test('a worker that takes too long is not waited for, and its job is cancelled', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { router, cancelled, asked } = routerWith(() => new Promise<JobEvent>(() => undefined));
  const waiting = router.route('x', offered);
  t.mock.timers.tick(routerLimits.waitMs);
  const { domain, by, note } = await waiting;
  assert.deepEqual([domain, by, note], ['general', 'default', 'the router is busy; general answers instead']);
  assert.deepEqual(cancelled, [asked[0]?.id]);
});

test('the memory of routed prompts is bounded', async () => {
  const { router, asked } = routerWith(routed('geography'));
  for (let i = 0; i <= routerLimits.promptsMax; i++) await router.route(`prompt ${i}`, offered);
  await router.route(`prompt ${routerLimits.promptsMax}`, offered);
  assert.equal(asked.length, routerLimits.promptsMax + 1);
  await router.route('prompt 0', offered);
  assert.equal(asked.length, routerLimits.promptsMax + 2);
});
