/**
 * Replays the traces that others made from their specification of Tendermint against the production vote keeper, round
 * machine and driver, comparing the state at every step. What cannot be read from a state is not compared.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Address, TimeoutParams } from '@synod/chain';
import { createHeight, takeIn } from '../../src/consensus.ts';
import type { ConsensusInput, ConsensusState } from '../../src/consensus-types.ts';
import { enabledRules, fire, settle } from '../../src/driver.ts';
import { INITIAL_ROUND_STATE, transition } from '../../src/round-machine.ts';
import { addVote, createVoteKeeper } from '../../src/vote-keeper.ts';
import {
  describeBookkeeper,
  describeCs,
  describeEffects,
  describeKeeper,
  describeKeeperOutput,
  describeMachine,
  describeOutput,
  describeVkOutput,
  proposalOf,
  roundInputOf,
  validatorsOf,
  voteOf,
} from './adapter.ts';
import { type Itf, quintFolder, readTraces } from './itf.ts';

const STATES = 163;
const folder = quintFolder();
let compared = 0;

if (folder === null) {
  console.log('quint traces: skipped, no folder quint under SYNOD_VECTORS (default ../shared/vectors)');
} else {
  for (const trace of readTraces(folder, 'votekeeperTest')) test(trace.name, () => replayVoteKeeper(trace.states));
  for (const trace of readTraces(folder, 'consensusTest')) test(trace.name, () => replayRoundMachine(trace.states));
  for (const prefix of ['statemachine', 'line28']) {
    for (const trace of readTraces(folder, prefix)) test(trace.name, () => replayDriver(trace.states));
  }
  after(() => {
    console.log(`quint traces: ${compared} states compared`);
    assert.ok(compared >= STATES, `expected at least ${STATES} states, compared ${compared}`);
  });
}

function replayVoteKeeper(states: Itf[]): void {
  const [first] = states;
  let keeper = createVoteKeeper(validatorsOf(first.bookkeeper.validatorSet));
  for (const state of states) {
    let output = null;
    if (state.weightedVote.tag === 'WV') {
      const [vote, weight, currentRound] = state.weightedVote.value;
      assert.equal(keeper.powers.get(vote.srcAddress), BigInt(weight));
      const added = addVote(keeper, voteOf(vote), currentRound);
      keeper = added.keeper;
      output = added.output;
      assert.equal(added.evidence !== null, state.bookkeeper.evidence.length > 0);
    }
    assert.equal(describeKeeperOutput(output), describeVkOutput(state.lastEmitted));
    assert.deepEqual(describeKeeper(keeper), describeBookkeeper(state.bookkeeper));
    compared++;
  }
}

function replayRoundMachine(states: Itf[]): void {
  let machine = INITIAL_ROUND_STATE;
  for (const state of states) {
    if (state.input.tag !== 'NoConsensusInput') {
      const outcome = transition(machine, roundInputOf(state.input));
      machine = outcome.state;
      assert.deepEqual(describeEffects(outcome.effects), describeOutput(state.output));
    }
    assert.deepEqual(describeMachine(machine), describeCs(state.state));
    compared++;
  }
}

/**
 * Feeds each process what the trace shows it received since the state before, then fires the rules the trace shows it
 * executed, each of which our guards must have enabled. One rule at a time, because the specification's driver spreads
 * over several states what ours does in one step. Ends by letting our priorities run: nothing may be left to do.
 */
function replayDriver(states: Itf[]): void {
  const replicas = new Map<string, Replica>();
  for (const state of states) {
    for (const [name, node] of state.system) {
      const replica = replicas.get(name) ?? createReplica(name, node.es);
      replicas.set(name, replica);
      advance(replica, node.es);
      assert.deepEqual(describeMachine(replica.state.machine), describeCs(node.es.cs), name);
      assert.deepEqual(describeKeeper(replica.state.keeper), describeBookkeeper(node.es.bk), name);
    }
    compared++;
  }
  for (const [name, { state }] of replicas) {
    assert.deepEqual(describeMachine(settle(state).state.machine), describeMachine(state.machine), name);
  }
}

type Replica = { state: ConsensusState; executed: number; heard: Set<string> };

const TIMEOUTS: TimeoutParams = {
  proposeMs: 400,
  proposeDeltaMs: 200,
  prevoteMs: 200,
  prevoteDeltaMs: 100,
  precommitMs: 200,
  precommitDeltaMs: 100,
  blockIntervalMs: 500,
};

function createReplica(name: string, es: Itf): Replica {
  const validators = validatorsOf(es.valset);
  // The specification rotates by index and starts with the second validator.
  const proposerOf = (round: number): Address => validators[(round + 1) % validators.length]!.operator;
  const config = { chainId: 'quint', self: name as Address, timeouts: TIMEOUTS };
  return {
    state: createHeight(config, { height: es.cs.height, validators, proposerOf }),
    executed: 0,
    heard: new Set(),
  };
}

function advance(replica: Replica, es: Itf): void {
  for (const proposal of es.proposals) {
    hear(replica, { kind: 'proposal', proposal: proposalOf(proposal) });
    hear(replica, { kind: 'verdict', blockId: proposal.proposal, valid: true });
  }
  for (const [, round] of es.bk.rounds) {
    for (const vote of [...round.prevotes.receivedVotes, ...round.precommits.receivedVotes]) {
      hear(replica, { kind: 'vote', vote: voteOf(vote) });
    }
  }
  for (const [input] of es.executedInputs.slice(replica.executed)) execute(replica, input, es.cs.height);
  replica.executed = es.executedInputs.length;
}

function hear(replica: Replica, input: ConsensusInput): void {
  const key = JSON.stringify(input);
  if (replica.heard.has(key)) return;
  replica.heard.add(key);
  replica.state = takeIn(replica.state, input).state;
}

function execute(replica: Replica, executed: Itf, height: number): void {
  const { state } = replica;
  const input = roundInputOf(executed);
  switch (input.kind) {
    case 'newRound':
      // Round 0 is the host's to start; later ones are part of the skip or timeout before, and must have happened.
      if (input.round === 0) replica.state = takeIn(state, { kind: 'start' }).state;
      assert.equal(replica.state.machine.round, input.round);
      return;
    case 'localValue':
      replica.state = takeIn(state, { kind: 'localValue', round: state.machine.round, blockId: input.blockId }).state;
      return;
    case 'timeoutPropose':
    case 'timeoutPrevote':
    case 'timeoutPrecommit': {
      const kind = input.kind.slice('timeout'.length).toLowerCase() as 'propose' | 'prevote' | 'precommit';
      replica.state = takeIn(state, { kind: 'timeout', timeout: { kind, height, round: input.round } }).state;
      return;
    }
    default:
      if (isRepeat(state, input.kind)) return;
      assert.ok(
        enabledRules(state).some((rule) => JSON.stringify(rule) === JSON.stringify(input)),
        `the trace executes ${JSON.stringify(input)}, our driver enables ${JSON.stringify(enabledRules(state))}`,
      );
      replica.state = fire(state, input).state;
  }
}

/** The specification runs L36 again after its step change, to no effect; ours fires it once a round. */
function isRepeat(state: ConsensusState, kind: string): boolean {
  return kind === 'polkaValue' && state.machine.validRound === state.machine.round;
}
