/** The table itself: what stands not in it changes nothing, and its guards hold without the driver's help. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hash } from '@synod/chain';
import fc from 'fast-check';
import { INITIAL_ROUND_STATE, type RoundInput, type RoundState, type Step, transition } from '../src/round-machine.ts';

const A = 'A' as Hash;
const inputs: readonly RoundInput[] = [
  { kind: 'newRound', round: 4, isProposer: true },
  { kind: 'localValue', blockId: A },
  { kind: 'proposal', blockId: A, valid: true },
  { kind: 'proposalWithPol', blockId: A, polRound: 1, valid: true },
  { kind: 'polkaAny' },
  { kind: 'polkaValue', blockId: A },
  { kind: 'polkaNil' },
  { kind: 'precommitAny' },
  { kind: 'precommitValue', round: 1, blockId: A },
  { kind: 'skip', round: 9 },
  { kind: 'timeoutPropose', round: 3 },
  { kind: 'timeoutPrevote', round: 3 },
  { kind: 'timeoutPrecommit', round: 3 },
];

const at = (step: Step): RoundState => ({ ...INITIAL_ROUND_STATE, round: 3, step });

test('each step reacts to its own inputs and to no others', () => {
  const always = ['precommitAny', 'precommitValue', 'skip', 'timeoutPrecommit'];
  const expected: Record<Step, string[]> = {
    new: ['newRound', 'precommitValue', 'skip'],
    propose: ['localValue', 'proposal', 'proposalWithPol', 'timeoutPropose', ...always],
    prevote: ['polkaAny', 'polkaNil', 'polkaValue', 'timeoutPrevote', ...always],
    precommit: ['polkaValue', ...always],
    commit: [],
  };
  for (const step of Object.keys(expected) as Step[]) {
    const reacting = inputs.filter((input) => {
      const state = at(step);
      const outcome = transition(state, input);
      return outcome.state !== state || outcome.effects.length > 0;
    });
    assert.deepEqual(reacting.map(({ kind }) => kind).sort(), [...(expected[step] ?? [])].sort(), step);
  }
});

test('L28: a proof-of-lock round must lie before the round', () => {
  for (const polRound of [-1, 3, 4]) {
    const input: RoundInput = { kind: 'proposalWithPol', blockId: A, polRound, valid: true };
    assert.deepEqual(transition(at('propose'), input).effects, []);
  }
});

test('rounds never go back, and nothing moves after the decision', () => {
  const input = fc.constantFrom(...inputs);
  const round = fc.integer({ min: -1, max: 12 });
  fc.assert(
    fc.property(fc.array(fc.tuple(input, round), { maxLength: 60 }), (steps) => {
      let state = INITIAL_ROUND_STATE;
      const voted = new Set<string>();
      for (const [one, number] of steps) {
        const outcome = transition(state, 'round' in one ? { ...one, round: number } : one);
        assert.ok(outcome.state.round >= state.round);
        assert.ok(outcome.state.lockedRound <= outcome.state.round && outcome.state.lockedRound >= state.lockedRound);
        if (state.step === 'commit') assert.equal(outcome.state, state);
        for (const effect of outcome.effects) {
          if (effect.kind !== 'vote') continue;
          const slot = `${effect.type} ${effect.round}`;
          assert.ok(!voted.has(slot), slot);
          voted.add(slot);
        }
        state = outcome.state;
      }
    }),
    { seed: 42 },
  );
});
