/**
 * Each rule of Algorithm 1, one test a rule, named by its line.
 */
import assert from 'node:assert/strict';
import { describe as group, test } from 'node:test';
import type { Address, Hash } from '@synod/chain';
import { enabledRules } from '../src/driver.ts';
import { NAMES, Node, THREE } from './node.ts';
import { makeProposal, makeVote } from './world.ts';

group('rounds start (L11)', () => {
  test('a proposer without a valid value is asked to build once, and proposes its answer once', () => {
    const node = new Node({ self: 'v1' as Address });
    assert.deepEqual(node.feed({ kind: 'start' }), ['enter 1/0 proposer v1', 'timeout propose 0 in 400 ms', 'build 0']);
    assert.deepEqual(node.feed({ kind: 'start' }), []);
    assert.deepEqual(node.feed({ kind: 'localValue', round: 1, blockId: 'A' as Hash }), []);
    assert.deepEqual(node.feed({ kind: 'localValue', round: 0, blockId: 'A' as Hash }), ['propose 0 A pol -1']);
    assert.deepEqual(node.feed({ kind: 'localValue', round: 0, blockId: 'B' as Hash }), []);
  });

  test('a value built too late is not proposed', () => {
    const node = new Node({ self: 'v1' as Address }).start();
    node.timeout('propose');
    assert.deepEqual(node.feed({ kind: 'localValue', round: 0, blockId: 'A' as Hash }), []);
  });

  test('L16: a proposer with a valid value proposes it again with its round', () => {
    const node = new Node({ self: 'v2' as Address }).lockThenRound1();
    assert.equal(node.lines.at(-1), 'propose 1 A pol 0');
    assert.ok(!node.lines.includes('build 1'));
  });

  test('timeouts grow with the round for ever (consensus §1.10)', () => {
    const node = new Node().start();
    node.votes('prevote', null, ['v1', 'v2'], 5);
    node.propose('A', 5);
    node.votes('prevote', null, ['v3'], 5);
    node.votes('precommit', null, THREE, 5);
    const scheduled = node.lines.filter((line) => line.startsWith('timeout'));
    assert.deepEqual(scheduled.slice(1), ['timeout propose 5 in 1400 ms', 'timeout precommit 5 in 700 ms']);
    const other = new Node().start();
    other.propose('A');
    assert.deepEqual(other.votes('prevote', 'B', THREE), ['timeout prevote 0 in 200 ms']);
  });

  test('nothing but a decision happens before the start', () => {
    const node = new Node();
    assert.deepEqual(node.propose('A'), []);
    assert.deepEqual(node.votes('prevote', 'A', THREE), []);
    assert.deepEqual(node.timeout('propose'), []);
    assert.deepEqual(node.start().lines.slice(-2), ['prevote 0 A', 'precommit 0 A']);
    const decided = new Node();
    decided.propose('A');
    assert.deepEqual(decided.votes('precommit', 'A', THREE), ['decide 0 A']);
    assert.deepEqual(decided.feed({ kind: 'start' }), []);
  });

  test('an observer follows and never speaks', () => {
    for (const self of [null, 'v9' as Address]) {
      const node = new Node({ self }).start();
      node.propose('A');
      node.votes('prevote', 'A', THREE);
      node.votes('precommit', 'A', THREE);
      const spoken = node.lines.filter((line) => !/^(enter|timeout|decide)/.test(line));
      assert.deepEqual(spoken, []);
      assert.equal(node.lines.at(-1), 'decide 0 A');
    }
  });
});

group('proposals (L22)', () => {
  test('a proposal acts when its block is judged, whichever comes first', () => {
    const late = new Node().start();
    assert.deepEqual(late.propose('A', 0, -1, null), []);
    assert.deepEqual(late.feed({ kind: 'verdict', blockId: 'A' as Hash, valid: true }), ['prevote 0 A']);
    const early = new Node().start();
    early.feed({ kind: 'verdict', blockId: 'A' as Hash, valid: true });
    assert.deepEqual(early.propose('A', 0, -1, null), ['prevote 0 A']);
  });

  test('L26: an invalid block gets a nil prevote', () => {
    assert.deepEqual(new Node().start().propose('A', 0, -1, false), ['prevote 0 nil']);
  });

  test('only the round’s proposer may propose, for this height, with an earlier proof-of-lock round', () => {
    const node = new Node().start();
    const bad = [
      makeProposal({ blockId: 'A', by: 'v2' }),
      makeProposal({ blockId: 'A', by: 'v1', height: 2 }),
      makeProposal({ blockId: 'A', by: 'v1', polRound: 0 }),
      makeProposal({ blockId: 'A', by: 'v1', polRound: -2 }),
      makeProposal({ blockId: 'A', by: 'v1', round: -1 }),
      makeProposal({ blockId: 'A', by: 'v1', round: 0.5 }),
    ];
    node.feed(...bad.map((proposal) => ({ kind: 'proposal' as const, proposal })));
    node.feed({ kind: 'verdict', blockId: 'A' as Hash, valid: true });
    assert.equal(node.state.proposals.size, 0);
    assert.equal(node.state.machine.step, 'propose');
  });

  test('two conflicting proposals are kept with evidence, a third is not, and a repeat is no crime', () => {
    const node = new Node().start();
    node.propose('A', 0, -1, null);
    assert.deepEqual(node.propose('A', 0, -1, null), []);
    assert.deepEqual(node.propose('B', 0, -1, null), ['evidence proposer v1 0 A B']);
    assert.deepEqual(node.propose('C', 0, -1, null), []);
    assert.deepEqual(node.feed({ kind: 'verdict', blockId: 'B' as Hash, valid: true }), ['prevote 0 B']);
    assert.deepEqual(node.votes('prevote', 'B', THREE), ['precommit 0 B']);
  });

  test('one block with two proof-of-lock rounds is kept twice and is no evidence, for evidence needs two ids', () => {
    const node = new Node().start();
    node.propose('A', 1, -1, null);
    assert.deepEqual(node.propose('A', 1, 0, null), []);
    assert.equal(node.state.proposals.get(1)?.length, 2);
  });

  test('L23: a locked validator prevotes nil for another block and its own block again', () => {
    assert.deepEqual(new Node().lockThenRound1().propose('B', 1), ['prevote 1 nil']);
    assert.deepEqual(new Node().lockThenRound1().propose('A', 1), ['prevote 1 A']);
  });
});

group('proposals with proof-of-lock (L28)', () => {
  test('waits for the polka of the proof-of-lock round', () => {
    const node = new Node().start();
    node.timeout('precommit');
    assert.deepEqual(node.propose('B', 1, 0), []);
    assert.deepEqual(node.votes('prevote', 'B', ['v1', 'v2']), []);
    assert.deepEqual(node.votes('prevote', 'B', ['v3']), ['prevote 1 B']);
  });

  test('a polka for another block, or in another round, is no proof', () => {
    const node = new Node().start();
    node.timeout('precommit');
    node.timeout('precommit', 1);
    node.propose('B', 2, 0);
    node.votes('prevote', 'C', THREE, 0);
    node.votes('prevote', 'B', THREE, 1);
    assert.equal(node.state.machine.step, 'propose');
  });

  test('L32: an invalid block gets a nil prevote', () => {
    const node = new Node().start();
    node.votes('prevote', 'B', THREE);
    node.timeout('precommit');
    assert.deepEqual(node.propose('B', 1, 0, false), ['prevote 1 nil']);
  });

  /** Locked on A in round 1, while B has a polka in round `polRound`. */
  function lockedInRound1(polRound: number): Node {
    const node = new Node().start();
    node.timeout('precommit');
    node.propose('A', 1);
    node.votes('prevote', 'A', THREE, 1);
    assert.equal(node.state.machine.lockedRound, 1);
    node.timeout('precommit', 1);
    node.timeout('precommit', 2);
    node.votes('prevote', 'B', THREE, polRound);
    assert.equal(node.state.machine.round, 3);
    return node;
  }

  test('L29: a polka from before the lock does not unlock', () => {
    assert.deepEqual(lockedInRound1(0).propose('B', 3, 0), ['prevote 3 nil']);
  });

  test('L29: a polka since the lock does', () => {
    assert.deepEqual(lockedInRound1(2).propose('B', 3, 2), ['prevote 3 B']);
  });

  test('L29: a polka of the lock’s own round does too, should there be two', () => {
    const node = lockedInRound1(1);
    assert.deepEqual(node.propose('B', 3, 1), ['prevote 3 B']);
  });

  test('L29: the locked block itself passes with an older polka', () => {
    const node = lockedInRound1(2);
    node.votes('prevote', 'A', THREE, 0);
    assert.deepEqual(node.propose('A', 3, 0), ['prevote 3 A']);
  });
});

group('polkas (L34, L36, L44)', () => {
  test('L36: in step prevote it locks and precommits, once', () => {
    const node = new Node().start();
    node.propose('A');
    assert.deepEqual(node.votes('prevote', 'A', THREE), ['precommit 0 A']);
    const { lockedValue, lockedRound, validValue, validRound } = node.state.machine;
    assert.deepEqual([lockedValue, lockedRound, validValue, validRound], ['A', 0, 'A', 0]);
    assert.deepEqual(node.votes('prevote', 'A', ['v4']), []);
  });

  test('L36: in step precommit it sets the valid value alone', () => {
    const node = new Node().start();
    node.propose('A');
    node.votes('prevote', null, ['v1']);
    node.votes('prevote', 'A', ['v2', 'v3']);
    node.timeout('prevote');
    assert.deepEqual(node.votes('prevote', 'A', ['v4']), []);
    const { step: where, lockedRound, validValue, validRound } = node.state.machine;
    assert.deepEqual([where, lockedRound, validValue, validRound], ['precommit', -1, 'A', 0]);
  });

  test('L36: needs the proposal of this round and a judged block', () => {
    const node = new Node().start();
    node.timeout('propose');
    assert.deepEqual(node.votes('prevote', 'A', THREE), ['timeout prevote 0 in 200 ms']);
    assert.deepEqual(node.propose('A', 0, -1, null), []);
    assert.deepEqual(node.feed({ kind: 'verdict', blockId: 'A' as Hash, valid: false }), []);
    assert.deepEqual(node.feed({ kind: 'verdict', blockId: 'A' as Hash, valid: true }), ['precommit 0 A']);
  });

  test('L44: more than 2/3 for nil precommits nil, two of four do not', () => {
    const node = new Node().start();
    node.propose('A');
    assert.deepEqual(node.votes('prevote', null, ['v1', 'v2']), []);
    assert.deepEqual(node.votes('prevote', null, ['v3']), ['precommit 0 nil']);
    assert.equal(node.state.machine.lockedRound, -1);
  });

  test('L34: mixed prevotes start the prevote timeout once, in step prevote only', () => {
    const node = new Node().start();
    node.votes('prevote', 'A', ['v1', 'v2']);
    assert.deepEqual(node.votes('prevote', null, ['v3']), []);
    assert.deepEqual(node.timeout('propose'), ['prevote 0 nil', 'timeout prevote 0 in 200 ms']);
    assert.deepEqual(node.votes('prevote', null, ['v4']), []);
  });
});

group('precommits (L47, L49)', () => {
  test('L47: any precommits of more than 2/3 start the precommit timeout once, in any step', () => {
    const node = new Node().start();
    node.votes('precommit', 'A', ['v1', 'v2']);
    assert.deepEqual(node.votes('precommit', null, ['v3']), ['timeout precommit 0 in 200 ms']);
    assert.deepEqual(node.votes('precommit', null, ['v4']), []);
    assert.equal(node.state.machine.step, 'propose');
  });

  test('L49: decides in an older round, whatever the step', () => {
    const node = new Node().lockThenRound1();
    node.timeout('precommit', 1);
    assert.equal(node.state.machine.round, 2);
    assert.deepEqual(node.votes('precommit', 'A', THREE, 0), ['decide 0 A']);
    assert.deepEqual(node.timeout('propose', 2), []);
    assert.equal(node.state.machine.step, 'commit');
  });

  test('L49: two of four do not decide, nor does nil', () => {
    const node = new Node().start();
    node.propose('A');
    node.votes('precommit', 'A', ['v1', 'v2']);
    assert.equal(node.state.decision, null);
    const nil = new Node().start();
    nil.votes('precommit', null, NAMES);
    assert.equal(nil.state.decision, null);
  });

  test('L49: without the block it is asked for once, and its verdict decides', () => {
    const node = new Node().start();
    const asked = node.votes('precommit', 'A', NAMES);
    assert.deepEqual(asked, ['timeout precommit 0 in 200 ms', 'fetch 0 A']);
    assert.deepEqual(node.feed({ kind: 'verdict', blockId: 'A' as Hash, valid: true }), ['decide 0 A']);
  });

  test('L49: a block judged invalid by the clock is asked for again and may be judged anew', () => {
    const node = new Node().start();
    node.propose('A', 0, -1, false);
    assert.equal(node.votes('precommit', 'A', THREE).at(-1), 'fetch 0 A');
    assert.deepEqual(node.feed({ kind: 'verdict', blockId: 'A' as Hash, valid: true }), ['decide 0 A']);
  });

  test('conflicting votes are kept, so that the value still reaches a quorum (consensus §1.4)', () => {
    const node = new Node().start();
    node.propose('A');
    node.votes('precommit', 'B', ['v1']);
    node.votes('precommit', 'A', ['v2', 'v3']);
    assert.deepEqual(node.votes('precommit', 'A', ['v1']), ['evidence precommitr v1 0 B A', 'decide 0 A']);
  });

  test('three votes of one validator hide no proof of lock: the locked value is prevoted (consensus §1.4)', () => {
    const node = new Node().start();
    for (const value of ['B', null]) node.votes('prevote', value, ['v1']);
    node.timeout('precommit');
    node.propose('A', 1, 0);
    node.votes('prevote', 'A', ['v2', 'v3']);
    assert.ok(!node.lines.includes('prevote 1 A'), node.lines.join(', '));
    assert.deepEqual(node.votes('prevote', 'A', ['v1']).slice(0, 2), ['evidence prevoter v1 0 B A', 'prevote 1 A']);
  });

  test('an equivocator counts once for "any" and once for each value', () => {
    const node = new Node().start();
    node.votes('precommit', 'A', ['v1']);
    node.votes('precommit', 'B', ['v1', 'v2']);
    node.votes('precommit', 'C', ['v1']);
    assert.deepEqual(node.state.keeper.rounds.get(0)?.precommits.anyPower, 2n);
    assert.deepEqual(
      [...(node.state.keeper.rounds.get(0)?.precommits.powerByValue ?? [])],
      [
        ['A', 1n],
        ['B', 2n],
      ],
    );
    assert.ok(!node.lines.includes('timeout precommit 0 in 200 ms'));
  });
});

group('timeouts (L57, L61, L65)', () => {
  test('count in their own round, height and step only', () => {
    const node = new Node().start();
    assert.deepEqual(node.timeout('propose', 1), []);
    assert.deepEqual(node.timeout('propose', 0, 2), []);
    assert.deepEqual(node.timeout('prevote'), []);
    assert.deepEqual(node.timeout('propose'), ['prevote 0 nil']);
    assert.deepEqual(node.timeout('propose'), []);
    assert.deepEqual(node.timeout('prevote', 1), []);
    assert.deepEqual(node.timeout('prevote'), ['precommit 0 nil']);
    assert.deepEqual(node.timeout('prevote'), []);
    assert.deepEqual(node.timeout('precommit', 1), []);
    assert.deepEqual(node.timeout('precommit'), ['enter 1/1 proposer v2', 'timeout propose 1 in 600 ms']);
    assert.deepEqual(node.timeout('precommit'), []);
  });
});

group('priority (consensus §1.2)', () => {
  test('decide > polka for a value > polka nil > proposal with POL > proposal > any-quorums > skip', () => {
    const node = new Node();
    node.propose('A');
    node.propose('B', 0, -1, true);
    node.votes('prevote', 'A', NAMES);
    node.votes('prevote', null, NAMES);
    node.votes('precommit', null, ['v1', 'v2']);
    node.votes('precommit', 'A', NAMES);
    node.votes('prevote', null, ['v1', 'v2'], 1);
    const state = { ...node.state, decision: null };
    const at = (where: 'propose' | 'prevote'): string[] =>
      enabledRules({ ...state, machine: { ...state.machine, round: 0, step: where } }).map(({ kind }) => kind);
    assert.deepEqual(at('propose'), ['precommitValue', 'proposal', 'precommitAny', 'skip']);
    assert.deepEqual(at('prevote'), ['precommitValue', 'polkaValue', 'polkaNil', 'polkaAny', 'precommitAny', 'skip']);
  });

  test('of a proposal with and one without proof-of-lock, the one with it goes first', () => {
    const node = new Node().start();
    node.votes('prevote', 'B', THREE);
    node.timeout('precommit');
    node.propose('A', 1, -1, null);
    node.propose('B', 1, 0, null);
    const verdicts = new Map([
      ['A', true],
      ['B', true],
    ] as [Hash, boolean][]);
    assert.deepEqual(
      enabledRules({ ...node.state, verdicts }).map(({ kind }) => kind),
      ['earlierPolka', 'proposalWithPol', 'proposal'],
    );
  });

  test('a decision goes before a skip that the same vote enables', () => {
    const node = new Node().start();
    node.propose('A', 2);
    const vote = (by: string) => ({
      kind: 'vote' as const,
      vote: makeVote({ type: 'precommit', round: 0, blockId: 'A', by }),
    });
    node.feed(vote('v1'), vote('v2'));
    assert.deepEqual(node.feed(vote('v3')), ['decide 0 A']);
  });
});

group('a proof of lock that comes after its round (ADR 8)', () => {
  test('makes its value the valid one, so that this proposer proposes it', () => {
    for (const isLate of [true, false]) {
      const node = new Node({ self: 'v3' as Address }).start();
      node.propose('A');
      node.votes('prevote', 'A', ['v1', 'v2']);
      node.votes('precommit', null, THREE);
      node.timeout('precommit');
      assert.equal(node.state.machine.round, 1);
      if (isLate) assert.deepEqual(node.votes('prevote', 'A', ['v4']), []);
      node.votes('precommit', null, ['v1', 'v2', 'v4'], 1);
      const entered = node.timeout('precommit', 1);
      assert.equal(entered.at(-1), isLate ? 'propose 2 A pol 0' : 'build 2');
      assert.equal(node.state.machine.lockedRound, -1);
    }
  });

  test('counts only above the valid round, below the round, and for a block judged valid', () => {
    const node = new Node().start();
    node.propose('A');
    node.votes('prevote', null, THREE, 3);
    assert.equal(node.state.machine.round, 3);
    node.votes('prevote', 'B', THREE, 2);
    assert.equal(node.state.machine.validRound, -1);
    node.feed({ kind: 'verdict', blockId: 'B' as Hash, valid: false });
    assert.equal(node.state.machine.validRound, -1);
    node.feed({ kind: 'verdict', blockId: 'B' as Hash, valid: true });
    assert.equal(node.state.machine.validRound, 2);
    node.votes('prevote', 'A', THREE, 0);
    node.votes('prevote', 'A', THREE, 5);
    assert.deepEqual([node.state.machine.validValue, node.state.machine.validRound], ['B', 2]);
  });

  test('is known before the round is entered whose proposer needs it', () => {
    const node = new Node({ self: 'v2' as Address }).start();
    node.votes('prevote', 'A', ['v1', 'v3', 'v4']);
    node.feed({ kind: 'verdict', blockId: 'A' as Hash, valid: true });
    assert.equal(node.timeout('precommit').at(-1), 'propose 1 A pol 0');
  });

  test('replaces a value that was built and not yet proposed', () => {
    const node = new Node({ self: 'v2' as Address }).start();
    node.propose('A');
    assert.equal(node.timeout('precommit').at(-1), 'build 1');
    node.votes('prevote', 'A', ['v1', 'v3', 'v4']);
    assert.deepEqual(node.feed({ kind: 'localValue', round: 1, blockId: 'B' as Hash }), ['propose 1 A pol 0']);
  });
});

group('going on from the sign state (consensus §1.7)', () => {
  const lock = { round: 0, blockId: 'A' as Hash };

  test('round, step and lock come back, and the timeout of the step runs', () => {
    for (const [last, delayMs] of [
      ['propose', 800],
      ['prevote', 400],
      ['precommit', 400],
    ] as const) {
      const node = new Node();
      const lines = node.feed({ kind: 'resume', round: 2, step: last, lock });
      assert.deepEqual(lines, ['enter 1/2 proposer v3', `timeout ${last} 2 in ${delayMs} ms`]);
      const { round, step, lockedRound, lockedValue, validRound, validValue } = node.state.machine;
      assert.deepEqual(
        { round, step, lockedRound, lockedValue, validRound, validValue },
        { round: 2, step: last, lockedRound: 0, lockedValue: 'A', validRound: 0, validValue: 'A' },
      );
    }
  });

  test('the lock holds against a fresh proposal and gives way to a later proof', () => {
    const node = new Node();
    node.feed({ kind: 'resume', round: 1, step: 'precommit', lock });
    node.timeout('precommit', 1);
    assert.deepEqual(node.propose('B', 2), ['prevote 2 nil']);
    node.votes('prevote', 'C', THREE, 1);
    node.timeout('precommit', 2);
    assert.deepEqual(node.propose('C', 3, 1), ['propose 3 C pol 1', 'prevote 3 C'].slice(1));
  });

  test('what the log knows already is not undone', () => {
    const node = new Node().lockThenRound1('B');
    assert.deepEqual(node.feed({ kind: 'resume', round: 0, step: 'precommit', lock }), []);
    assert.deepEqual([node.state.machine.round, node.state.machine.lockedValue], [1, 'B']);
    const decided = new Node().start();
    decided.propose('A');
    decided.votes('precommit', 'A', THREE);
    assert.deepEqual(decided.feed({ kind: 'resume', round: 5, step: 'prevote', lock }), []);
  });
});

group('after the decision', () => {
  test('precommits and evidence are still taken in, and nothing else happens', () => {
    const node = new Node().start();
    node.propose('A');
    node.votes('precommit', 'A', THREE);
    assert.deepEqual(node.votes('precommit', 'A', ['v4']), []);
    assert.equal(node.state.keeper.rounds.get(0)?.precommits.anyPower, 4n);
    assert.deepEqual(node.votes('precommit', 'B', ['v1']), ['evidence precommitr v1 0 A B']);
    assert.deepEqual(node.votes('prevote', 'B', NAMES, 1), []);
    assert.deepEqual(node.timeout('precommit'), []);
  });
});
