/**
 * Stock clients, unchanged, against a devnet of real processes: openai (npm and PyPI), langchain-openai and the `llm` command; chat, stream,
 * abort, error, retry, vectors, models. And what their log-probabilities are, and a spend key whose node is killed in the middle.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import OpenAI from 'openai';
import { Devnet, runSynod } from '../e2e/devnet-process.ts';
import { boughtSince, cancelled } from './bought.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { logProbabilityTests } from './logprobs.ts';
import { CLIENTS, pypiFolder, python } from './pypi.ts';
import { newSpendKey, settledSpendKey, spendKey } from './spend-key.ts';

// biome-ignore lint/suspicious/noExplicitAny: extra fields are outside of the client's types.
type Loose = any;

const packages = await pypiFolder(CLIENTS);
const program = (name: string) => fileURLToPath(new URL(`./programs/${name}.py`, import.meta.url));
const messages = [{ role: 'user' as const, content: 'Say something.' }];

let devnet: Devnet;
let base: string;
/** Answers the first request of each test that uses it with 503, without asking the node. */
let flaky: FaultProxy;
let isFirst = true;

before(async () => {
  devnet = await Devnet.start();
  base = `${devnet.url()}/v1`;
  flaky = await startFaultProxy(devnet.url(), ({ headers }) => {
    // Clients that tell of retries say 0 on each first try.
    const isRefused = isFirst && (headers['x-stainless-retry-count'] ?? '0') === '0';
    isFirst = false;
    return isRefused ? { kind: 'refused', status: 503 } : { kind: 'none' };
  });
});

after(async () => {
  await flaky.close();
  await devnet.remove();
});

/** Both URLs that the Python programs take. */
function urls(): [string, string] {
  isFirst = true;
  return [base, `${flaky.url}/v1`];
}

function assertReceipt(receipt: Loose): void {
  assert.match(receipt.query_id, /^0x[0-9a-f]{64}$/);
  assert.equal(receipt.finalized, true);
}

test('openai from npm: chat, stream, abort, error, retry, vectors, models', async () => {
  const client = new OpenAI({ baseURL: base, apiKey: 'any' });
  const whole = (await client.chat.completions.create({ model: 'synod/auto', messages, n: 2 })) as Loose;
  assert.ok(whole.choices.length === 2 && whole.choices[0].message.content.length > 0);
  assertReceipt(whole.x_receipt);

  let text = '';
  let last: Loose;
  const asked = { model: 'synod/general', messages, stream: true, stream_options: { include_usage: true } } as const;
  for await (const chunk of await client.chat.completions.create(asked)) {
    text += chunk.choices[0]?.delta.content ?? '';
    last = chunk;
  }
  assert.ok(text.length > 0 && last.usage.total_tokens > 0);
  assertReceipt(last.x_receipt);

  await assert.rejects(client.chat.completions.create({ model: 'synod/astrology', messages }), { status: 404 });
  isFirst = true;
  const again = new OpenAI({ baseURL: `${flaky.url}/v1`, apiKey: 'any' });
  assert.ok((await again.chat.completions.create({ model: 'synod/auto', messages })).choices.length === 1);
  const { data } = await client.embeddings.create({ model: 'synod/embed', input: ['one', 'two'] });
  assert.ok(data.length === 2 && data[0]!.embedding.length === data[1]!.embedding.length);
  assert.equal((await client.models.list()).data[0]?.id, 'synod/auto');
});

for (const isStreamed of [true, false]) {
  test(`a client that leaves ends its query on the chain, ${isStreamed ? 'in a stream' : 'while it waits'}`, async () => {
    const from = await devnet.height();
    const leave = new AbortController();
    const body = { model: 'synod/auto', stream: isStreamed, messages };
    const sent = fetch(`${base}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: leave.signal,
    });
    if (isStreamed) await sent;
    else await new Promise((resolve) => setTimeout(resolve, 300));
    leave.abort();
    await sent.catch(() => undefined);
    await devnet.until('its query is cancelled', 30_000, async () => {
      const [queryId] = (await boughtSince(devnet.url(), from)).queryIds;
      return queryId !== undefined && (await cancelled(devnet.url(), from)).includes(queryId);
    });
  });
}

if (packages !== null) {
  test('openai from PyPI: chat, stream, abort, error, retry, vectors, models', async () => {
    const result = JSON.parse(await python(packages, [program('openai_client'), ...urls()])) as Loose;
    assert.ok(result.models.includes('synod/auto') && result.model === 'synod/auto');
    assert.ok(result.whole.length === 2 && result.whole[0].length > 0);
    assertReceipt(result.receipt);
    assertReceipt(result.streamReceipt);
    assert.match(result.cost, /^\d+$/);
    assert.ok(result.streamed.length > 0 && result.streamUsage);
    assert.equal(typeof result.object.answer, 'string');
    assert.match(result.aborted, /^0x[0-9a-f]{64}$/);
    assert.deepEqual(result.unknownModel, [404, 'model_not_found']);
    assert.deepEqual(result.tools, [400, 'unsupported_parameter']);
    assert.deepEqual(result.wrongKey, [401, 'invalid_api_key']);
    assert.ok(result.retried.length > 0);
    assert.deepEqual(result.vectors.toSpliced(1, 1), [2, true]);
  });

  test('langchain-openai: invoke, stream, abort, error, retry, structured output, vectors', async () => {
    const result = JSON.parse(await python(packages, [program('langchain_client'), ...urls()])) as Loose;
    for (const name of ['whole', 'streamed', 'retried']) assert.ok(result[name].length > 0, name);
    assert.match(result.cost, /^\d+$/);
    assert.ok(result.tokens > 0 && result.streamTokens > 0);
    assert.deepEqual(result.error, [404, 'model_not_found']);
    assert.equal(typeof result.structured.answer, 'string');
    assert.deepEqual(result.vectors.toSpliced(1, 1), [2, true]);
  });

  test('the llm command: models, prompt, stream, abort, error, retry', async (t) => {
    const home = mkdtempSync(join(tmpdir(), 'synod-llm-'));
    t.after(() => rmSync(home, { recursive: true, force: true }));
    const model = (id: string, url: string) =>
      JSON.stringify([{ model_id: id, model_name: 'synod/auto', api_base: url }]).slice(1, -1);
    const [good, bad] = urls();
    // YAML takes JSON.
    writeFileSync(join(home, 'extra-openai-models.yaml'), `[${model('synod', good)}, ${model('flaky', bad)}]`);
    writeFileSync(join(home, 'keys.json'), '{"openai": "any"}');
    const llm = (...args: string[]) => python(packages, ['-m', 'llm', ...args], { env: { LLM_USER_PATH: home } });
    assert.match(await llm('openai', 'endpoint', good, '--models'), /^synod\/auto$/m);
    assert.ok((await llm('openai', 'endpoint', good, '-m', 'synod/auto', 'Say something.')).trim().length > 0);
    assert.ok((await llm('-m', 'synod', 'Say something.')).trim().length > 0);
    const cut = await llm('-m', 'synod', 'Say something.', '--no-stream', '-o', 'max_tokens', '2');
    assert.ok(Buffer.byteLength(cut.trim()) <= 8);
    assert.ok((await llm('-m', 'flaky', 'Say something.')).trim().length > 0);
    await assert.rejects(llm('openai', 'endpoint', good, '-m', 'synod/astrology', 'hi'), /synod\/auto/);
    const env = { ...process.env, PYTHONPATH: packages, LLM_USER_PATH: home };
    const stopped = promisify(execFile)('python3', ['-m', 'llm', '-m', 'synod', 'hi'], {
      env,
      timeout: 2_000,
      killSignal: 'SIGINT',
    });
    await assert.rejects(stopped);
    assert.ok((await llm('-m', 'synod', 'Say something.')).trim().length > 0);
  });
}

logProbabilityTests(() => devnet);

test('a spend key: its budget, and its books after the node was killed twice', async () => {
  const key = await newSpendKey(devnet, '0.05', ['--account', 'bob', '--name', 'ci', '--expires', '1h']);
  const client = new OpenAI({ baseURL: base, apiKey: key.secret });
  await client.chat.completions.create({ model: 'synod/auto', messages });
  for (const waitMs of [0, 1_500]) {
    // Its answer is of no interest: the node is killed with the query signed, or in a block.
    const asked = new OpenAI({ baseURL: base, apiKey: key.secret, maxRetries: 0 }).chat.completions
      .create({ model: 'synod/auto', messages })
      .catch(() => undefined);
    await devnet.until(
      'its cost is set aside',
      20_000,
      async () => (await spendKey(devnet, ['show', 'ci']))['reserved'] !== '0',
    );
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const { nodes } = JSON.parse(
      (await runSynod(['devnet', 'status', '--json', '--data-dir', devnet.dataDir])).stdout,
    ) as Loose;
    process.kill(nodes[0].pid, 'SIGKILL');
    await asked;
    await devnet.until('val-0 runs again', 60_000, async () => {
      await runSynod(['devnet', 'start', 'val-0', '--data-dir', devnet.dataDir]);
      return (await spendKey(devnet, ['show', 'ci']))['standing'] === 'active';
    });
  }
  const { spent, lost } = await settledSpendKey(devnet, 'ci');
  assert.equal(spent, lost, 'the books say what the account paid');
  assert.ok(BigInt(spent) > 0n && BigInt(spent) <= 50_000_000n);

  const small = await newSpendKey(devnet, '0.0003', ['--account', 'bob', '--name', 'small']);
  const poor = new OpenAI({ baseURL: base, apiKey: small.secret });
  await assert.rejects(poor.chat.completions.create({ model: 'synod/auto', messages }), {
    status: 402,
    code: 'insufficient_quota',
  });
  await spendKey(devnet, ['revoke', 'ci']);
  await assert.rejects(client.chat.completions.create({ model: 'synod/auto', messages }), { status: 401 });
});
