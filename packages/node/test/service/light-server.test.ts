/** What a node serves to readers without state, from a chain whose sets change: it is what they need, and it verifies. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { blockId, encodeLightBlock, type Hash, type LightBlock, verifySignature, ZERO_HASH } from '@synod/chain';
import { lightBlockProblem, verifyTrail } from '@synod/consensus';
import { ChainReader } from '../../src/service/chain-reader.ts';
import { LightServer } from '../../src/service/light-server.ts';
import { aliceSeed, Lab, operatorOf, operatorSeed } from '../host/lab.ts';

const HEIGHTS = 40;
const lab = new Lab({
  staking: { epochHeights: 5, evidenceAgeHeights: 24, trustingPeriodMs: 1_000, unbondingHeights: 114 },
});
const config = { chainId: 'lab', trustingPeriodMs: 1e12, clockDriftMsMax: 1_000, verify: verifySignature };
let light: LightServer;

before(() => {
  // Enough stake moves to one validator that an old set soon has no third of the new one.
  lab.runUntil(() => lab.heightEverywhere() >= 3, 60_000);
  for (const index of [0, 1]) lab.submit(operatorSeed(index), { type: 'validator.exit', validator: operatorOf(index) });
  lab.runUntil(() => lab.heightEverywhere() >= 12, 60_000);
  lab.submit(aliceSeed, { type: 'delegate', validator: operatorOf(2), amount: 9_000_000_000_000n }, 2);
  lab.runUntil(() => lab.heightEverywhere() >= HEIGHTS, 120_000);
  const { store, host } = lab.nodes[2]!;
  const reader = new ChainReader({ store, head: () => host!.head, genesis: lab.genesis });
  light = new LightServer(reader, () => host!.head.height);
});

const at = (height: number): LightBlock => {
  const block = light.lightBlock(height);
  assert.ok(block !== null, `light block ${height}`);
  return block;
};

const checkpoint = (height: number) => ({ height, hash: blockId(at(height).header) });

test('every light block holds together, whichever sets it names', () => {
  for (let height = 1; height <= HEIGHTS; height++)
    assert.equal(lightBlockProblem(at(height), config), null, `${height}`);
  const changing = Array.from({ length: HEIGHTS }, (_, index) => at(index + 1)).filter(
    ({ nextValidators }) => nextValidators !== null,
  );
  assert.ok(changing.length > 2, 'the sets change');
  assert.deepEqual(encodeLightBlock(light.lightBlock('latest')!), encodeLightBlock(at(lab.nodes[2]!.head.height)));
  assert.equal(light.lightBlock(0), null);
  assert.equal(light.lightBlock(10_000), null);
});

test('the trail it serves leads from any trusted height to any block', () => {
  const nowMs = lab.nowMs + 1;
  for (const trusted of [1, 2, 7, 12, 20, 39]) {
    for (const target of [1, 5, 13, 22, 40]) {
      const trail = light.trail(at(target), trusted);
      const verdict = verifyTrail({ block: at(target), trail, trusted: checkpoint(trusted), config, nowMs });
      assert.deepEqual(verdict, { ok: true }, `${trusted} → ${target}`);
    }
  }
  const far = light.trail(at(40), 1);
  assert.ok(far.below.length > 1 && far.below.length < 20, `${far.below.length} light blocks over changed sets`);
});

test('what is not there is told apart', () => {
  assert.throws(() => light.trail(at(5), 10_000), { code: 'TRAIL_TOO_LONG' });
  assert.throws(() => light.trail(at(5), lab.nodes[2]!.head.height + 9), { code: 'FUTURE' });
  assert.throws(() => light.trail(at(5), 0), { code: 'PRUNED' });
  assert.throws(() => light.receiptProof(ZERO_HASH as Hash, null), { code: 'QUERY_UNKNOWN' });
});
