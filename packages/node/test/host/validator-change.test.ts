/** Hosts while the validator set changes under them (consensus §1.14). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  addressOf,
  checkSupply,
  createGenesisState,
  encodeVote,
  NANO_PER_SYN,
  type Payload,
  possessionSignBytes,
  publicKeyOf,
  readPool,
  readValidatorRecord,
  sign,
  verifySignature,
  voteSignBytes,
  vrfProve,
} from '@synod/chain';
import { verifyCommit } from '@synod/consensus';
import { genesisHead } from '../../src/host/index.ts';
import { ChainReader } from '../../src/service/chain-reader.ts';
import { consensusSeed, Lab, operatorSeed, vrfSeed } from './lab.ts';

const NEWCOMER = 4;
const operator: Address = addressOf(publicKeyOf(operatorSeed(NEWCOMER)));

function creation(chainId: string): Payload {
  return {
    type: 'validator.create',
    ...provenKeys(chainId, operator, NEWCOMER),
    commission: 0,
    bond: 1_500n * NANO_PER_SYN,
  };
}

function provenKeys(chainId: string, owner: Address, index: number) {
  const keys = { publicKey: publicKeyOf(consensusSeed(index)), vrfKey: publicKeyOf(vrfSeed(index)) };
  const message = possessionSignBytes(chainId, { operator: owner, ...keys });
  const proofs = { keyProof: sign(consensusSeed(index), message), vrfProof: vrfProve(vrfSeed(index), message) };
  return { ...keys, ...proofs };
}

const staking = { epochHeights: 5, evidenceAgeHeights: 100, unbondingHeights: 200 };

function isMember(lab: Lab, at = 0): boolean {
  return readValidatorRecord(lab.nodes[at]!.head.state).validators.some((member) => member.operator === operator);
}

function nilPrecommit(height: number): Uint8Array {
  const content = { type: 'precommit' as const, height, round: 3, blockId: null };
  const signature = sign(consensusSeed(NEWCOMER), voteSignBytes('lab', content));
  return encodeVote({ ...content, validator: operator, signature, extension: null });
}

/** Every stored certificate is by the set that the reader names for its height. */
function assertCertificates(lab: Lab, at: number): void {
  const node = lab.nodes[at]!;
  const { oldestHeight, ...lookups } = {
    oldestHeight: () => 1,
    heightOfHash: () => null,
    transactionHeight: () => null,
    querySettledHeight: () => null,
  };
  const store = Object.assign(Object.create(node.store), lookups, { oldestHeight });
  // A state that knows nothing of these heights: the sets come from the node's own notes, by the header's hash.
  const forgetful = genesisHead(createGenesisState(lab.genesis));
  for (const head of [node.head, forgetful]) {
    const reader = new ChainReader({ store, head: () => head, genesis: lab.genesis });
    for (let height = 1; height <= node.head.height; height++) {
      const found = reader.commit(height);
      assert.ok(found !== null, `certificate ${height}`);
      const { commit, validators } = found;
      assert.ok(verifyCommit({ chainId: 'lab', commit, validators, verify: verifySignature }).ok, `height ${height}`);
    }
  }
}

test('a node that stakes is taken into the set, signs, proposes, and leaves again', () => {
  const lab = new Lab({ newcomers: 1, staking });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  assert.equal(isMember(lab), false);
  lab.submit(operatorSeed(NEWCOMER), creation('lab'), NEWCOMER);
  lab.runUntil(() => isMember(lab), 10_000);
  const entered = lab.nodes[0]!.head.height + 1;
  lab.runUntil(() => lab.heightEverywhere() >= entered + 12, 20_000);
  const proposers = lab.nodes[0]!.events.flatMap((event) =>
    event.kind === 'blockApplied' && event.height >= entered ? [event.block.header.proposer] : [],
  );
  assert.ok(proposers.includes(operator), 'the newcomer proposes');
  const { rotation } = readValidatorRecord(lab.nodes[0]!.head.state);
  const signed = rotation.find((entry) => entry.operator === operator)!.lastSignedHeight;
  assert.ok(signed > entered + 6, 'the newcomer signs');
  lab.submit(operatorSeed(NEWCOMER), { type: 'validator.exit', validator: operator }, 1);
  lab.runUntil(() => !isMember(lab), 20_000);
  const { host, head } = lab.nodes[0]!;
  // Its late precommit of the height before still counts, one for the next height does not.
  assert.equal(host!.onGossip('anybody', 'votes', nilPrecommit(head.height)), 'accept');
  assert.equal(host!.onGossip('anybody', 'votes', nilPrecommit(head.height + 1)), 'reject');
  lab.runUntil(() => lab.nodes.every((_, at) => !isMember(lab, at)), 20_000);
  const left = lab.heightEverywhere();
  lab.runUntil(() => lab.heightEverywhere() >= left + 6, 20_000);
  for (const node of lab.live) assert.ok(checkSupply(node.head.state).ok);
  const rounds = lab.nodes[0]!.events.flatMap((event) => (event.kind === 'blockApplied' ? [event.round] : []));
  assert.ok(
    rounds.every((round) => round === 0),
    'no change of the set costs a round',
  );
  assertCertificates(lab, 0);
});

test('a node that slept through a change of the set verifies its way to the tip, and restarts within the new set', () => {
  const lab = new Lab({ newcomers: 1, staking });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  lab.nodes[1]!.crash();
  lab.submit(operatorSeed(NEWCOMER), creation('lab'), NEWCOMER);
  lab.runUntil(() => isMember(lab), 60_000);
  const entered = lab.nodes[0]!.head.height;
  lab.runUntil(() => lab.heightEverywhere() >= entered + 5, 60_000);
  lab.nodes[1]!.restart();
  lab.runUntil(() => lab.nodes.every((node) => node.head.height >= entered + 8), 60_000);
  lab.nodes[NEWCOMER]!.crash();
  lab.runUntil(() => lab.heightEverywhere() >= entered + 10, 60_000);
  lab.nodes[NEWCOMER]!.restart();
  assert.equal(lab.nodes[NEWCOMER]!.host!.observerReason, null);
  lab.runUntil(() => lab.nodes.every((node) => node.head.height >= entered + 13), 60_000);
  assertCertificates(lab, 1);
  assert.equal(readPool(lab.nodes[1]!.head.state, operator)?.status, 'active');
});

test('staking §4.7: a validator rotates its keys: the old sign to the last of their heights, the new from their first', () => {
  const lab = new Lab({ staking });
  const [FRESH, who] = [7, addressOf(publicKeyOf(operatorSeed(1)))] as const;
  const keyNow = (): string =>
    readValidatorRecord(lab.nodes[0]!.head.state).validators.find((member) => member.operator === who)!.publicKey;
  const lastSigned = (): number =>
    readValidatorRecord(lab.nodes[0]!.head.state).rotation.find((entry) => entry.operator === who)!.lastSignedHeight;
  lab.runUntil(() => lab.heightEverywhere() >= staking.epochHeights, 20_000);
  lab.submit(operatorSeed(1), { type: 'validator.rotate', ...provenKeys('lab', who, FRESH) });
  const poolKey = (): string => readPool(lab.nodes[0]!.head.state, who)!.publicKey;
  lab.runUntil(() => poolKey() === publicKeyOf(consensusSeed(FRESH)), 20_000);
  assert.equal(keyNow(), publicKeyOf(consensusSeed(1)));
  // Peers know it by either key meanwhile.
  lab.nodes[1]!.crash();
  lab.nodes[1]!.restart();
  lab.runUntil(() => keyNow() === publicKeyOf(consensusSeed(FRESH)), 20_000);
  const first = lab.nodes[0]!.head.height + 1;
  assert.ok(lastSigned() >= first - 3, 'the old key signed to the end');
  // With its old key it only watches, and sends nothing that a peer would hold against it.
  lab.runUntil(() => lab.heightEverywhere() >= first + 4, 30_000);
  assert.ok(lastSigned() < first);
  lab.nodes[1]!.crash();
  lab.nodes[1]!.keysIndex = FRESH;
  lab.nodes[1]!.restart();
  assert.equal(lab.nodes[1]!.host!.observerReason, null);
  const back = lab.heightEverywhere();
  lab.runUntil(() => lab.heightEverywhere() >= back + 6, 30_000);
  assert.ok(lastSigned() > back, 'the new key signs');
  const reasons = lab.nodes.flatMap(({ penalties }) => penalties.map(({ reason }) => reason));
  for (const reason of ['invalid vote', 'invalid proposal', 'operator not proven']) {
    assert.equal(reasons.includes(reason), false, reason);
  }
});

test('staking §4.7: a node that slept through a rotation bans nobody for the new key, and knows its owner once it has the block', () => {
  const lab = new Lab({ staking });
  const [FRESH, who] = [7, addressOf(publicKeyOf(operatorSeed(1)))] as const;
  const sleeper = lab.nodes[3]!;
  lab.runUntil(() => lab.heightEverywhere() >= staking.epochHeights, 20_000);
  sleeper.crash();
  lab.submit(operatorSeed(1), { type: 'validator.rotate', ...provenKeys('lab', who, FRESH) });
  const keyNow = (): string =>
    readValidatorRecord(lab.nodes[0]!.head.state).validators.find((member) => member.operator === who)!.publicKey;
  lab.runUntil(() => keyNow() === publicKeyOf(consensusSeed(FRESH)), 30_000);
  lab.nodes[1]!.crash();
  lab.nodes[1]!.keysIndex = FRESH;
  lab.nodes[1]!.restart();
  sleeper.restart();
  assert.equal(sleeper.host!.sync.peerOf(who), null);
  const target = lab.nodes[0]!.head.height + 3;
  lab.runUntil(() => sleeper.head.height >= target, 30_000);
  assert.notEqual(sleeper.host!.sync.peerOf(who), null);
  assert.deepEqual(sleeper.penalties, []);
});
