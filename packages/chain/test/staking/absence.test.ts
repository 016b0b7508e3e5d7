/** The absent propose less, by what the chain itself shows (consensus §1.11, state §7.4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  applyBlock,
  type Block,
  createGenesisState,
  proposerAt,
  readParams,
  readValidatorRecord,
} from '../../src/index.ts';
import { TestChain } from '../test-chain.ts';

/** A chain of four equals whose first misses the commits of the heights given; every block kept. */
function run(heights: number, isAbsent: (height: number) => boolean): { chain: TestChain; blocks: Block[] } {
  const chain = new TestChain({ powers: [16n, 16n, 16n, 16n], params: { absenceHeights: 4 } });
  const blocks: Block[] = [];
  while (chain.height < heights) {
    // Block h + 1 carries the commit of h.
    chain.next({ absent: isAbsent(chain.height) ? [0] : [] });
    blocks.push(chain.block!);
  }
  return { chain, blocks };
}

const proposalsOf = ({ chain, blocks }: ReturnType<typeof run>, from: number): number =>
  blocks.slice(from).filter(({ header }) => header.proposer === chain.validators[0]!.address).length;

test('consensus §1.11: real blocks come an eighth as often from a validator whose precommits are missing', () => {
  const present = proposalsOf(
    run(60, () => false),
    10,
  );
  const absent = proposalsOf(
    run(60, () => true),
    10,
  );
  assert.ok(present >= 12 && present <= 13, `${present} of 50`);
  // 2 of 50 effective power.
  assert.ok(absent >= 1 && absent <= 3, `${absent} of 50`);
});

test('consensus §1.11: whoever signs again counts in full again from the next height', () => {
  const back = run(72, (height) => height <= 30);
  const early = proposalsOf({ ...back, blocks: back.blocks.slice(0, 31) }, 10);
  const late = proposalsOf(back, 32);
  assert.ok(early <= 2, `${early} of 21`);
  assert.ok(late >= 9, `${late} of 40`);
});

test('consensus §1.11: the order follows from the blocks alone: whoever replays them gets it in every round', () => {
  const { chain, blocks } = run(40, (height) => height % 9 < 6);
  let state = createGenesisState(chain.genesis);
  for (const block of blocks) {
    const { height, proposer } = block.header;
    assert.equal(proposerAt(readValidatorRecord(state), readParams(state), height, 0), proposer);
    const applied = applyBlock(state, block);
    assert.ok(applied.ok);
    state = applied.state;
  }
  const order = (of: typeof state) =>
    Array.from({ length: 12 }, (_, round) => proposerAt(readValidatorRecord(of), readParams(of), 41, round));
  assert.deepEqual(order(state), order(chain.state));
  assert.equal(state.root, chain.state.root);
});
