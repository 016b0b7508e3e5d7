/** Whoever lets its turns fail weighs less for a while, by what the chain itself shows (consensus §1.11, state §7.4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Address,
  advanceRotation,
  applyBlock,
  type Block,
  CHAIN_LIMITS,
  createGenesisState,
  createValidatorRecord,
  defaultChainParams,
  hasFailedTurn,
  proposerAt,
  readParams,
  readValidatorRecord,
  type Validator,
  type ValidatorRecord,
} from '../../src/index.ts';
import { createValidators, TestChain } from '../test-chain.ts';

const params = defaultChainParams();

function setOf(powers: readonly bigint[]): Validator[] {
  return createValidators(powers).map(({ address, consensus, vrf, power }) => ({
    operator: address,
    publicKey: consensus.publicKey,
    vrfKey: vrf.publicKey,
    power,
  }));
}

type Step = { readonly proposer: Address; readonly round: number };

/** Who proposes from `from` to `to`, where `withholds` says whose turn brings no block; everybody signs. */
function run(
  start: ValidatorRecord,
  { from = 1, to }: { from?: number; to: number },
  withholds: (operator: Address, height: number) => boolean,
): { record: ValidatorRecord; steps: Step[] } {
  const signers = new Set(start.validators.keys());
  const steps: Step[] = [];
  let record = start;
  for (let height = from; height <= to; height += 1) {
    let round = 0;
    while (withholds(proposerAt(record, params, height, round), height)) round += 1;
    const proposer = proposerAt(record, params, height, round);
    steps.push({ proposer, round });
    record = advanceRotation(record, params, height, { proposer, signers });
  }
  return { record, steps };
}

const entryOf = ({ rotation }: ValidatorRecord, operator: Address) =>
  rotation.find((entry) => entry.operator === operator)!;

test('state §7.4: whoever withholds its blocks and signs all others gets an eighth of the turns', () => {
  const set = setOf([16n, 16n, 16n, 16n]);
  const lazy = set[1]!.operator;
  const { steps } = run(createValidatorRecord(set), { to: 1000 }, (operator) => operator === lazy);
  const failed = steps.filter(({ round }) => round > 0).length;
  // 2 of 50 effective power: 40 turns, where it had 250 in full.
  assert.ok(failed >= 38 && failed <= 43, `${failed}`);
  assert.equal(
    steps.some(({ proposer }) => proposer === lazy),
    false,
  );
});

test('state §7.4: a block of its own restores the weight at once', () => {
  const set = setOf([16n, 16n, 16n, 16n]);
  const { operator } = set[0]!;
  const failing = run(createValidatorRecord(set), { to: 1 }, (who) => who === operator).record;
  assert.equal(entryOf(failing, operator).lastFailedHeight, 1);
  assert.ok(hasFailedTurn(entryOf(failing, operator), 2));
  const later = run(failing, { from: 2, to: 40 }, () => false);
  const back = later.steps.findIndex(({ proposer }) => proposer === operator);
  // Its first turn comes within eight times the four heights that it takes in full weight.
  assert.ok(back > 4 && back < 32, `${back}`);
  assert.equal(entryOf(later.record, operator).lastFailedHeight, 0);
  const after = run(later.record, { from: 41, to: 80 }, () => false).steps;
  assert.equal(after.filter(({ proposer }) => proposer === operator).length, 10);
});

test('state §7.4: without a turn the weight is back after failedTurnHeights', () => {
  const entry = { operator: setOf([1n])[0]!.operator, priority: 0n, lastSignedHeight: 0, lastFailedHeight: 50 };
  const last = 50 + CHAIN_LIMITS.failedTurnHeights;
  assert.deepEqual(
    [51, last, last + 1].map((height) => hasFailedTurn(entry, height)),
    [true, true, false],
  );
  assert.equal(hasFailedTurn({ ...entry, lastFailedHeight: 0 }, 1), false);
});

test('state §7.4: only rounds before the first of the maker failed, and a height counts once', () => {
  const record = createValidatorRecord(setOf([40n, 10n, 10n]));
  const order = Array.from({ length: 6 }, (_, round) => proposerAt(record, params, 1, round));
  const [big, second, third] = [0, 1, 3].map((round) => order[round]!);
  assert.deepEqual(order, [big, second, big, third, big, big]);
  const at = (...failed: (Address | undefined)[]) =>
    record.validators.map((one) => (failed.includes(one.operator) ? 1 : 0));
  const failedUnder = (proposer: Address) =>
    advanceRotation(record, params, 1, { proposer, signers: new Set() }).rotation.map(
      (entry) => entry.lastFailedHeight,
    );
  // The first may have made the block in round 0 and seen it decided in any later one.
  assert.deepEqual(failedUnder(big!), at());
  assert.deepEqual(failedUnder(second!), at(big));
  assert.deepEqual(failedUnder(third!), at(big, second));
});

test('state §7.4: a maker whom no round takes blames nobody', () => {
  const record = createValidatorRecord(setOf([1_000_000n, 1n]));
  const proposer = record.validators.find(({ power }) => power === 1n)!.operator;
  const { rotation } = advanceRotation(record, params, 1, { proposer, signers: new Set() });
  assert.deepEqual(
    rotation.map(({ lastFailedHeight }) => lastFailedHeight),
    [0, 0],
  );
});

test('griefing is bounded: a victim whose every turn fails keeps an eighth of them, and nobody else loses any', () => {
  const set = setOf([16n, 16n, 16n, 16n]);
  const victim = set[2]!.operator;
  // 16 of 50 each for the others: 192 of 600. The victim's 24 go to whoever stands next.
  const { steps } = run(createValidatorRecord(set), { to: 600 }, (operator) => operator === victim);
  const counts = set.map(({ operator }) => steps.filter(({ proposer }) => proposer === operator).length);
  assert.equal(counts[2], 0);
  for (const index of [0, 1, 3]) assert.ok(counts[index]! >= 190 && counts[index]! <= 220, `${counts}`);
});

test('after a stretch in which everybody failed the turns are fair again within a round of blocks', () => {
  const set = setOf([3n, 5n, 2n, 4n].map((power) => power * 8n));
  // Eight heights that are decided late, as when a partition heals.
  const signers = new Set(set.keys());
  let record = createValidatorRecord(set);
  for (let height = 1; height <= 8; height += 1) {
    const proposer = proposerAt(record, params, height, 9 + height);
    record = advanceRotation(record, params, height, { proposer, signers });
  }
  const healed = run(record, { from: 9, to: 9 + 39 }, () => false);
  assert.deepEqual(
    healed.record.rotation.map(({ lastFailedHeight }) => lastFailedHeight),
    [0, 0, 0, 0],
  );
  const { steps } = run(healed.record, { from: 49, to: 49 + 139 }, () => false);
  assert.deepEqual(
    set.map(({ operator }) => steps.filter(({ proposer }) => proposer === operator).length),
    set.map(({ power }) => (Number(power) / 8) * 10),
  );
});

test('liveness: one of four dead costs fewer rounds than its missing precommits alone would save', () => {
  const set = setOf([16n, 16n, 16n, 16n]);
  const dead = set[2]!.operator;
  const signers = new Set([0, 1, 3]);
  const roundsLost = (isFailureSeen: boolean) => {
    let record = createValidatorRecord(set);
    let lost = 0;
    for (let height = 1; height <= 200; height += 1) {
      const first = proposerAt(record, params, height, 0);
      const round = first === dead ? 1 : 0;
      lost += round;
      const proposer = isFailureSeen ? proposerAt(record, params, height, round) : first;
      record = advanceRotation(record, params, height, { proposer, signers });
    }
    return lost;
  };
  const [seen, unseen] = [roundsLost(true), roundsLost(false)];
  assert.ok(seen < unseen && seen <= 9, `${seen} where it was ${unseen}`);
});

test('liveness: whoever proposes honestly gets a turn whatever the others withhold, and rounds stay few', () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt(8n, 100n), { minLength: 4, maxLength: 7 }),
      fc.array(fc.nat(127), { minLength: 1, maxLength: 40 }),
      (powers, masks) => {
        const set = setOf(powers);
        const places = new Map(set.map(({ operator }, index) => [operator, index]));
        const honest = set[0]!.operator;
        const { record, steps } = run(createValidatorRecord(set), { to: 300 }, (operator, height) => {
          const mask = masks[height % masks.length]!;
          return operator !== honest && (mask & (1 << places.get(operator)!)) !== 0;
        });
        const total = powers.reduce((sum, power) => sum + power, 0n);
        for (const { priority } of record.rotation) assert.ok(priority <= 3n * total && priority >= -3n * total);
        const share = steps.filter(({ proposer }) => proposer === honest).length / 300;
        // Never failing, it never weighs less than its part of the set.
        assert.ok(share > 0.9 * (Number(set[0]!.power) / Number(total)), `${share}`);
      },
    ),
    { numRuns: 40 },
  );
});

test('state §7.4: the order follows from the blocks alone: whoever replays them gets it in every round', () => {
  const chain = new TestChain({ powers: [16n, 16n, 16n, 16n] });
  const blocks: Block[] = [];
  const lazy = chain.validators[3]!.address;
  while (chain.height < 40) {
    const record = readValidatorRecord(chain.state);
    const isLazy = proposerAt(record, readParams(chain.state), chain.height + 1, 0) === lazy;
    chain.next({ round: isLazy ? 1 : 0 });
    blocks.push(chain.block!);
  }
  let state = createGenesisState(chain.genesis);
  for (const block of blocks) {
    const applied = applyBlock(state, block);
    assert.ok(applied.ok);
    state = applied.state;
  }
  assert.equal(state.root, chain.state.root);
  const order = (of: typeof state) =>
    Array.from({ length: 12 }, (_, round) => proposerAt(readValidatorRecord(of), readParams(of), 41, round));
  assert.deepEqual(order(state), order(chain.state));
  assert.ok(entryOf(readValidatorRecord(state), lazy).lastFailedHeight > 0);
  assert.equal(order(state).filter((operator) => operator === lazy).length <= 1, true);
});
