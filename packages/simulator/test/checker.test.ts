/** One test a checker: each is given what it must not let pass. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeVote, type Hash, type Proposal, type Vote } from '@synod/chain';
import type { ChainHead, ConsensusSigner, HostEvent } from '@synod/node/host';
import { lockProblem, nilPrevoteProblem, undecidedProblem } from '../src/core-rules.ts';
import { keyedHashTier } from '../src/keys.ts';
import type { SimNode } from '../src/sim-node.ts';
import { watchedStore } from '../src/store-watch.ts';
import { proposalProblem, VotingRules } from '../src/voting-rules.ts';
import { World } from '../src/world.ts';

const otherHash = 'cd'.repeat(32) as Hash;

/** A calm network of four that has decided a few heights. */
function runningWorld(): World {
  const options = {
    seed: 1,
    validators: 4,
    isUneven: false,
    tier: keyedHashTier,
    dishonest: [],
    twins: [],
    keepsTrace: false,
    sharesExecution: false,
    isDirected: false,
  };
  const world = new World(options);
  world.start();
  while (world.checker.height < 3) world.queue.step();
  assert.deepEqual(world.checker.violations, []);
  return world;
}

function nodeOf(world: World): SimNode {
  const [node] = world.nodes;
  assert.ok(node?.host);
  return node;
}

/** The world's checker hears that a node applied this head. */
function apply(
  world: World,
  change: Partial<ChainHead>,
  block?: Extract<HostEvent, { kind: 'blockApplied' }>['block'],
): void {
  const node = nodeOf(world);
  const head = { ...(node.host?.head as ChainHead), ...change };
  const pretender = { isHonest: true, peerId: node.peerId, host: { head } } as unknown as SimNode;
  const decided = block ?? { header: head.header, transactions: [], lastCommit: null, evidence: [] };
  const event = { kind: 'blockApplied', height: head.height, hash: head.blockId, round: 0, events: [], block: decided };
  world.checker.onHostEvent(pretender, event as unknown as HostEvent);
}

const kinds = (world: World) => [...new Set(world.checker.violations.map(({ kind }) => kind))];

function voteOf(node: SimNode, blockId: Hash | null): Vote {
  const slot = { type: 'prevote', height: node.height + 1, round: 0, blockId, validator: node.operator } as const;
  return { ...slot, signature: new Uint8Array(64), extension: null };
}

test('agreement: another block at a decided height', () => {
  const world = runningWorld();
  apply(world, { blockId: otherHash });
  assert.deepEqual(kinds(world), ['agreement']);
});

test('equal state roots: the same block, another state', () => {
  const world = runningWorld();
  apply(world, { state: world.cast.state });
  assert.deepEqual(kinds(world), ['stateRoot']);
});

test('validity: the next height without a certificate, with a block that does not fit', () => {
  const world = runningWorld();
  const node = nodeOf(world);
  const stored = node.disk.store.block(1);
  assert.ok(stored);
  const blocks = world.nodes.map(({ host }) => host?.head.header).filter((header) => header !== undefined);
  assert.ok(blocks[0]);
  const block = { header: { ...blocks[0], time: 0 }, transactions: [], lastCommit: null, evidence: [] };
  apply(world, { height: world.checker.height + 1, blockId: otherHash }, block);
  assert.ok(kinds(world).includes('validity'));
});

test('supply: an account is richer than the books say', () => {
  const world = runningWorld();
  const state = nodeOf(world).host?.head.state;
  assert.ok(state);
  const [account] = [...state.entries()].filter(({ key }) => key.startsWith('account/'));
  assert.ok(account);
  world.checker.onState(3, state);
  assert.deepEqual(kinds(world), []);
  world.checker.onState(3, state.update(new Map([[account.key, null]])));
  assert.deepEqual(kinds(world), ['supply']);
});

test('order: a state before its block', () => {
  const world = runningWorld();
  const node = nodeOf(world);
  const change = {
    height: 99,
    stateRoot: otherHash,
    writes: new Map(),
    results: new Uint8Array(),
    events: new Uint8Array(),
    transactionIds: [],
    queryIds: [],
  };
  watchedStore(world.checker, node, node.disk.store).saveState(change);
  assert.deepEqual(kinds(world), ['order']);
});

test('durability: a vote sent that is not on the disk', () => {
  const world = runningWorld();
  const node = nodeOf(world);
  node.disk.wal.append(Uint8Array.of(1));
  world.checker.onPublish(node, 'votes', encodeVote(voteOf(node, null)));
  assert.deepEqual(kinds(world), ['durability']);
});

test('support of a block known to be invalid', () => {
  const world = runningWorld();
  const node = nodeOf(world);
  world.checker.knownInvalid.add(otherHash);
  world.checker.onPublish(node, 'votes', encodeVote(voteOf(node, otherHash)));
  assert.ok(kinds(world).includes('votedInvalid'));
});

test('double sign: two contents for one slot', () => {
  const world = runningWorld();
  const node = nodeOf(world);
  const slot = { type: 'prevote', height: 50, round: 0, extension: null } as const;
  const careless = {
    operator: node.operator,
    signed: () => ({ height: 50, round: 0, step: 'prevote', proposals: [], votes: [slot], lockedProposal: null }),
    signVote: () => ({ ok: true, value: { signature: new Uint8Array(64), extension: null } }),
  } as unknown as ConsensusSigner;
  const watched = world.checker.watchSigner(node, careless);
  watched.signVote({ ...slot, blockId: null });
  assert.deepEqual(kinds(world), []);
  watched.signVote({ ...slot, blockId: otherHash });
  assert.deepEqual(kinds(world), ['doubleSign']);
});

test('replay: the signer is asked again for what it signed; durability: its state forgets a vote', () => {
  const slot = { type: 'prevote', height: 50, round: 0, blockId: null, extension: null } as const;
  for (const [votes, expected] of [
    [[slot], ['replay']],
    [[], ['durability', 'replay']],
  ] as const) {
    const world = runningWorld();
    const node = nodeOf(world);
    const repeating = {
      operator: node.operator,
      signed: () => ({ height: 50, round: 0, step: 'prevote', proposals: [], votes, lockedProposal: null }),
      signVote: () => ({ ok: true, value: { signature: new Uint8Array(64), extension: null } }),
    } as unknown as ConsensusSigner;
    const watched = world.checker.watchSigner(node, repeating);
    watched.signVote(slot);
    watched.signVote(slot);
    assert.deepEqual(kinds(world), expected);
  }
});

test('a peer taken for another, and a message of the honest rejected', () => {
  const world = runningWorld();
  const [node, peer, third] = world.nodes as [SimNode, SimNode, SimNode];
  world.checker.onPause(node);
  assert.deepEqual(kinds(world), []);
  const known = node.host?.sync.peers().find(({ id }) => id === peer.peerId);
  assert.ok(known);
  known.operator = third.operator;
  world.checker.onPause(node);
  world.checker.onReject(node, peer, 'votes');
  assert.deepEqual(kinds(world), ['impersonated', 'honestBanned']);
});

test('a timeout without its quorum is excused by a refusal of that very step alone', () => {
  const world = runningWorld();
  const node = nodeOf(world);
  const slot = { height: 50, round: 3 };
  const timer = { name: 'timeout/prevote/50/3', delayMs: 500, nowMs: 0 };
  assert.match(world.checker.timers.onTimer(node, timer) ?? '', /without a quorum/);
  world.checker.timers.onRefused(node, { ...slot, type: 'precommit' });
  assert.match(world.checker.timers.onTimer(node, timer) ?? '', /without a quorum/);
  world.checker.timers.onRefused(node, { ...slot, type: 'prevote' });
  assert.equal(world.checker.timers.onTimer(node, timer), null);
  assert.match(world.checker.timers.onTimer(node, { ...timer, delayMs: 499 }) ?? '', /instead of/);
});

test('a node goes on without votes at the place of its sign state alone', () => {
  const world = runningWorld();
  const node = nodeOf(world);
  const { signState } = node.disk;
  assert.ok(signState);
  node.disk.signState = { ...signState, height: 50, round: 3, step: 'precommit' };
  world.checker.timers.onBoot(node, 0);
  const timer = (round: number) => ({ name: `timeout/propose/50/${round}`, delayMs: 400 + 200 * round, nowMs: 0 });
  const enter = (round: number) => world.checker.timers.onTimer(node, timer(round));
  assert.deepEqual([enter(0), enter(3), enter(4)], [null, null, null]);
  assert.match(enter(5) ?? '', /without the votes for it/);
});

test('a decision that is not taken, a lock without a precommit, nil before its time', () => {
  const world = runningWorld();
  const node = nodeOf(world);
  while (node.host?.runner.state?.machine.step !== 'prevote') world.queue.step();
  const { state } = node.host.runner;
  assert.equal(undecidedProblem(state), null);
  const votes = new Map(world.nodes.map(({ operator }) => [operator, [{ blockId: otherHash } as Vote]]));
  const count = { votes, powerByValue: new Map(), anyPower: 0n };
  const round = { prevotes: count, precommits: count, senderPower: 0n, emitted: [] };
  const keeper = { ...state.keeper, rounds: new Map([[0, round]]) };
  const verdicts = new Map([[otherHash, true]]);
  assert.match(undecidedProblem({ ...state, keeper, verdicts }) ?? '', /does not decide/);
  assert.equal(undecidedProblem({ ...state, keeper }), null);

  assert.equal(lockProblem(state, undefined), null);
  const machine = { ...state.machine, round: 2, lockedRound: 0, lockedValue: otherHash };
  assert.match(lockProblem({ ...state, machine }, undefined) ?? '', /precommitted nothing/);
  assert.equal(lockProblem({ ...state, machine }, { round: 0, blockId: otherHash }), null);

  const vote = { ...voteOf(node, null), round: 2 };
  const none = { ...state, machine, proposals: new Map() };
  assert.match(nilPrevoteProblem(none, vote, { isTimeOver: false }) ?? '', /before its time/);
  assert.equal(nilPrevoteProblem(none, vote, { isTimeOver: true }), null);
  const third = 'ef'.repeat(32) as Hash;
  const proposed = (blockId: Hash, polRound: number) => ({
    ...none,
    keeper,
    verdicts: new Map([...verdicts, [third, true]]),
    proposals: new Map([[2, [{ blockId, polRound } as Proposal]]]),
  });
  assert.match(
    nilPrevoteProblem(proposed(otherHash, -1), vote, { isTimeOver: false }) ?? '',
    /although it may prevote/,
  );
  assert.equal(nilPrevoteProblem(proposed(third, -1), vote, { isTimeOver: false }), null);
  assert.equal(nilPrevoteProblem(proposed(third, 0), vote, { isTimeOver: false }), null);

  // The round's polka came with the same input: the vote is judged by the lock it was cast under.
  const moved = { ...proposed(third, -1), machine: { ...machine, lockedRound: 2, lockedValue: third } };
  const last = { round: 0, blockId: otherHash };
  assert.equal(nilPrevoteProblem(moved, vote, { isTimeOver: false, last }), null);
  assert.match(nilPrevoteProblem(moved, vote, { isTimeOver: false }) ?? '', /although it may prevote/);
});

test('an honest validator accused, and one banned', () => {
  const world = runningWorld();
  const node = nodeOf(world);
  const other = world.nodes[1] as SimNode;
  const facts = { validator: other.operator };
  world.checker.onHostEvent(node, { kind: 'log', level: 'warn', message: 'double signing seen', facts });
  world.checker.onBan(node, other, 'no reason');
  assert.deepEqual(kinds(world), ['honestAccused', 'honestBanned']);
});

test('replay: a log that lacks what the core has heard', () => {
  const world = runningWorld();
  const node = nodeOf(world);
  const hasStarted = () => node.host?.runner.state?.machine.step === 'prevote';
  while (!hasStarted()) world.queue.step();
  for (let checks = 0; checks < 20; checks++) world.checkReplay();
  assert.deepEqual(kinds(world), []);
  node.disk.wipeLog();
  for (let checks = 0; checks < 40; checks++) world.checkReplay();
  assert.deepEqual(kinds(world), ['replay']);
});

test('a host that throws', () => {
  const world = runningWorld();
  nodeOf(world).guard(() => {
    throw new Error('a bug');
  });
  assert.deepEqual(kinds(world), ['hostThrew']);
});

test('voting rules: a precommit without a polka, a prevote against a lock', () => {
  const { cast } = runningWorld();
  const { validators } = cast.identity.genesis;
  const { timeouts } = cast.identity.genesis.params;
  const proposer = cast.members[0]?.operator.address as Vote['validator'];
  const rules = new VotingRules({ validatorsAt: () => validators, proposerOf: () => proposer, timeouts });
  const propose = (round: number, blockId: Hash, polRound = -1) =>
    rules.onProposed({ height: 9, round, polRound, blockId, proposer });
  const vote = (index: number, type: 'prevote' | 'precommit', round: number, blockId: Hash): Vote => {
    const validator = cast.members[index]?.operator.address as Vote['validator'];
    return { type, height: 9, round, blockId, validator, signature: new Uint8Array(64), extension: null };
  };
  assert.match(rules.problem(vote(0, 'precommit', 0, otherHash)) ?? '', /without a polka/);
  for (const index of [0, 1, 2]) rules.onSent(vote(index, 'prevote', 0, otherHash));
  rules.onSigned(vote(0, 'precommit', 0, otherHash));
  assert.equal(rules.problem(vote(0, 'precommit', 0, otherHash)), null);
  const third = 'ef'.repeat(32) as Hash;
  assert.match(rules.problem(vote(0, 'prevote', 2, third)) ?? '', /not proposed in round 2/);
  propose(2, third, 1);
  assert.match(rules.problem(vote(0, 'prevote', 2, third)) ?? '', /not proposed in round 2/);
  propose(2, third);
  assert.match(rules.problem(vote(0, 'prevote', 2, third)) ?? '', /against the lock/);
  for (const index of [1, 2, 3]) rules.onSent(vote(index, 'prevote', 1, third));
  assert.equal(rules.problem(vote(0, 'prevote', 2, third)), null);
});

test('a proposal without the proof-of-lock that its proposer knows', () => {
  const proposal = { height: 9, round: 2, polRound: -1, blockId: otherHash } as Proposal;
  assert.equal(proposalProblem(proposal, { validValue: null, validRound: -1 }), null);
  assert.match(proposalProblem(proposal, { validValue: otherHash, validRound: 1 }) ?? '', /knows/);
});
