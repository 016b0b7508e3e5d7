/** Executing once for all nodes: the same results as each for itself, and nothing shared between what differs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Block,
  type BlockContext,
  beaconAlpha,
  decodeBlock,
  encodeBlock,
  readBeacon,
  StateTree,
} from '@synod/chain';
import { chainExecution, genesisHead, parentBlock } from '@synod/node/host';
import { castOf } from '../src/cast.ts';
import { ownBlock, spoil } from '../src/invalid-blocks.ts';
import { keyedHashTier } from '../src/keys.ts';
import { sharedExecution } from '../src/shared-execution.ts';
import type { SimNode } from '../src/sim-node.ts';
import { World } from '../src/world.ts';

const cast = castOf(4, false);
const { verifySignature, verifyBeacon } = keyedHashTier.crypto;
const context: BlockContext = {
  state: cast.state,
  parent: parentBlock(genesisHead(cast.state), cast.identity),
  verify: verifySignature,
  verifyBeacon,
  verifyCommit: () => true,
};

/** What the first node proposes at height 1. */
function firstBlock(): { world: World; node: SimNode; block: Block } {
  const means = { tier: keyedHashTier, keepsTrace: false, sharesExecution: false, isDirected: false };
  const world = new World({ seed: 1, validators: 4, isUneven: false, dishonest: [], twins: [], ...means });
  world.start();
  const [node] = world.nodes;
  assert.ok(node);
  const block = ownBlock(world, node);
  assert.ok(block);
  return { world, node, block };
}

test('verdict and state are those of the chain itself, and computed once', () => {
  const { block } = firstBlock();
  const shared = sharedExecution();
  const verdict = shared.validateBlock(block, context);
  assert.deepEqual(verdict, chainExecution.validateBlock(block, context));
  assert.equal(shared.validateBlock(block, context), verdict);
  const applied = shared.applyBlock(cast.state, block, { verifyBeacon });
  const alone = chainExecution.applyBlock(cast.state, block, { verifyBeacon });
  assert.ok(applied.ok && alone.ok);
  assert.equal(applied.state.root, alone.state.root);
  assert.equal(shared.applyBlock(cast.state, block, { verifyBeacon }), applied);
});

test('what building a block came to stands for executing it, and all else about it is judged', () => {
  const { world, node } = firstBlock();
  const shared = sharedExecution();
  const beacon = readBeacon(cast.state, 0);
  assert.ok(beacon);
  const built = shared.buildBlock({
    ...context,
    lastCommit: null,
    transactions: [],
    evidence: [],
    isSignatureValid: () => true,
    time: world.queue.nowMs,
    beaconProof: keyedHashTier.prove(node.member.beacon, beaconAlpha(beacon, 1)),
    proposer: node.operator,
  });
  const received = decodeBlock(encodeBlock(built.block));
  assert.ok(received.ok);
  const verdict = shared.validateBlock(received.value, context);
  assert.ok(verdict.ok);
  assert.equal(verdict.execution, built.execute());
  assert.deepEqual(verdict, chainExecution.validateBlock(received.value, context));
  const parent = { ...context.parent, blockId: 'ab'.repeat(32) as Block['header']['lastBlockId'] };
  assert.equal(shared.validateBlock(received.value, { ...context, parent }).ok, false);
  const other = spoil(received.value, 'emptyTransfer', { world, attacker: node });
  assert.ok(other);
  assert.equal(shared.validateBlock({ ...received.value, transactions: other.transactions }, context).ok, false);
  const unsigned = shared.validateBlock(other, context);
  assert.ok(!unsigned.ok && unsigned.code === 'TRANSACTION_INVALID', 'another block is executed');
});

test('another state, parent or block object is judged anew', () => {
  const { block } = firstBlock();
  const shared = sharedExecution();
  assert.ok(shared.validateBlock(block, context).ok);
  const entries = [...cast.state.entries(), { key: 'zzz', value: Uint8Array.of(1) }];
  const state = StateTree.fromEntries(entries);
  assert.equal(shared.validateBlock(block, { ...context, state }).ok, false);
  const parent = { ...context.parent, blockId: 'ab'.repeat(32) as Block['header']['lastBlockId'] };
  assert.equal(shared.validateBlock(block, { ...context, parent }).ok, false);
  const other = { ...block, header: { ...block.header, chainId: 'another' } };
  assert.equal(shared.validateBlock(other, context).ok, false);
});

test('a body that is not the one of its header gets no result of another', () => {
  const { world, node, block } = firstBlock();
  const shared = sharedExecution();
  const applied = shared.applyBlock(cast.state, block, { verifyBeacon });
  const other = spoil(block, 'emptyTransfer', { world, attacker: node });
  assert.ok(other);
  const { transactions } = other;
  assert.notEqual(shared.applyBlock(cast.state, { ...block, transactions }, { verifyBeacon }), applied);
  assert.equal(shared.applyBlock(cast.state, block, { verifyBeacon }), applied);
});
