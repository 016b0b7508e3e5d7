/**
 * Several validators driven by lines of text, every effect printed and pinned. A change of behaviour shows as a diff of
 * a conversation, not of a number.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hash } from '@synod/chain';
import { describe as describeEffect, makeProposal, makeVote, World } from './world.ts';

/**
 * Runs the commands among the lines (those that start with `>`) and gives the transcript as it really went.
 * start | deliver [to] | drop [from|to] | expire label | exchange | vote by to type round block | proposal by to round block pol
 */
function run(world: World, script: string): string {
  const output: string[] = [];
  for (const line of script.split('\n').map((one) => one.trim())) {
    if (!line.startsWith('>')) continue;
    output.push(line);
    const from = world.lines.length;
    execute(world, line.slice(1).trim().split(' '));
    output.push(...world.lines.slice(from).map((one) => `  ${one}`));
  }
  return output.join('\n');
}

function execute(world: World, [command, ...rest]: string[]): void {
  const [first, second, third, fourth, fifth] = rest;
  switch (command) {
    case 'start':
      world.startAll();
      return;
    case 'deliver':
      world.deliverAll(({ to }) => first === undefined || to === first);
      return;
    case 'drop':
      world.queue = world.queue.filter(({ from, to }) => first !== undefined && from !== first && to !== first);
      return;
    case 'expire':
      world.expire(first);
      return;
    case 'exchange':
      world.exchange();
      return;
    case 'vote': {
      const blockId = fifth === 'nil' ? null : fifth!;
      const vote = makeVote({
        type: third as 'prevote',
        height: world.height,
        round: Number(fourth),
        blockId,
        by: first!,
      });
      world.feed(second!, { kind: 'vote', vote });
      return;
    }
    case 'proposal': {
      const fields = {
        height: world.height,
        round: Number(third),
        blockId: fourth!,
        polRound: Number(fifth),
        by: first!,
      };
      const verdict = { kind: 'verdict' as const, blockId: fourth as Hash, valid: true };
      world.feed(second!, { kind: 'proposal', proposal: makeProposal(fields) }, verdict);
      return;
    }
    default:
      throw new Error(`no command ${command}`);
  }
}

function pin(script: string, world = new World({ replicas: { v1: 'v1', v2: 'v2', v3: 'v3', v4: 'v4' } })): void {
  if (world.height === 0) world.beginHeight(1);
  const expected = script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => (line.startsWith('>') ? line : `  ${line}`))
    .join('\n');
  assert.equal(run(world, script), expected);
}

test('four validators decide in round 0', () => {
  pin(`
    > start
      v1: enter 1/0 proposer v1
      v1: timeout propose 0 in 400 ms
      v1: build 0
      v1: propose 0 v1.1.0 pol -1
      v1: prevote 0 v1.1.0
      v2: enter 1/0 proposer v1
      v2: timeout propose 0 in 400 ms
      v3: enter 1/0 proposer v1
      v3: timeout propose 0 in 400 ms
      v4: enter 1/0 proposer v1
      v4: timeout propose 0 in 400 ms
    > deliver
      v2: prevote 0 v1.1.0
      v3: prevote 0 v1.1.0
      v4: prevote 0 v1.1.0
      v3: precommit 0 v1.1.0
      v4: precommit 0 v1.1.0
      v1: precommit 0 v1.1.0
      v2: precommit 0 v1.1.0
      v1: decide 0 v1.1.0
      v2: decide 0 v1.1.0
      v3: decide 0 v1.1.0
      v4: decide 0 v1.1.0
  `);
});

test('a dead proposer costs one round', () => {
  const world = new World({
    replicas: { v1: 'v1', v2: 'v2', v3: 'v3', v4: 'v4' },
    isLinked: (from, to) => from !== 'v1' && to !== 'v1',
  });
  world.beginHeight(1);
  for (const label of ['v2', 'v3', 'v4']) world.feed(label, { kind: 'start' });
  world.replica('v1').timeouts = [];
  pin(
    `
    > expire v2
      v2: prevote 0 nil
    > expire v3
      v3: prevote 0 nil
    > expire v4
      v4: prevote 0 nil
    > deliver
      v4: precommit 0 nil
      v2: precommit 0 nil
      v3: precommit 0 nil
      v3: timeout precommit 0 in 200 ms
      v2: timeout precommit 0 in 200 ms
      v4: timeout precommit 0 in 200 ms
    > expire v2
      v2: enter 1/1 proposer v2
      v2: timeout propose 1 in 600 ms
      v2: build 1
      v2: propose 1 v2.1.1 pol -1
      v2: prevote 1 v2.1.1
    > deliver
    > expire v3
      v3: enter 1/1 proposer v2
      v3: timeout propose 1 in 600 ms
      v3: prevote 1 v2.1.1
    > deliver
      v4: enter 1/1 proposer v2
      v4: timeout propose 1 in 600 ms
      v4: prevote 1 v2.1.1
      v4: precommit 1 v2.1.1
      v2: precommit 1 v2.1.1
      v3: precommit 1 v2.1.1
      v3: decide 1 v2.1.1
      v2: decide 1 v2.1.1
      v4: decide 1 v2.1.1
  `,
    world,
  );
});

test('one validator decides alone; the others are locked, and must come to the same block', () => {
  pin(`
    > start
      v1: enter 1/0 proposer v1
      v1: timeout propose 0 in 400 ms
      v1: build 0
      v1: propose 0 v1.1.0 pol -1
      v1: prevote 0 v1.1.0
      v2: enter 1/0 proposer v1
      v2: timeout propose 0 in 400 ms
      v3: enter 1/0 proposer v1
      v3: timeout propose 0 in 400 ms
      v4: enter 1/0 proposer v1
      v4: timeout propose 0 in 400 ms
    > deliver v2
      v2: prevote 0 v1.1.0
    > deliver v3
      v3: prevote 0 v1.1.0
      v3: precommit 0 v1.1.0
    > drop v4
    > deliver v2
      v2: precommit 0 v1.1.0
    > deliver v1
      v1: precommit 0 v1.1.0
      v1: decide 0 v1.1.0
    > drop
    > expire v4
      v4: prevote 0 nil
    > drop
    > vote v4 v2 precommit 0 nil
      v2: timeout precommit 0 in 200 ms
    > vote v4 v3 precommit 0 nil
    > vote v3 v2 precommit 0 v1.1.0
    > vote v2 v3 precommit 0 v1.1.0
      v3: timeout precommit 0 in 200 ms
    > expire v2
    > expire v2
      v2: enter 1/1 proposer v2
      v2: timeout propose 1 in 600 ms
      v2: propose 1 v1.1.0 pol 0
      v2: prevote 1 v1.1.0
    > expire v3
    > expire v3
      v3: enter 1/1 proposer v2
      v3: timeout propose 1 in 600 ms
    > deliver v3
      v3: prevote 1 v1.1.0
    > exchange
      v2: decide 0 v1.1.0
      v3: decide 0 v1.1.0
      v4: fetch 0 v1.1.0
      v4: timeout prevote 0 in 200 ms
      v4: timeout precommit 0 in 200 ms
      v4: decide 0 v1.1.0
  `);
});

test('an equivocating proposer and voter is caught and stops nobody', () => {
  pin(`
    > start
      v1: enter 1/0 proposer v1
      v1: timeout propose 0 in 400 ms
      v1: build 0
      v1: propose 0 v1.1.0 pol -1
      v1: prevote 0 v1.1.0
      v2: enter 1/0 proposer v1
      v2: timeout propose 0 in 400 ms
      v3: enter 1/0 proposer v1
      v3: timeout propose 0 in 400 ms
      v4: enter 1/0 proposer v1
      v4: timeout propose 0 in 400 ms
    > drop
    > proposal v1 v2 0 A -1
      v2: prevote 0 A
    > proposal v1 v3 0 A -1
      v3: prevote 0 A
    > proposal v1 v4 0 B -1
      v4: prevote 0 B
    > vote v1 v2 prevote 0 B
    > vote v1 v3 prevote 0 A
    > deliver
      v3: precommit 0 A
      v1: timeout prevote 0 in 200 ms
      v2: timeout prevote 0 in 200 ms
      v4: timeout prevote 0 in 200 ms
    > vote v1 v2 prevote 0 A
      v2: evidence prevoter v1 0 B A
      v2: precommit 0 A
    > proposal v1 v4 0 A -1
      v4: evidence proposer v1 0 B A
  `);
});

test('a transcript that lies fails', () => {
  assert.throws(() => pin('> start\n v1: decide 0 v1.1.0'), assert.AssertionError);
  assert.equal(describeEffect({ kind: 'decide', height: 1, round: 0, blockId: 'A' as Hash }), 'decide 0 A');
});
