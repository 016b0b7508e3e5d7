/** What outsiders, operators and delegators do, on a devnet of real processes: proofs without a node, stake by name. Run by one-devnet.test.ts. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Finished, runSynod } from './devnet-process.ts';
import { devnet } from './shared-devnet.ts';

const run = (...args: string[]): Promise<Finished> =>
  runSynod(args, { env: { SYNOD_RPC_URL: devnet.url(), SYNOD_DATA_DIR: devnet.dataDir } });

const succeed = async (...args: string[]): Promise<string> => {
  const result = await run(...args);
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
};

/** Nothing listens there: what succeeds with it asked no node. */
const offline = (...args: string[]): Promise<Finished> =>
  runSynod(args, { env: { SYNOD_RPC_URL: 'http://127.0.0.1:9', SYNOD_DATA_DIR: '/nonexistent' } });

// First: once an epoch is over, stakes have grown by its rewards.
test('names of the devnet sign: accounts stake, validators speak for themselves', async () => {
  assert.match(await succeed('stake', 'delegate', 'val-1', '--amount', '25', '--from', 'bob'), /1,025 SYN/);
  const status = JSON.parse(await succeed('validator', 'status', 'val-1', '--json'));
  assert.deepEqual([status.standing, status.tokens, status.powerWanted], ['signing', '1025000000000', '1025']);
  assert.match(await succeed('stake', 'show', 'bob'), /^bob {3}25 SYN staked\n {2}val-1 {2}25 SYN\n/);
  const unjail = await run('validator', 'unjail', 'val-2');
  assert.equal(unjail.code, 5);
  assert.match(unjail.stderr, /val-2 is not in jail/);
  assert.match(await succeed('validator', 'list'), /val-2 +signing/);
  const unknown = await run('validator', 'status', 'val-9');
  assert.equal(unknown.code, 4);
  assert.match(unknown.stderr, /Known here: val-0, val-1, val-2, val-3/);
});

test('a receipt convinces somebody who has no node and trusts one block, older or newer', async () => {
  const older = (await succeed('checkpoint', '--rpc', devnet.url(1))).trim();
  const { queryId, cost } = JSON.parse(await succeed('ask', 'What is the capital of France?', '--json'));
  const file = join(devnet.dataDir, 'receipt.json');
  await succeed('receipt', queryId, '--trust', older, '--out', file);
  const fromOlder = await offline('verify', 'receipt', file, '--trust', older, '--json');
  assert.equal(fromOlder.code, 0, fromOlder.stderr);
  const told = JSON.parse(fromOlder.stdout);
  assert.deepEqual([told.direction, told.receipt.queryId, told.receipt.cost], ['up', queryId, cost]);

  const newer = (await succeed('checkpoint', '--rpc', devnet.url(1), '--rpc', devnet.url(2))).trim();
  await succeed('receipt', queryId, '--trust', newer, '--out', file);
  const fromNewer = await offline('verify', 'receipt', file, '--trust', newer);
  assert.equal(fromNewer.code, 0, fromNewer.stderr);
  // The tiny model's answers may well be scored below the threshold: what matters is that both tell the same.
  assert.match(fromNewer.stdout, new RegExp(`outcome {4}${told.receipt.outcome} `));

  const text = readFileSync(file, 'utf8');
  const { receipt } = JSON.parse(text) as { receipt: string };
  // The last bytes of the receipt are its refund.
  const changed = `${receipt.slice(0, -2)}${receipt.endsWith('00') ? '01' : '00'}`;
  writeFileSync(file, text.replace(receipt, changed));
  assert.equal((await offline('verify', 'receipt', file, '--trust', newer)).code, 11);

  const witnesses = ['--rpc', devnet.url(1), '--rpc', devnet.url(3)];
  writeFileSync(file, await succeed('receipt', queryId));
  const fetched = await runSynod(['verify', 'receipt', file, '--trust', older, ...witnesses, '--json']);
  assert.equal(fetched.code, 0, fetched.stderr);
  assert.deepEqual(
    JSON.parse(fetched.stdout).witnesses.map(({ says }: { says: string }) => says),
    ['same', 'same'],
  );
});

test('a balance, and that a stranger has none, are proven to somebody who has no node', async () => {
  const trusted = (await succeed('checkpoint')).trim();
  const balance = BigInt(JSON.parse(await succeed('account', 'show', 'bob', '--json')).balance);
  const file = join(devnet.dataDir, 'proof.json');
  await succeed('state', 'proof', 'account', 'bob', '--trust', trusted, '--out', file);
  const result = await offline('verify', 'proof', file, '--trust', trusted);
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stdout, new RegExp(`balance {4}${(balance / 1_000_000_000n).toLocaleString('en')}`));
  await succeed('state', 'proof', 'account/nobody', '--trust', trusted, '--out', file);
  const absent = await offline('verify', 'proof', file, '--trust', trusted, '--json');
  assert.equal(JSON.parse(absent.stdout).value, null, absent.stderr);
});
