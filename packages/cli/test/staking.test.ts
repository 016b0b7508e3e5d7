/** `synod validator` and `synod stake` against production hosts: every life of a validator, in words and with exit codes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NANO_PER_SYN, readAccount, readPool } from '@synod/chain';
import { alice, aliceSeed, operatorOf, operatorSeed } from '../../node/test/host/lab.ts';
import { paramsJson } from '../../rpc/src/json/genesis.ts';
import { validatorViewJson } from '../../rpc/src/json/staking.ts';
import { createMemoryNode } from '../../rpc/test/fixture/memory-node.ts';
import { params, validatorViews } from '../../rpc/test/fixture/small-chain.ts';
import { durationText } from '../src/settings/durations.ts';
import { parseRatio, percentText } from '../src/settings/ratios.ts';
import { type OwnNode, standingLines } from '../src/staking/validator-text.ts';
import { type Ended, synod } from './command.ts';
import { serveApi, serveLab } from './lab-server.ts';

const staking = {
  epochHeights: 20,
  evidenceAgeHeights: 24,
  trustingPeriodMs: 1_000,
  unbondingHeights: 200,
  downtimeWindow: 40,
  downtimeMissedMax: 20,
  jailHeights: 30,
};

function assertEnds(result: Ended, code: number, ...patterns: readonly RegExp[]): void {
  assert.equal(result.code, code, result.stdout + result.stderr);
  for (const pattern of patterns) assert.match(code === 0 ? result.stdout : result.stderr, pattern);
}

test('a jailed validator is told why, until when and what to run, and is freed by one command', async (t) => {
  const { lab, url, run, keyFile } = await serveLab(t, { staking });
  const [operator, key] = [operatorOf(3), keyFile(operatorSeed(3))];
  const ask = (...args: string[]) => synod(['validator', ...args, '--rpc', url]);
  run(() => lab.heightEverywhere() >= 2);
  assertEnds(await ask('status'), 0, new RegExp(`^${operatorOf(0)} {2}SIGNING\n`), /next {4}nothing to do/);
  assertEnds(await ask('unjail', '--key-file', key), 5, /is not in jail/);

  lab.nodes[3]!.crash();
  const pool = () => readPool(lab.nodes[0]!.head.state, operator)!;
  run(() => pool().status === 'jailed');
  const releaseAt = pool().jailedAt + staking.jailHeights;
  assertEnds(
    await ask('status', operator),
    0,
    /JAILED/,
    new RegExp(`jailed in block ${pool().jailedAt}: it missed more than 20 of the last 40 blocks`),
    new RegExp(`release {2}from block ${releaseAt} on, in about \\d+ s`),
    new RegExp(`Then run: {2}\\./synod validator unjail ${operator}`),
  );
  const balance = () => readAccount(lab.nodes[0]!.head.state, operator).balance;
  const before = balance();
  const early = await ask('unjail', '--key-file', key, '--json');
  assertEnds(early, 5);
  const { error } = JSON.parse(early.stderr);
  assert.deepEqual([error.code, error.facts.fromHeight], ['JAIL_NOT_OVER', String(releaseAt)]);
  assert.equal(balance(), before, 'nothing was sent');

  lab.nodes[3]!.restart();
  run(() => lab.nodes[0]!.head.height >= releaseAt);
  assertEnds(
    await ask('status', operator),
    0,
    /signed +nothing now: it is not in the set/,
    new RegExp(`Run: {2}\\./synod validator unjail ${operator}`),
  );
  assertEnds(await ask('unjail', operator, '--key-file', key), 0, /✔ .* is out of jail/, /enters the validator set/);
  assert.equal(pool().status, 'active');
  run(() => lab.heightEverywhere() >= releaseAt + 2 * staking.epochHeights);
  const listed = JSON.parse((await ask('list', '--json')).stdout).validators as { operator: string; power: string }[];
  assert.equal(listed.find((each) => each.operator === operator)?.power, '1000');
  assertEnds(await ask('list'), 0, /signing/);
});

test('operators change their commission, leave for good, and only they', async (t) => {
  const { lab, url, run, keyFile } = await serveLab(t, { staking });
  const key = keyFile(operatorSeed(1));
  const ask = (...args: string[]) => synod(['validator', ...args, '--rpc', url]);
  run(() => lab.heightEverywhere() >= staking.epochHeights);
  assertEnds(await ask('edit', '--commission', '0.7%', '--key-file', key), 0, /commission of .* is 0\.7 %/);
  assertEnds(await ask('edit', '--commission', '1%', '--key-file', key), 5, /COMMISSION_TOO_SOON.*less than an epoch/s);
  assertEnds(await ask('edit', '--commission', '101%', '--key-file', key), 2, /from 0 to 100%/);
  assertEnds(await ask('exit', '--key-file', key), 2, /for good.*--yes/s);
  assertEnds(await ask('exit', operatorOf(0), '--yes', '--key-file', key), 5, /does not operate/);
  assertEnds(
    await ask('exit', operatorOf(1), '--yes', '--key-file', key),
    0,
    /has left/,
    /1,000 SYN of its own come back from block \d+/,
  );
  assertEnds(await ask('status', operatorOf(1)), 0, /EXITED/, /left for good/, /nothing to do/);
  assertEnds(await ask('exit', '--yes', '--key-file', key), 5, /VALIDATOR_GONE/);
  assertEnds(await ask('status', alice), 4, /never made a validator/);
  assertEnds(await ask('unjail'), 2, /Who signs\?/);
});

test('delegators put in, move, take out and see what they have', async (t) => {
  const { lab, url, run, keyFile } = await serveLab(t, { staking });
  const key = keyFile(aliceSeed);
  const stake = (...args: string[]) => synod(['stake', ...args, '--rpc', url]);
  const signed = (...args: string[]) => stake(...args, '--key-file', key);
  run(() => lab.heightEverywhere() >= 2);
  const [first, second] = [operatorOf(1), operatorOf(2)];
  assertEnds(await stake('show', alice), 0, /0 SYN staked\n {2}Nothing yet/);
  assertEnds(await signed('delegate', first, '--amount', '25'), 0, /✔ 25 SYN staked/, /stake is now 1,025 SYN/);
  assertEnds(await signed('delegate', first, '--amount', '0.01'), 5, /AMOUNT_TOO_LOW/);
  assertEnds(await signed('delegate', alice, '--amount', '1'), 5, /VALIDATOR_UNKNOWN/);
  for (const words of [
    ['delegate', first],
    ['undelegate', first],
    ['redelegate', first, second],
  ])
    assertEnds(await signed(...words, '--amount', '0'), 2, /"0" is nothing\n {2}Give at least 0\.000000001 SYN/);
  assertEnds(await signed('undelegate', first, '--amount', '26'), 7, /INSUFFICIENT_STAKE/);
  assertEnds(
    await signed('redelegate', first, second, '--amount', '5'),
    0,
    /5 SYN moved/,
    /answers for .* free from block/,
  );
  assertEnds(
    await signed('redelegate', second, first, '--amount', 'all'),
    5,
    /REDELEGATION_PENDING.*Undelegate it instead/s,
  );
  assertEnds(
    await signed('undelegate', first, '--amount', 'all'),
    0,
    /20 SYN leave/,
    /Paid out from block \d+ on, in about \d+ s/,
  );
  assertEnds(await signed('undelegate', first, '--amount', 'all'), 7, /has no stake with/);
  const shown = JSON.parse((await stake('show', alice, '--json')).stdout);
  assert.deepEqual(
    shown.delegations.map(({ validator, amount }: { validator: string; amount: string }) => [validator, amount]),
    [[second, String(5n * NANO_PER_SYN)]],
  );
  assert.deepEqual(
    shown.unbonding.map(({ kind }: { kind: string }) => kind),
    ['redelegation', 'unbonding'],
  );
  assertEnds(await stake('show', alice), 0, /leaving .* 20 SYN {2}paid out from block/, /moved .* 5 SYN/);
});

test('a node without a validator has a state, a reason and a next command too', async (t) => {
  const memory = createMemoryNode();
  memory.status = { operator: null, role: 'observer', roleReason: 'this node holds no validator key' };
  const url = await serveApi(t, memory.api);
  const told = await synod(['validator', 'status', '--rpc', url]);
  assertEnds(
    told,
    0,
    /^val-3 {2}OBSERVING\n/,
    /why +this node holds no validator key/,
    /until +/,
    /validator create --home/,
  );
});

test('a validator whose node observes, or holds another key than the set names, is told so', () => {
  const [validator] = validatorViews;
  const info = validatorViewJson(validator!);
  const staking = { ...paramsJson(params).staking, head: '3', epochEnd: '60', blockIntervalMs: 1_000 };
  const told = (node: OwnNode) => standingLines(info, { ...staking, name: 'val-0', node }).join('\n');
  const own = { role: 'validator', roleReason: null, signingKey: info.publicKey } as const;
  assert.match(told(own), /node +signs with the key that the set names/);
  assert.match(told({ ...own, signingKey: `0x${'0'.repeat(64)}` }), /another key than 0x.*does not sign.*start --home/);
  assert.match(
    told({ ...own, role: 'observer', roleReason: 'its sign state is old' }),
    /does not sign: its sign state is old/,
  );
});

test('parts and durations are read exactly and told shortly', () => {
  assert.deepEqual(
    ['5%', '5 %', '0.05', '0.5%', '100%', '0.000001', '0', '1'].map((text) => parseRatio(text, 'x')),
    [50_000, 50_000, 50_000, 5_000, 1_000_000, 1, 0, 1_000_000],
  );
  for (const text of ['', '5', '1.1', '101%', '-1%', '0.0000001', '0.00001%', 'x']) {
    assert.throws(() => parseRatio(text, '--commission'), { code: 'NUMBER_INVALID' }, text);
  }
  assert.deepEqual([percentText('0.050'), percentText('0.0075')], ['5 %', '0.75 %']);
  assert.deepEqual([42_000, 180_000, 5_000_000, 1_200_000_000].map(durationText), [
    '42 s',
    '3 min',
    '1 h 23 min',
    '13 d 21 h',
  ]);
});
