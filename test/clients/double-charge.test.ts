/**
 * The stock `openai` npm client with its retries, through a network that fails on every first try: no call buys twice. Over the RPC server's
 * own node in memory; bench/clients/double-charge.ts does the same a thousand times on a devnet.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { serve } from '../../packages/rpc/test/fixture/serve.ts';
import { doubleCharges, induceFailures } from './induced-failures.ts';

const CALLS = 60;

async function run(t: TestContext, limits: Parameters<typeof serve>[1]) {
  const { url, node } = await serve(t, { answerWaitMs: 5_000, ...limits });
  const options = { target: url, apiKey: 'any', calls: CALLS, concurrency: 20, seed: 7, timeoutMs: 1_500 };
  const result = await induceFailures(options);
  const bought = new Map<string, number>();
  for (const { prompt } of node.opened) bought.set(prompt, (bought.get(prompt) ?? 0) + 1);
  return { result, bought, doubles: doubleCharges(result.asked, bought) };
}

test('no call buys twice, whatever the network does', async (t) => {
  const { result, bought, doubles } = await run(t, {});
  assert.deepEqual(doubles, []);
  assert.ok(result.answered > CALLS / 3, `${result.answered} answered`);
  assert.ok(bought.size > CALLS / 3);
  for (const kind of ['refused', 'cutBefore', 'cutAfterMs', 'cutAtHeaders', 'cutInBody', 'replaced', 'late'])
    assert.ok((result.faults[kind] ?? 0) > 0, kind);
});

test('the same failures do buy twice where retries join nothing: the count can tell', async (t) => {
  const { doubles } = await run(t, { retryJoinMs: 0, idempotencyKeysMax: 0 });
  assert.ok(doubles.length > 0);
});
