/**
 * Bad input against real processes: each gets one clear error with the next step and loses nothing. Run by
 * one-devnet.test.ts. The items of the list and the tests that cover them (`here` is this file):
 *
 * | bad input                              | covered by |
 * |----------------------------------------|------------|
 * | port taken                             | test/e2e/devnet.test.ts: a second devnet on the same folder, or on taken ports |
 * |                                        | packages/rpc/test/server/json-rpc.test.ts: a taken port is one clear error |
 * |                                        | packages/node/test/adapters/libp2p-network.test.ts: an address in use |
 * | data directory of another chain        | test/e2e/devnet.test.ts: a data folder of another seed |
 * |                                        | packages/node/test/adapters/level-store.test.ts: a directory of another chain |
 * | data directory of another version      | here: a folder of a newer version |
 * | model hash mismatch                    | here: an altered model; packages/inference/test/models/store/verify.test.ts |
 * | interrupted download resumes           | packages/inference/test/models/store/ensure-model.test.ts: leftovers of an interrupted run |
 * | no network and no cached model         | here: no network; packages/inference/test/models/store/pip-download.test.ts |
 * | prompt empty, too long                 | test/e2e/devnet.test.ts: ask says clearly; packages/cli/test/prompt.test.ts |
 * | prompt not UTF-8                       | packages/cli/test/prompt.test.ts: bytes that are not UTF-8 |
 * | balance too low                        | here: an empty account; packages/chain/test/state/transactions.test.ts |
 * | max cost too low, unknown account      | test/e2e/devnet.test.ts: ask says clearly; here: unknown accounts |
 * | malformed JSON-RPC and batches         | here: malformed requests; packages/rpc/test/server/json-rpc.test.ts |
 * | oversized body                         | here: malformed requests; packages/rpc/test/server/json-rpc.test.ts |
 * | peer with garbage, oversized, stale    | packages/node/test/host/network.test.ts: garbage, stale and forged messages |
 * |                                        | packages/node/test/adapters/libp2p-network.test.ts: an oversized length |
 * | damaged last record of the log         | test/e2e/devnet.test.ts: a damaged last log record |
 * |                                        | packages/node/test/adapters/wal-file.test.ts: a torn last record |
 * | second process on the same directory   | test/e2e/devnet.test.ts: a second devnet; here: a second node |
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Finished, freePortBase, root, runSynod } from './devnet-process.ts';
import { devnet } from './shared-devnet.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-bad-input-'));
let spareBase: string;

before(async () => {
  spareBase = String(await freePortBase());
});

after(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Exactly one JSON error on the last line of stderr, with this exit code. */
function failureOf(result: Finished, code: number): { code: string; message: string } {
  assert.equal(result.code, code, result.stderr);
  assert.equal(result.stdout, '');
  const { error } = JSON.parse(result.stderr.trimEnd().split('\n').at(-1)!) as {
    error: { code: string; message: string; exitCode: number };
  };
  assert.equal(error.exitCode, code);
  return error;
}

const startOther = (args: readonly string[], env: Record<string, string> = {}) =>
  runSynod(['devnet', '--json', '--port-base', spareBase, ...args], { env });

test('the table above names files and tests that exist', () => {
  const text = readFileSync(import.meta.filename, 'utf8').split('*/')[0]!;
  const named = [...text.matchAll(/((?:packages|test)\/\S+\.test\.ts)(?:: ([^;|]+))?/g)];
  assert.ok(named.length >= 15);
  for (const [, file = '', title] of named) {
    const source = readFileSync(join(root, file), 'utf8');
    if (title !== undefined) assert.ok(source.includes(title.trim()), `${file} has no test "${title.trim()}"`);
  }
});

test('no network and no cached model: one error that names the way without, and nothing is left behind', async () => {
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  const pip = '#!/bin/sh\necho "ERROR: No matching distribution found (connection refused)" >&2\nexit 1\n';
  for (const name of ['python3', 'python', 'py', 'pip', 'pip3']) writeFileSync(join(tools, name), pip, { mode: 0o755 });
  const emptyCache = join(folder, 'empty-cache');
  const dataDir = join(folder, 'offline');
  const env = { XDG_CACHE_HOME: emptyCache, PATH: `${tools}:${process.env['PATH']}` };
  const error = failureOf(await startOther(['--data-dir', dataDir], env), 1);
  assert.match(error.message, /--model/);
  assert.equal(existsSync(dataDir), false, 'no data folder');
  const left = globSync('**/*', { cwd: join(emptyCache, 'synod', 'models'), withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  assert.deepEqual(
    left.map(({ name }) => name),
    [],
  );
});

test('an altered model is refused by name before anything starts', async () => {
  const home = JSON.parse(readFileSync(join(devnet.dataDir, 'val-0', 'node.json'), 'utf8')) as {
    modelDirectory: string;
  };
  const model = join(folder, 'altered');
  cpSync(home.modelDirectory, model, { recursive: true });
  const [weights = ''] = globSync('**/*.onnx', { cwd: model });
  const bytes = readFileSync(join(model, weights));
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(join(model, weights), bytes);
  const dataDir = join(folder, 'altered-chain');
  const error = failureOf(await startOther(['--data-dir', dataDir, '--model', model]), 1);
  assert.equal(error.code, 'MODEL_HASH_MISMATCH');
  assert.ok(error.message.includes(weights), error.message);
  assert.equal(existsSync(dataDir), false, 'no data folder');
});

test('a folder of a newer version is refused, both versions are named, and it stays as it was', async () => {
  const dataDir = join(folder, 'newer');
  mkdirSync(dataDir);
  const chain = readFileSync(join(devnet.dataDir, 'chain.json'), 'utf8');
  const newer = JSON.stringify({ ...(JSON.parse(chain) as object), stateFormat: 99, version: '9.9.9' });
  writeFileSync(join(dataDir, 'chain.json'), newer);
  const error = failureOf(await startOther(['--data-dir', dataDir, '--model', 'tiny']), 1);
  assert.equal(error.code, 'STATE_FORMAT');
  assert.match(error.message, /9\.9\.9.*99.*--reset/);
  assert.equal(readFileSync(join(dataDir, 'chain.json'), 'utf8'), newer);
});

test('a folder with other things in it is never touched, not even by --reset', async () => {
  const dataDir = join(folder, 'foreign');
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'thesis.txt'), 'years of work');
  const error = failureOf(await startOther(['--data-dir', dataDir, '--model', 'tiny', '--reset']), 1);
  assert.equal(error.code, 'DATA_DIR_FOREIGN');
  assert.equal(readFileSync(join(dataDir, 'thesis.txt'), 'utf8'), 'years of work');
});

test('a second node on a running node’s home names the process that has it', async () => {
  const victim = devnet.info.nodes[1]!;
  const result = await runSynod(['start', '--home', join(devnet.dataDir, victim.name), '--json']);
  const error = failureOf(result, 1);
  assert.equal(error.code, 'DATA_DIR_IN_USE');
  assert.ok(error.message.includes(String(victim.pid)), error.message);
});

test('unknown accounts are refused with those that are known', async () => {
  const target = ['--data-dir', devnet.dataDir, '--json'];
  for (const args of [
    ['send', 'nobody', '1'],
    ['send', 'bob', '1', '--from', 'nobody'],
    ['account', 'show', 'nobody'],
  ]) {
    const error = failureOf(await runSynod([...args, ...target]), 4);
    assert.equal(error.code, 'ACCOUNT_UNKNOWN');
    assert.match(error.message, /alice, bob, carol/);
  }
  const mistyped = `${devnet.info.accounts[0]!.address.slice(0, -1)}x`;
  assert.equal(failureOf(await runSynod(['account', 'show', mistyped, ...target]), 2).code, 'ADDRESS_INVALID');
});

test('an empty account can neither send nor ask, and keeps what it has', async () => {
  const carol = devnet.info.accounts.find(({ name }) => name === 'carol')!.address;
  const balance = async () =>
    BigInt((await devnet.rpc<{ balance: string }>('state_getAccount', { address: carol })).balance);
  const target = ['--data-dir', devnet.dataDir, '--json'];
  // A thousandth is left: enough for the fee of a transfer, too little for a question.
  const sent = await runSynod(['send', 'bob', '9999.999', '--from', 'carol', ...target]);
  assert.equal(sent.code, 0, sent.stderr);
  const left = await balance();
  assert.ok(left < 1_000_000n, String(left));
  const ask = failureOf(await runSynod(['ask', 'hello', '--from', 'carol', '--rpc', devnet.url(), '--json']), 7);
  assert.equal(ask.code, 'INSUFFICIENT_BALANCE');
  assert.equal(await balance(), left, 'nothing was charged');
});

test('malformed requests and oversized bodies are answered by the rules, and the node lives on', async () => {
  const post = async (body: string) => {
    const response = await fetch(devnet.url(3), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return { status: response.status, body: (await response.json()) as { error?: { code: number } }[] | object };
  };
  const codeOf = (body: object) => ('error' in body ? (body.error as { code: number }).code : null);
  assert.equal(codeOf((await post('{"jsonrpc": "2.0", "method"')).body), -32700);
  assert.equal(codeOf((await post('[]')).body), -32600);
  assert.equal(codeOf((await post('{"jsonrpc":"1.0","id":1,"method":"node_status"}')).body), -32600);
  assert.equal(codeOf((await post('{"jsonrpc":"2.0","id":1,"method":"chain_getHaed"}')).body), -32601);
  const mixed = await post('[1, {"jsonrpc":"2.0","id":7,"method":"chain_getHead"}]');
  assert.ok(Array.isArray(mixed.body) && mixed.body.length === 2);
  const huge = await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'node_status', junk: 'x'.repeat(2 ** 21) }));
  assert.equal(huge.status, 413);
  const height = await devnet.height(3);
  await devnet.until('blocks go on', 20_000, async () => (await devnet.height(3)) > height);
});
