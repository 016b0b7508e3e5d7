/** A certificate whose maker put an extension into it that no block may carry (consensus §1.16). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeExtendedCommit, encodeExtendedCommit, extensionSignBytes, type Hash, sign } from '@synod/chain';
import { encodeDirect } from '../../src/host/index.ts';
import { consensusSeed, Lab, operatorOf } from './lab.ts';

/** The certificate of a stored block in which validator 1 signed this extension instead of its own. */
function poisoned(lab: Lab, height: number, extension: Uint8Array) {
  const stored = lab.nodes[1]!.store.block(height)!;
  const commit = decodeExtendedCommit(stored.commit);
  assert.ok(commit.ok);
  const operators = [0, 1, 2, 3].map(operatorOf).sort();
  const { blockId, round } = commit.value;
  const content = { height, round, blockId: blockId as Hash, extension };
  const extensionSignature = sign(consensusSeed(1), extensionSignBytes(lab.genesis.chainId, content));
  const precommits = commit.value.precommits.map((one) =>
    operators[one.validator] === operatorOf(1) ? { ...one, extension, extensionSignature } : one,
  );
  assert.notDeepEqual(precommits, commit.value.precommits);
  return { block: stored.block, commit: encodeExtendedCommit({ ...commit.value, precommits }) };
}

for (const [what, extension] of [
  ['malformed', Uint8Array.of(1, 2, 3)],
  ['longer than extensions may be', new Uint8Array(200_000)],
] as const) {
  test(`a certificate with an extension that is ${what} is refused, and its sender blamed`, () => {
    let isDeaf = false;
    const lab: Lab = new Lab({ delay: ({ to }) => (to === 0 && isDeaf ? null : 5) });
    const victim = lab.nodes[0]!;
    // Whoever holds it cannot make the next block: one of eight heights in a row is the victim's turn.
    for (let turn = 0; turn < 8; turn++) {
      lab.runUntil(() => lab.nodes.every(({ head }) => head.height === victim.head.height), 20_000);
      const height = victim.host!.runner.height;
      isDeaf = true;
      lab.runUntil(() => lab.nodes[1]!.head.height === height, 20_000);
      const blocks = [poisoned(lab, height, extension)];
      victim.host!.handle({ kind: 'direct', peer: 'node-1', bytes: encodeDirect({ kind: 'blocks', blocks }) });
      assert.equal(victim.head.height, height - 1);
      assert.equal(victim.penalties.filter(({ peer }) => peer === 'node-1').length, turn + 1);
      isDeaf = false;
      lab.runUntil(() => victim.head.height >= height, 20_000);
    }
  });
}
