/**
 * A devnet under control, with real processes: nodes paused, cut off and killed, experts that lie, states taken and put back also when the
 * supervisor dies in the middle, and blocks by hand. As few devnets as possible: one that follows the interval, and two by hand.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Devnet, freePortBase, runSynod } from './devnet-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-controls-'));
const knowledge = join(folder, 'capitals');
const FACTS = ['France Paris', 'Japan Tokyo', 'Peru Lima', 'Kenya Nairobi', 'Norway Oslo', 'Fiji Suva'];
let devnet: Devnet;
let flags: readonly string[];

type Status = {
  state: string;
  reason: string | null;
  head: number;
  nodes: { name: string; state: string; height: number | null }[];
};

async function synod(...args: string[]) {
  const result = await runSynod([...args, '--json']);
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
  return JSON.parse(result.stdout);
}
const control = (...args: string[]) => synod('devnet', ...args, '--data-dir', devnet.dataDir);
const status = (): Promise<Status> => control('status');
const balance = async (address: string, index = 0): Promise<bigint> => {
  return BigInt((await devnet.rpc<{ balance: string }>('state_getAccount', { address }, index)).balance);
};
const addressOf = (name: string) => devnet.info.accounts.find((account) => account.name === name)!.address;

async function grows(what: string): Promise<void> {
  const from = await devnet.height();
  await devnet.until(what, 60_000, async () => (await devnet.height()) >= from + 3);
}

/** The block hash of the lowest head, as every node has it. */
async function agrees(): Promise<void> {
  const heights = await Promise.all([0, 1, 2, 3].map((index) => devnet.height(index)));
  const height = String(Math.min(...heights));
  const blocks = await Promise.all(
    [0, 1, 2, 3].map((index) => devnet.rpc<{ hash: string }>('chain_getBlock', { height }, index)),
  );
  assert.equal(new Set(blocks.map(({ hash }) => hash)).size, 1, 'equal blocks, and so equal states');
}

before(async () => {
  const documents = join(folder, 'documents');
  mkdirSync(documents);
  const text = FACTS.map((fact) => {
    const [country, city] = fact.split(' ');
    return `# ${country}\n\nThe capital of ${country} is ${city}.\n`;
  });
  writeFileSync(join(documents, 'capitals.md'), text.join('\n'));
  const build = ['--documents', documents, '--out', knowledge, '--model', 'tiny', '--no-vectors'];
  await synod('expert', 'build', 'capitals', ...build);
  flags = ['--block-time', '200ms', '--knowledge', `capitals=${knowledge}`, '--experts', 'capitals'];
  devnet = await Devnet.start({ flags });
});

after(async () => {
  await devnet?.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('one of four paused: the chain goes on; two: it stalls, and the status says why; resumed: it goes on', async () => {
  await control('pause', 'val-3');
  await grows('blocks with three of four');
  const again = await runSynod(['devnet', 'pause', 'val-3', '--data-dir', devnet.dataDir]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /val-3 is paused already[\s\S]*devnet resume val-3/);
  const wrong = await runSynod(['devnet', 'pause', 'vla-2', '--data-dir', devnet.dataDir]);
  assert.equal(wrong.code, 4);
  assert.match(wrong.stderr, /no node "vla-2"[\s\S]*Did you mean val-2/);

  assert.deepEqual(await devnet.rpc('dev_pauseNode', { node: 'val-2' }), { node: 'val-2', state: 'paused' });
  const stalled = await status();
  assert.equal(stalled.state, 'stalled');
  assert.equal(stalled.reason, '2 of 4 validators are offline (need 3)');
  const before = await devnet.height();
  await delay(2_000);
  assert.ok((await devnet.height()) <= before + 1, 'what was under way may end, nothing follows');
  await assert.rejects(devnet.rpc('dev_pauseNode', { node: 'val-0' }), /answers this request/);

  await devnet.rpc('dev_resumeNode', { node: 'val-2' });
  await control('resume', 'val-3');
  await grows('blocks with all four');
});

test('cut in halves it stalls and says so; healed it goes on, and nobody forked', async () => {
  await control('partition', 'val-0,val-1');
  const before = await devnet.height();
  await delay(3_000);
  assert.ok((await devnet.height()) <= before + 2);
  const cut = await status();
  assert.equal(cut.state, 'stalled');
  assert.match(cut.reason ?? '', /cut into 2 parts, the largest with 2 of 4 validators \(need 3\)/);
  await control('heal');
  await grows('blocks after healing');
  await agrees();
});

test('killed and started again a node catches up, and what it was told is told it again', async () => {
  await control('latency', 'val-1', '50ms');
  await control('kill', 'val-1');
  assert.equal((await status()).nodes[1]?.state, 'down');
  await control('start', 'val-1');
  await grows('blocks after the start');
  await devnet.until('val-1 to catch up', 60_000, async () => (await devnet.height(1)) >= (await devnet.height()) - 2);
  const told = await devnet.rpc<{ nodes: { name: string; latencyMs: number }[] }>('dev_getStatus');
  assert.deepEqual(
    told.nodes.map(({ latencyMs }) => latencyMs),
    [0, 50, 0, 0],
  );
  await control('heal');
});

test('the faucet pays, and a balance is filled up but never taken', async () => {
  const bob = addressOf('bob');
  const before = await balance(bob);
  await synod('faucet', bob, '12.5', '--rpc', devnet.url());
  assert.equal((await balance(bob)) - before, 12_500_000_000n);
  await devnet.rpc('dev_setBalance', { address: bob, balance: '20000 SYN' });
  await devnet.until('the rest to arrive', 20_000, async () => (await balance(bob)) === 20_000_000_000_000n);
  await assert.rejects(devnet.rpc('dev_setBalance', { address: bob, balance: '1' }), /only its owner can spend/);
});

test('an expert that lies gets lower scores than the honest, and is honest again when it is told to', async () => {
  const asked = async (country: string) => {
    const result = await synod(
      'ask',
      '--domain',
      'capitals',
      '--respondents',
      '3',
      `What is the capital of ${country}?`,
      '--rpc',
      devnet.url(),
    );
    return result.respondents as { expert: string; score: string | null }[];
  };
  const { experts } = await control('fault', 'capitals-b', 'lie');
  const liar = experts[0].expert as string;
  const scores = await asked('Japan');
  const of = (who: string) => Number(scores.find(({ expert }) => expert === who)?.score);
  const others = scores.filter(({ expert }) => expert !== liar);
  assert.equal(others.length, 2);
  for (const { expert } of others) assert.ok(of(expert) > of(liar) + 0.3, JSON.stringify(scores));
  await control('fault', 'capitals-b', 'none');
  const honest = await asked('Norway');
  assert.equal(new Set(honest.map(({ score }) => score)).size, 1, 'all three say the same again');
});

test('a snapshot put back undoes what came after it, and the chain goes on with equal states', async () => {
  const carol = addressOf('carol');
  const kept = await balance(carol);
  const taken = await control('snapshot', 'before');
  await synod('send', 'carol', '3', '--from', 'alice', '--data-dir', devnet.dataDir, '--rpc', devnet.url());
  assert.equal((await balance(carol)) - kept, 3_000_000_000n);
  const dumped = await control('dump', join(folder, 'state.synod'));
  assert.ok(dumped.bytes > 1_000 && dumped.height > taken.height);

  assert.equal((await devnet.rpc<{ state: string }>('dev_restore', { name: 'before' })).state, 'running');
  await devnet.until('the nodes to be back', 90_000, async () => {
    const { operation } = await devnet.rpc<{ operation: { kind: string; state: string } }>('dev_getStatus');
    return operation.kind === 'restore' && operation.state === 'done';
  });
  assert.equal(await balance(carol), kept);
  await grows('blocks after the snapshot was put back');
  await agrees();

  await control('load', join(folder, 'state.synod'));
  assert.equal((await balance(carol)) - kept, 3_000_000_000n, 'the file has what the snapshot has not');
  await grows('blocks after the load');
  const { items } = await control('snapshots');
  assert.deepEqual(
    items.map(({ name }: { name: string }) => name),
    ['before'],
  );
});

test('a supervisor killed in the middle of restoring leaves one state whole', async () => {
  const carol = addressOf('carol');
  // Connections that the load before left behind end here.
  await devnet.until('the nodes to answer', 30_000, async () => (await balance(carol)) >= 0n);
  const now = await balance(carol);
  const record = JSON.parse(readFileSync(join(devnet.dataDir, 'devnet.json'), 'utf8')) as { pid: number };
  await devnet.rpc('dev_restore', { name: 'before' });
  await devnet.until('the homes to be copied', 60_000, async () => existsSync(join(devnet.dataDir, 'restoring')));
  process.kill(record.pid, 'SIGKILL');
  devnet = await Devnet.start({ dataDir: devnet.dataDir, portBase: Number(new URL(devnet.url()).port), flags });
  assert.ok(!existsSync(join(devnet.dataDir, 'restoring')) && !existsSync(join(devnet.dataDir, 'restore.json')));
  const balances = await Promise.all([0, 1, 2, 3].map((index) => balance(carol, index)));
  assert.equal(new Set(balances).size, 1, 'all nodes have the same state');
  assert.ok([now, now - 3_000_000_000n].includes(balances[0]!), 'the old one or the new one');
  await grows('blocks afterwards');
  await agrees();
});

/** Every block with who signed the one before: where two chains part says why. */
async function blocksTo(height: number): Promise<{ blocks: readonly string[]; isSignedByAll: boolean }> {
  const heights = Array.from({ length: height }, (_, index) => String(index + 1));
  type Made = { hash: string; lastCommit: { round: number; precommits: unknown[] } | null };
  const made = await Promise.all(heights.map((at) => devnet.rpc<Made>('chain_getBlock', { height: at })));
  const blocks = made.map(({ hash, lastCommit }, index) => `${index + 1} ${hash} after round ${lastCommit?.round}`);
  return { blocks, isSignedByAll: made.every(({ lastCommit }) => (lastCommit?.precommits.length ?? 4) === 4) };
}

const byHand = [
  '--block-time',
  'manual',
  '--seed',
  '11',
  '--epoch-blocks',
  '10',
  '--set',
  'staking.unbondingHeights=20000',
];

test('by hand: nothing happens until it is asked for, and the same commands make the same chain', async () => {
  await devnet.remove();
  const chains: (readonly string[])[] = [];
  for (let start = 0; chains.length < 2; start++) {
    assert.ok(start < 6, 'again and again somebody did not sign a block in time');
    if (start > 0) await devnet.remove();
    devnet = await Devnet.start({ model: 'none', portBase: await freePortBase(), flags: byHand });
    assert.equal(await devnet.height(), 1);
    if (start === 0) {
      await delay(3_000);
      assert.equal(await devnet.height(), 1, 'no block unasked');
      assert.equal((await status()).state, 'healthy');
    }
    assert.deepEqual((await devnet.rpc<{ from: string; to: string }>('dev_mine', { blocks: 2 })).to, '3');
    const epoch = await control('advance-epoch');
    assert.equal(epoch.to % 10, 0);
    const later = await control('advance-time', '1h');
    assert.equal(later.timeMs - epoch.timeMs, 3_600_500);
    const { blocks, isSignedByAll } = await blocksTo(later.to);
    // On a machine too busy a node learns of a block before it has signed it (devnet §3.8).
    if (isSignedByAll) chains.push(blocks);
  }
  assert.deepEqual(chains[0], chains[1]);
  const sent = await devnet.rpc<{ status: string }>('dev_faucet', { to: addressOf('alice'), amount: '1 SYN' });
  assert.equal(sent.status, 'pending');
  await control('block-time', '200ms');
  await grows('blocks at the interval');
  assert.equal(await balance(addressOf('alice')), 10_001_000_000_000n);
});
