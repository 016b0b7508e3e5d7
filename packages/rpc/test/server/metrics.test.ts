/** Every metric by the rules of its trade, what operators are shown, and that nothing is told where nothing is known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hash } from '@synod/chain';
import { createMemoryNode } from '../fixture/memory-node.ts';
import { serve } from '../fixture/serve.ts';
import { type Family, parseExposition } from './exposition.ts';

/** Nouns that a counter or gauge may end with besides a unit. */
const UNITS = ['seconds', 'bytes', 'ratio', 'info'];
/** Units that have a base unit to be given in instead. */
const FOREIGN_UNITS =
  /(_|^)(ms|milliseconds|micros|nanos?|minutes|hours|days|kb|mb|gb|kilobytes|megabytes|percent)(_|$)/;

/** What is wrong with a family; promtool's rules and ours. */
function problemsOf({ name, type, help, samples }: Family): string[] {
  const problems: string[] = [];
  const expect = (isSo: boolean, what: string) => void (isSo || problems.push(`${name}: ${what}`));
  expect(help.length > 0 && /\.$/.test(help), 'its help is a sentence');
  expect(/^[a-z][a-z0-9_]*$/.test(name), 'its name is snake_case');
  expect((type === 'counter') === name.endsWith('_total'), 'counters, and they alone, end with _total');
  expect(!FOREIGN_UNITS.test(name), 'it is in base units');
  expect(!/_(count|sum|bucket)$/.test(name), 'its name is no part of a histogram');
  if (type === 'histogram')
    expect(
      UNITS.some((unit) => name.endsWith(unit)),
      'a histogram names its unit',
    );
  for (const { labels, value } of samples) {
    expect(!Number.isNaN(value), 'it has a value');
    for (const label of Object.keys(labels)) {
      expect(/^[a-z][a-z0-9_]*$/.test(label), `label ${label} is snake_case`);
      if (type !== 'histogram') expect(label !== 'le' && label !== 'quantile', `label ${label} is a histogram's`);
      expect(!/hash|peer_id|height|query/.test(label), `label ${label} has no bound`);
    }
  }
  expect(samples.length <= 120, `${samples.length} samples are too many`);
  return problems;
}

test('all metrics of a node keep to the rules: names, types, help, units, labels', async (t) => {
  const { get, rpc, node } = await serve(t);
  await rpc('query_submit', { prompt: 'hello' });
  node.status = { experts: [node.experts[0]!.address] };
  const { text } = await get('/metrics');
  const families = parseExposition(text);
  // The defaults of the library are its own affair.
  const own = families.filter(({ name }) => name.startsWith('synod_'));
  assert.ok(own.length > 40, String(own.length));
  assert.deepEqual(own.flatMap(problemsOf), []);
  assert.deepEqual(
    problemsOf({
      name: 'synod_x_ms',
      type: 'counter',
      help: '',
      samples: [{ labels: { le: '1' }, value: 1, name: '' }],
    }).length,
    4,
  );
});

test('an operator sees signing, standing, money, reputation, disk and clock', async (t) => {
  const node = createMemoryNode();
  const { get } = await serve(t, {}, node);
  node.status = { experts: [node.experts[0]!.address] };
  const { text } = await get('/metrics');
  for (const line of [
    'synod_signed_blocks_total 7',
    'synod_missed_blocks_total 2',
    'synod_earned_total{source="answers"} 1.5',
    'synod_earned_total{source="dividend"} 0.25',
    'synod_feedback_total{verdict="correct"} 3',
    `synod_reputation{expert="${node.experts[0]!.address}",domain="general"} 0.75`,
    'synod_validator_status{state="jailed"} 0',
    'synod_db_bytes{store="chain"} 4096',
    'synod_disk_free_bytes 10000000',
    'synod_block_delay_seconds 0.12',
    'synod_build_info{version="0.1.0"} 1',
    'synod_signs 1',
    `synod_head_time_seconds ${node.api.status().head.time / 1000}`,
  ]) {
    assert.ok(text.includes(`${line}\n`), `${line}\n${text.slice(0, 6_000)}`);
  }
  const states = [...text.matchAll(/^synod_validator_status\{state="\w+"\} (\d)$/gm)].map(([, value]) => Number(value));
  assert.equal(
    states.reduce((sum, value) => sum + value, 0),
    1,
  );
});

test('tokens of answered queries are counted both ways', async (t) => {
  const { get, rpc, node } = await serve(t);
  const { result } = await rpc('query_submit', { prompt: 'hello' });
  const view = node.api.query(result.queryId.replace(/^0x/, '') as Hash, null)!;
  const best = view.receipt!.groups[view.receipt!.best!]!.answer!;
  const { text } = await get('/metrics');
  assert.ok(text.includes(`synod_tokens_total{dir="in"} ${best.promptTokens}\n`));
  assert.ok(text.includes(`synod_tokens_total{dir="out"} ${best.answerTokens}\n`));
});

test('a node without a validator, a disk or a newest block tells nothing of them', async (t) => {
  const node = createMemoryNode();
  node.status = { operator: null, role: 'observer' };
  const operating = { ...node.api.operating(), storage: async () => null, blockDelayMs: () => null };
  Object.assign(node.api, { operating: () => operating });
  const { get } = await serve(t, {}, node);
  const { text } = await get('/metrics');
  assert.doesNotMatch(text, /^synod_validator_status\{/m);
  assert.doesNotMatch(text, /^synod_db_bytes\{/m);
  assert.doesNotMatch(text, /^synod_(disk_free_bytes|block_delay_seconds) /m);
  assert.match(text, /^synod_signs 0$/m);
});
