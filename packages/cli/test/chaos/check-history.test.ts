/** The list-append check says nothing of a faultless history and names each fault that is put into it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Chain,
  type ChainBlock,
  checkHistory,
  countLost,
  type FindingKind,
  type History,
} from '../../src/chaos/check-history.ts';

const LISTS = ['list-0', 'list-1'];
const PAYERS = ['payer-0', 'payer-1'];

/** Three nodes that agree on blocks of three appends each, everything acknowledged and read. */
function faultless(heights = 4): History {
  const blocks = Array.from({ length: heights }, (_, index): ChainBlock => {
    const height = index + 1;
    const transfers = [0, 1, 2].map((place) => ({
      id: `tx-${height}-${place}`,
      from: PAYERS[place % 2]!,
      to: LISTS[(height + place) % 2]!,
      amount: BigInt(100 * height + place),
      fee: 3n,
      ok: true,
    }));
    return {
      height,
      hash: `hash-${height}`,
      stateRoot: `root-${height}`,
      timeMs: 500 * height,
      evidence: 0,
      transfers,
    };
  });
  const transfers = blocks.flatMap(({ height, transfers }) => transfers.map((transfer) => ({ height, transfer })));
  const balance = (account: string, height: number) =>
    transfers
      .filter((one) => one.height <= height)
      .reduce((sum, { transfer: { from, to, amount, fee } }) => {
        return sum + (to === account ? amount : 0n) - (from === account ? amount + fee : 0n);
      }, 10_000n);
  return {
    lists: new Set(LISTS),
    accounts: new Set([...LISTS, ...PAYERS]),
    initial: new Map([...LISTS, ...PAYERS].map((account) => [account, 10_000n])),
    submitted: transfers.map(({ height, transfer: { id, to, amount } }) => {
      return { id, to, amount, outcome: 'acknowledged' as const, height };
    }),
    reads: blocks.flatMap(({ height }) =>
      [...LISTS, ...PAYERS].map((account) => ({ node: 'val-0', account, height, balance: balance(account, height) })),
    ),
    chains: ['val-0', 'val-1', 'val-2'].map((node) => ({ node, blocks })),
  };
}

const kinds = (history: History): FindingKind[] =>
  [...new Set(checkHistory(history).map(({ kind }) => kind))].toSorted();

/** The history with one node's blocks changed. */
function at(node: string, history: History, change: (blocks: readonly ChainBlock[]) => readonly ChainBlock[]): History {
  const chains = history.chains.map(
    (chain): Chain => (chain.node === node ? { node, blocks: change(chain.blocks) } : chain),
  );
  return { ...history, chains };
}

const withBlock = (blocks: readonly ChainBlock[], index: number, change: (block: ChainBlock) => Partial<ChainBlock>) =>
  blocks.map((block, place) => (place === index ? { ...block, ...change(block) } : block));

test('a faultless history has no finding, also when a node is behind', () => {
  assert.deepEqual(checkHistory(faultless()), []);
  const behind = at('val-2', faultless(), (blocks) => blocks.slice(0, 3));
  assert.deepEqual(
    checkHistory({ ...behind, submitted: behind.submitted.filter(({ height }) => height! <= 3) }).filter(
      ({ kind }) => kind !== 'phantom',
    ),
    [],
  );
});

test('an acknowledged append that a node lacks is lost', () => {
  const history = at('val-1', faultless(), (blocks) =>
    withBlock(blocks, 3, ({ transfers }) => ({ transfers: transfers.slice(0, 2) })),
  );
  assert.deepEqual(kinds(history), ['lost']);
  assert.equal(countLost(checkHistory(history)), 1);
});

test('an acknowledged append without effect is lost; in another block it has moved', () => {
  const failed = at('val-1', faultless(), (blocks) =>
    withBlock(blocks, 3, ({ transfers }) => ({
      transfers: transfers.map((transfer, index) => (index === 2 ? { ...transfer, ok: false } : transfer)),
    })),
  );
  assert.deepEqual(kinds(failed), ['lost']);
  const history = faultless();
  const submitted = history.submitted.map((one) => (one.id === 'tx-2-0' ? { ...one, height: 3 } : one));
  assert.deepEqual(kinds({ ...history, submitted }), ['moved']);
});

test('an append that stands twice is duplicated', () => {
  const again = faultless().chains[0]!.blocks[0]!.transfers[0]!;
  const history = at('val-0', faultless(), (blocks) =>
    withBlock(blocks, 3, ({ transfers }) => ({ transfers: [...transfers, again] })),
  );
  assert.ok(kinds(history).includes('duplicated'));
});

test('another order at one node is reordered', () => {
  const history = at('val-2', faultless(), (blocks) =>
    withBlock(blocks, 1, ({ transfers }) => ({ transfers: transfers.toReversed() })),
  );
  assert.deepEqual(kinds(history), ['reordered']);
});

test('another hash or another state root at one node has diverged', () => {
  for (const change of [{ hash: 'other' }, { stateRoot: 'other' }]) {
    assert.deepEqual(kinds(at('val-1', faultless(), (blocks) => withBlock(blocks, 2, () => change))), ['diverged']);
  }
});

test('what was refused must have no effect, and nobody else appends', () => {
  const history = faultless();
  const refused = history.submitted.map((one) =>
    one.id === 'tx-3-1' ? { ...one, outcome: 'refused' as const, height: null } : one,
  );
  assert.deepEqual(kinds({ ...history, submitted: refused }), ['phantom']);
  assert.deepEqual(kinds({ ...history, submitted: history.submitted.slice(1) }), ['phantom']);
});

test('an unknown outcome may go either way', () => {
  const history = faultless();
  const unknown = history.submitted.map((one) => ({ ...one, outcome: 'unknown' as const, height: null }));
  const absent = { id: 'never', to: LISTS[0]!, amount: 7n, outcome: 'unknown' as const, height: null };
  assert.deepEqual(checkHistory({ ...history, submitted: [...unknown, absent] }), []);
});

test('every single wrong balance, height or step back of a read is found', () => {
  const history = faultless();
  fc.assert(
    fc.property(fc.nat(history.reads.length - 1), fc.bigInt({ min: -50n, max: 50n }), (index, by) => {
      fc.pre(by !== 0n);
      const reads = history.reads.map((read, place) =>
        place === index ? { ...read, balance: read.balance + by } : read,
      );
      assert.deepEqual(kinds({ ...history, reads }), ['wrong read']);
    }),
  );
  const future = { node: 'val-0', account: LISTS[0]!, height: 99, balance: 0n };
  assert.ok(kinds({ ...history, reads: [...history.reads, future] }).includes('wrong read'));
  assert.deepEqual(kinds({ ...history, reads: history.reads.toReversed() }), ['forgotten height']);
});
