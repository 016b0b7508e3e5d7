/** What a real network's blocks are told as: heads, transactions, queries on their way, validators that fall. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostEvent } from '../../src/host/index.ts';
import { tellBlock } from '../../src/service/block-events.ts';
import { Lab, openQuery, operatorOf } from '../host/lab.ts';

const worker = {
  answer: (_job: unknown, node: number) => `answer ${node}`,
  score: ({ answers }: { answers: readonly string[] }) => answers.map(() => 800_000),
};

test('every topic hears its own, with heights and ids', () => {
  const staking = { epochHeights: 5, downtimeWindow: 20, downtimeMissedMax: 5, jailHeights: 30 };
  const lab = new Lab({ worker, staking });
  const node = lab.nodes[0]!;
  lab.runUntil(() => lab.heightEverywhere() >= 2, 60_000);
  const told: { readonly topic: string; readonly data: Readonly<Record<string, unknown>> }[] = [];
  let next = 0;
  const tell = (): boolean => {
    for (; next < node.events.length; next++) {
      const event: HostEvent = node.events[next]!;
      if (event.kind !== 'blockApplied') continue;
      const results = event.height === node.head.height ? node.head.results : null;
      tellBlock({ emit: (topic, data) => void told.push({ topic, data }) }, event, results);
    }
    return false;
  };
  const of = (topic: string) => told.filter((each) => each.topic === topic).map(({ data }) => data);
  const queryId = openQuery(lab);
  lab.runUntil(() => tell() || of('query').some(({ status }) => status === 'settled'), 600_000);
  assert.deepEqual(of('query')[0], { queryId, status: 'opened', domain: 'general', height: of('query')[0]!['height'] });
  assert.ok(of('query').some(({ status, phase }) => status === 'open' && phase === 'scoring'));
  assert.equal(of('query').at(-1)?.['outcome'], 'answered');
  assert.ok(of('txStatus').some(({ id, status }) => id === queryId && status === 'included'));
  assert.equal(of('newHeads').length, of('finalized').length);
  assert.ok(of('newHeads').every(({ hash, time }) => typeof hash === 'string' && typeof time === 'number'));
  assert.deepEqual(of('validatorEvent'), []);

  lab.nodes[3]!.crash();
  lab.runUntil(() => tell() || of('validatorEvent').length > 0, 300_000);
  const [fallen] = of('validatorEvent');
  assert.deepEqual(
    [fallen?.['type'], fallen?.['validator'], fallen?.['reason']],
    ['validator.slashed', operatorOf(3), 'downtime'],
  );
});
