/** `synod validator rewards|withdraw`: what was paid with its formula, and that nothing waits; every standing with state, reason, until when, next. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paramsJson } from '../../rpc/src/json/genesis.ts';
import { validatorViewJson } from '../../rpc/src/json/staking.ts';
import { createMemoryNode } from '../../rpc/test/fixture/memory-node.ts';
import { params, validators, validatorViews } from '../../rpc/test/fixture/small-chain.ts';
import { rowsOf } from '../src/commands/status.ts';
import { standingLines, type ValidatorInfo } from '../src/staking/validator-text.ts';
import { synod } from './command.ts';
import { serveApi } from './lab-server.ts';

test('rewards by epoch add up to what the chain paid, with pot and share', { timeout: 120_000 }, async (t) => {
  const url = await serveApi(t, createMemoryNode().api);
  const operator = validators[2]!.operator;
  const told = await synod(['validator', 'rewards', operator, '--rpc', url]);
  assert.equal(told.code, 0, told.stderr);
  assert.match(
    told.stdout,
    /epoch 7 +block 420 +paid [\d.]+ SYN +\S* ?= pot [\d.]+ SYN × [\d.]+ % +commission .* SYN, shared .* SYN/,
  );
  assert.match(told.stdout, /validator withdraw/);
  const { epochs, commission } = JSON.parse(
    (await synod(['validator', 'rewards', operator, '--rpc', url, '--json'])).stdout,
  );
  const shown = JSON.parse((await synod(['rewards', '7', '--rpc', url, '--json'])).stdout);
  const paid = shown.scorers.find((one: { operator: string }) => one.operator === operator);
  const [epoch] = epochs;
  assert.equal(epoch.payment, paid.payment);
  assert.equal(BigInt(epoch.commission) + BigInt(epoch.shared), BigInt(epoch.payment));
  assert.equal(BigInt(epoch.payment), (BigInt(epoch.pot) * BigInt(epoch.dividend)) / BigInt(epoch.dividendSum));
  assert.ok(Number(commission) >= 0);
});

test('nothing can be withdrawn, and it is said where the money is and what to type', {
  timeout: 120_000,
}, async (t) => {
  const memory = createMemoryNode();
  const url = await serveApi(t, memory.api);
  const operator = validators[2]!.operator;
  const told = await synod(['validator', 'withdraw', operator, '--rpc', url]);
  assert.equal(told.code, 0, told.stderr);
  assert.match(told.stdout, /^Nothing waits to be withdrawn/);
  assert.match(told.stdout, /stake undelegate \S+ --amount AMOUNT/);
  memory.status = { operator: null };
  const nobody = await synod(['validator', 'withdraw', '--rpc', url]);
  assert.deepEqual([nobody.code, /runs for no validator/.test(nobody.stderr)], [2, true]);
});

test('however a validator stands, state, reason, until when and the next command are told', () => {
  const staking = { ...paramsJson(params).staking, head: '100', epochEnd: '120', blockIntervalMs: 1_000 };
  const context = { ...staking, name: 'val-0', node: null };
  const base = validatorViewJson(validatorViews[0]!);
  const told = (more: Partial<ValidatorInfo>) => standingLines({ ...base, ...more }, context).join('\n');
  const cases: readonly (readonly [Partial<ValidatorInfo>, RegExp])[] = [
    [{ standing: 'signing', nextAction: 'none', nextActionHeight: null }, /nothing to do/],
    [{ standing: 'signing', nextAction: 'run', nextActionHeight: null }, /Run: {2}\S*synod status/],
    [
      { standing: 'joining', nextAction: 'wait', nextActionHeight: '122' },
      /enters {2}from block 122 on, in about 22 s \(\d\d:\d\d:\d\d\)[\s\S]*validator status val-0/,
    ],
    [{ standing: 'waiting', nextAction: 'bond', nextActionHeight: null }, /stake delegate val-0 --amount AMOUNT/],
    [
      { standing: 'jailed', nextAction: 'wait', nextActionHeight: '160' },
      /release {2}from block 160 on, in about 60 s \(\d\d:\d\d:\d\d\)[\s\S]*Then run: {2}\S*synod validator unjail val-0/,
    ],
    [{ standing: 'jailed', nextAction: 'unjail', nextActionHeight: null }, /Run: {2}\S*synod validator unjail val-0/],
    [{ standing: 'jailed', nextAction: 'bond', nextActionHeight: null }, /stake delegate val-0/],
    [
      { standing: 'exited', status: 'exited', nextAction: 'none', nextActionHeight: null },
      /nothing that could be done/,
    ],
    [
      { standing: 'tombstoned', status: 'tombstoned', nextAction: 'none', nextActionHeight: null },
      /nothing that could be done/,
    ],
  ];
  for (const [more, next] of cases) {
    const text = told({ ...more, reason: 'This is why.' });
    assert.ok(text.includes(more.standing!.toUpperCase()), more.standing);
    assert.match(text, /why +This is why\./);
    assert.match(text, next, text);
  }
  // Before its first block, after a jail, and while it signs.
  const signed = (power: string, lastSignedHeight: string) =>
    /signed +(.*)/.exec(told({ power, lastSignedHeight }))?.[1];
  assert.deepEqual(
    [signed('10', '0'), signed('0', '0'), signed('10', '97')],
    ['not yet', 'nothing now: it is not in the set', 'last in block 97, head 100'],
  );
  const standings = new Set(cases.map(([{ standing }]) => standing));
  assert.equal(standings.size, 6);
});

test('a redrawn status takes back as many rows as it took', () => {
  assert.equal(rowsOf(['12345', '', '\u001b[32m123456\u001b[39m'], 5), 4);
  assert.equal(rowsOf(['x'.repeat(500)], Number.POSITIVE_INFINITY), 1);
});
