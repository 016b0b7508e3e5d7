/** The whole path with real processes on loopback and the tiny model: start, ask, kill, restart, stop, bad input. */
import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Hash, type StateProof, verifyStateProof } from '@synod/chain';
import OpenAI from 'openai';
import { Devnet, runSynod } from './devnet-process.ts';

let devnet: Devnet;

before(async () => {
  devnet = await Devnet.start();
});

after(async () => {
  await devnet?.remove();
});

type Ask = {
  answer: string;
  queryId: string;
  domain: string;
  cost: string;
  respondents: { expert: string; model: string; score: string | null; paid: string; tokens: number }[];
  scores: { validator: string; respondent: string; score: string }[];
  receipt: { height: string; blockHash: string; finalized: boolean };
  timings: { firstTokenMs: number; totalMs: number; finalMs: number };
};

const bare = (hex: string): string => hex.replace(/^0x/, '');

/** The proof as the chain's own functions take it. */
const withoutPrefixes = (proof: unknown): StateProof =>
  JSON.parse(JSON.stringify(proof), (_key, value) => (typeof value === 'string' ? bare(value) : value)) as StateProof;

const ask = async (...args: string[]): Promise<Ask> => {
  const result = await runSynod(['ask', ...args, '--rpc', devnet.url(), '--json']);
  assert.equal(result.code, 0, result.stderr);
  return JSON.parse(result.stdout) as Ask;
};

test('devnet.json says what other tools rely on, and so does the ready line', () => {
  const file = JSON.parse(readFileSync(join(devnet.dataDir, 'devnet.json'), 'utf8')) as typeof devnet.info;
  assert.equal(file.chainId, devnet.info.chainId);
  assert.equal(file.genesisHash, devnet.info.genesisHash);
  assert.equal(file.nodes.length, 4);
  assert.deepEqual(
    file.accounts.slice(0, 3).map(({ name }) => name),
    ['alice', 'bob', 'carol'],
  );
  for (const { pid } of file.nodes) process.kill(pid, 0);
  assert.equal(new Set(file.nodes.map(({ pid }) => pid)).size, 4, 'four processes');
});

test('a question is answered by two, judged by peers, paid and final', async () => {
  const result = await ask('What is the capital of France?');
  assert.equal(result.respondents.length, 2);
  assert.ok(result.answer.length > 0);
  assert.ok(result.scores.length > 0);
  assert.equal(result.receipt.finalized, true);
  assert.ok(Number(result.cost) > 0);
  const { timings } = result;
  assert.ok(timings.firstTokenMs <= timings.totalMs && timings.totalMs <= timings.finalMs);
  const shown = await runSynod(['query', 'show', result.queryId, '--rpc', devnet.url(2), '--json']);
  assert.equal(JSON.parse(shown.stdout).answer, result.answer, 'another node tells the same');
});

test('a threshold that no answer reaches is told, and terms beyond bounds with these', async () => {
  const run = (...args: string[]) =>
    runSynod(['ask', 'What is the capital of France?', '--rpc', devnet.url(), ...args]);
  const short = await run('--threshold', '0.8');
  assert.equal(short.code, 0, short.stderr);
  assert.match(short.stderr, /Threshold not met: no answer reached the score that was asked for/);
  for (const [args, message] of [
    [['--threshold', '0.9'], /takes 0 to 800000 millionths as threshold, not 900000/],
    [['--respondents', '9'], /takes 1 to 8 respondents, not 9/],
    [['--rounds', '5'], /takes 1 to 4 rounds, not 5/],
  ] as const) {
    const refused = await run(...args);
    assert.equal(refused.code, 5, refused.stderr);
    assert.match(refused.stderr, message);
  }
});

test('a private question is answered like any other, and only its read key shows what was said', async () => {
  const result = (await ask('What ails the patient from Ghent?', '--private')) as Ask & { readKey: string };
  assert.equal(result.receipt.finalized, true);
  assert.ok(result.answer.length > 0 && result.scores.length > 0);
  assert.ok(result.respondents.every(({ score }) => score !== null));
  const show = async (node: number, ...args: string[]) => {
    const shown = await runSynod(['query', 'show', result.queryId, '--rpc', devnet.url(node), ...args]);
    assert.equal(shown.code, 0, shown.stderr);
    return shown.stdout;
  };
  for (const node of [0, 2]) {
    const sealed = await show(node);
    assert.match(sealed, /sealed/);
    assert.ok(!sealed.includes('Ghent') && !sealed.includes(result.answer));
  }
  const opened = JSON.parse(await show(0, '--read-key', result.readKey, '--json'));
  assert.equal(opened.prompt, 'What ails the patient from Ghent?');
  assert.equal(opened.answer, result.answer);
  const other = await show(2, '--read-key', result.readKey);
  assert.match(other, /sealed: this node keeps no text of it under this key/, 'another node does not know the key');
  const file = join(devnet.dataDir, 'private-receipt.json');
  const checkpoint = await runSynod(['checkpoint', '--rpc', devnet.url(1), '--json']);
  const trust = JSON.parse(checkpoint.stdout).checkpoint as string;
  const receipt = await runSynod(['receipt', result.queryId, '--out', file, '--rpc', devnet.url(1)]);
  assert.equal(receipt.code, 0, receipt.stderr);
  assert.ok(!readFileSync(file, 'utf8').includes('Ghent'));
  const verified = await runSynod(['verify', 'receipt', file, '--trust', trust, '--rpc', devnet.url(1)]);
  assert.equal(verified.code, 0, verified.stderr);
  const disclose = ['query', 'disclose', result.queryId, '--read-key', result.readKey, '--respondent', '0'];
  const disclosed = await runSynod([...disclose, '--rpc', devnet.url(), '--data-dir', devnet.dataDir]);
  assert.equal(disclosed.code, 0, disclosed.stderr);
  const [, block] = /block (\d+)/.exec(disclosed.stdout)!;
  const isTold = async () => (await show(2)).includes(`made public in block ${block}\n`);
  await devnet.until('another node tells what was disclosed', 20_000, isTold);
  assert.match(await show(2), /^prompt {4}What ails the patient from Ghent\?$/m);
});

test('a private chat completion gives the key in a header', async () => {
  const url = `${devnet.url()}/v1/chat/completions`;
  const body = JSON.stringify({
    model: 'synod/general',
    messages: [{ role: 'user', content: 'Whom did Ghent cure?' }],
    x_private: true,
  });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  assert.equal(response.status, 200);
  const completion = (await response.json()) as { choices: { message: { content: string } }[] };
  assert.ok((completion.choices[0]?.message.content ?? '').length > 0);
  const queryId = response.headers.get('x-synod-query-id')!;
  const readKey = response.headers.get('x-synod-read-key')!;
  const query = async (headers: Record<string, string>) =>
    (await (await fetch(`${devnet.url()}/v1/queries/${queryId}`, { headers })).json()) as Record<string, unknown>;
  const sealed = await query({});
  assert.deepEqual([sealed['prompt'], sealed['answer'], sealed['isSealed']], [null, null, true]);
  const opened = await query({ 'x-synod-read-key': readKey });
  assert.equal(opened['answer'], completion.choices[0]?.message.content);
});

test('the openai client gets the same, streaming and not', async () => {
  const client = new OpenAI({ baseURL: `${devnet.url(1)}/v1`, apiKey: 'any' });
  const models = await client.models.list();
  assert.ok(models.data.some(({ id }) => id === 'synod/auto'));
  const messages = [{ role: 'user' as const, content: 'Say something.' }];
  const whole = await client.chat.completions.create({ model: 'synod/auto', messages });
  assert.ok((whole.choices[0]?.message.content ?? '').length > 0);
  assert.ok('x_receipt' in whole);
  let streamed = '';
  for await (const chunk of await client.chat.completions.create({ model: 'synod/general', messages, stream: true })) {
    streamed += chunk.choices[0]?.delta?.content ?? '';
  }
  assert.ok(streamed.length > 0);
});

test('money moves exactly and is the same everywhere', async () => {
  const bob = devnet.info.accounts.find(({ name }) => name === 'bob')!.address;
  const balance = async (index: number) =>
    BigInt((await devnet.rpc<{ balance: string }>('state_getAccount', { address: bob }, index)).balance);
  const start = await balance(0);
  const sent = await runSynod([
    'send',
    bob,
    '1.25',
    '--from',
    'alice',
    '--rpc',
    devnet.url(),
    '--data-dir',
    devnet.dataDir,
    '--json',
  ]);
  assert.equal(sent.code, 0, sent.stderr);
  for (let index = 0; index < 4; index++) {
    await devnet.until(
      `bob has it at node ${index}`,
      10_000,
      async () => (await balance(index)) === start + 1_250_000_000n,
    );
  }
});

test('a balance is proven against the state root of a decided header, and so is the absence of one', async () => {
  const { address } = devnet.info.accounts[2]!;
  const keys = [`account/${address}`, 'account/nobody'];
  for (const [index, key] of keys.entries()) {
    const proved = await devnet.rpc<{ height: string; value: string | null; proof: unknown }>('state_getProof', {
      key,
    });
    const header = await devnet.rpc<{ stateRoot: string }>('chain_getBlock', {
      height: String(Number(proved.height) + 1),
    });
    const verified = verifyStateProof({
      root: bare(header.stateRoot) as Hash,
      key,
      proof: withoutPrefixes(proved.proof),
    });
    assert.equal(verified.ok, true);
    assert.equal(verified.ok && verified.value === null, index === 1);
  }
});

test('kill -9 of one validator: blocks and answers go on; started again, it catches up', async () => {
  const victim = devnet.info.nodes[3]!;
  process.kill(victim.pid, 'SIGKILL');
  const height = await devnet.height();
  await devnet.until('three more blocks', 20_000, async () => (await devnet.height()) >= height + 3);
  const result = await ask('What colour is the sky?', '--from', 'bob');
  assert.ok(result.answer.length > 0);
  const started = await runSynod(['devnet', 'start', victim.name, '--data-dir', devnet.dataDir, '--json']);
  assert.equal(started.code, 0, started.stderr);
  await devnet.until('it catches up', 30_000, async () => (await devnet.height(3)) >= (await devnet.height(0)) - 1);
  const at = String((await devnet.height(3)) - 1);
  const blocks = await Promise.all(
    [0, 1, 2, 3].map((index) =>
      devnet.rpc<{ hash: string; stateRoot: string }>('chain_getBlock', { height: at }, index),
    ),
  );
  assert.equal(new Set(blocks.map(({ hash }) => hash)).size, 1);
  assert.equal(new Set(blocks.map(({ stateRoot }) => stateRoot)).size, 1);
});

test('a second devnet on the same folder, or on taken ports, is refused with the next step', async () => {
  const second = await runSynod([
    'devnet',
    '--model',
    'tiny',
    '--data-dir',
    devnet.dataDir,
    '--port-base',
    '39000',
    '--json',
  ]);
  assert.notEqual(second.code, 0);
  assert.match(second.stderr, /\d{2,}/, 'names the process');
  const portBase = new URL(devnet.url()).port;
  const ports = await runSynod([
    'devnet',
    '--model',
    'tiny',
    '--data-dir',
    `${devnet.dataDir}-other`,
    '--port-base',
    portBase,
    '--json',
  ]);
  assert.equal(ports.code, 1);
  assert.match(ports.stderr, new RegExp(portBase));
});

test('ask says clearly what is wrong, and charges nothing', async () => {
  const cases: readonly (readonly [string[], number, RegExp])[] = [
    [[''], 2, /empty/i],
    [['x'.repeat(20_000)], 2, /long|bytes/i],
    [['hello', '--from', 'nobody'], 4, /nobody/],
    [['hello', '--max-cost', '0.000000001'], 7, /charged|limit/i],
    [['hello', '--domain', 'astrology'], 8, /astrology/],
  ];
  for (const [args, code, message] of cases) {
    const result = await runSynod(['ask', ...args, '--rpc', devnet.url(), '--json']);
    assert.equal(result.code, code, `${args[0]?.slice(0, 20)} ${args.slice(1).join(' ')}: ${result.stderr}`);
    assert.match(result.stderr, message);
  }
  const nobody = await runSynod(['ask', 'hi', '--rpc', 'http://127.0.0.1:9', '--json']);
  assert.equal(nobody.code, 3);
});

test('Ctrl-C and start again: everything is still there', async () => {
  const { dataDir } = devnet;
  const height = await devnet.height();
  const hash = (await devnet.rpc<{ hash: string }>('chain_getBlock', { height: String(height - 1) })).hash;
  const portBase = Number(new URL(devnet.url()).port);
  assert.equal(await devnet.stop(), 0);
  devnet = await Devnet.start({ dataDir, portBase });
  assert.ok((await devnet.height()) >= height - 1);
  assert.equal((await devnet.rpc<{ hash: string }>('chain_getBlock', { height: String(height - 1) })).hash, hash);
});

test('a data folder of another seed is refused; a damaged last log record is not', async () => {
  const { dataDir } = devnet;
  const portBase = Number(new URL(devnet.url()).port);
  await devnet.stop();
  const other = await runSynod([
    'devnet',
    '--model',
    'tiny',
    '--seed',
    '7',
    '--data-dir',
    dataDir,
    '--port-base',
    String(portBase),
    '--json',
  ]);
  assert.notEqual(other.code, 0);
  assert.match(other.stderr, /--reset|--data-dir/);
  const log = join(dataDir, 'val-1', 'wal');
  const segment = readdirSync(log).sort().at(-1)!;
  appendFileSync(join(log, segment), Uint8Array.of(200, 0, 0, 0, 1, 2, 3));
  devnet = await Devnet.start({ dataDir, portBase });
  const height = await devnet.height();
  await devnet.until('blocks go on', 20_000, async () => (await devnet.height()) > height + 1);
});
