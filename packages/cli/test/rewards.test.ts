/** `synod rewards` against a node that keeps one epoch. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryNode } from '../../rpc/test/fixture/memory-node.ts';
import { experts, validators } from '../../rpc/test/fixture/small-chain.ts';
import { synod } from './command.ts';
import { serveApi } from './lab-server.ts';

test('the last epoch as a table, one account explained, and what is wrong said by exit code', async (t) => {
  const url = await serveApi(t, createMemoryNode().api);
  const ask = (...args: string[]) => synod(['rewards', ...args, '--rpc', url]);
  const table = await ask();
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /Epoch 7, paid in block 420: 0\.99\d* SYN issued of at most 1 SYN|Epoch 7.* 1 SYN issued/);
  assert.match(table.stdout, /experts by incentive\n {4}\S+ .*incentive \d+(\.\d+)? %/);
  assert.match(table.stdout, /scorers by dividend\n {4}\S+ .*dividend 65.9091 %.*accuracy 80 %.*revealed 100 %/);
  const shown = JSON.parse((await ask('7', '--json')).stdout);
  assert.equal(shown.experts.length, 2);
  assert.deepEqual(
    shown.epochs.map(({ epoch }: { epoch: number }) => epoch),
    [7],
  );
  const expert = await ask('7', experts[0]!.address);
  assert.match(expert.stdout, /As an expert: paid .*\n.*weight = bond/);
  const scorer = await ask(validators[2]!.operator);
  assert.match(scorer.stdout, /power = stake × accuracy × attendance/);
  assert.equal((await ask('6')).code, 4);
  assert.equal((await ask('one', 'two')).code, 2);
  assert.equal((await ask('nobody')).code, 4);
});
