/** Proof of double signing (consensus §1.13, state §7.5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  buildBlock,
  type Evidence,
  evidenceRoot,
  type Hash,
  offencesOf,
  offenders,
  type Proposal,
  proposalSignBytes,
  sign,
  stateKeys,
  type Vote,
  voteSignBytes,
} from '../../src/index.ts';
import { CHAIN_ID, eventTypes, TestChain, type TestValidator } from '../test-chain.ts';

const ONE = '11'.repeat(32) as Hash;
const TWO = '22'.repeat(32) as Hash;

function vote(validator: TestValidator, blockId: Hash | null, overrides: Partial<Vote> = {}): Vote {
  const content = { type: 'prevote' as const, height: 1, round: 0, blockId, ...overrides };
  const signature = sign(validator.consensus.secret, voteSignBytes(CHAIN_ID, content));
  return { ...content, validator: validator.address, extension: null, signature, ...overrides };
}

function proposal(validator: TestValidator, blockId: Hash): Proposal {
  const content = { height: 1, round: 0, polRound: -1, blockId };
  return {
    ...content,
    proposer: validator.address,
    signature: sign(validator.consensus.secret, proposalSignBytes(CHAIN_ID, content)),
  };
}

function atHeight2(): TestChain {
  const chain = new TestChain();
  chain.next();
  chain.next();
  return chain;
}

function codeOf(chain: TestChain, ...evidence: readonly Evidence[]): string {
  const { block } = buildBlock(chain.buildInput());
  const verdict = chain.validate({
    ...block,
    evidence,
    header: { ...block.header, evidenceRoot: evidenceRoot(evidence) },
  });
  return verdict.ok ? 'OK' : verdict.code;
}

const votes = (first: Vote, second: Vote): Evidence => ({ kind: 'duplicate.vote', first, second });

test('two votes or two proposals for one slot are evidence', () => {
  const chain = atHeight2();
  const [validator] = chain.validators;
  assert.equal(codeOf(chain, votes(vote(validator!, ONE), vote(validator!, TWO))), 'OK');
  assert.equal(codeOf(chain, votes(vote(validator!, ONE), vote(validator!, null))), 'OK');
  const proposals = {
    kind: 'duplicate.proposal' as const,
    first: proposal(validator!, ONE),
    second: proposal(validator!, TWO),
  };
  assert.equal(codeOf(chain, proposals), 'OK');
});

test('a block holds evidence about sixteen validators at most, and a proposer keeps that', () => {
  const chain = new TestChain({ powers: Array.from({ length: 20 }, () => 10n) });
  chain.next();
  chain.next();
  const evidence = chain.validators.slice(0, 17).map((validator) => votes(vote(validator, ONE), vote(validator, TWO)));
  const { block } = buildBlock(chain.buildInput({ evidence }));
  assert.equal(block.evidence.length, 16);
  assert.ok(chain.validate(block).ok);
  assert.equal(codeOf(chain, ...evidence), 'BLOCK_TOO_LARGE');
});

test('each flaw is named', () => {
  const chain = atHeight2();
  const [validator, other] = chain.validators as [TestValidator, TestValidator];
  const one = vote(validator, ONE);
  const extension = { bytes: new Uint8Array(4), signature: new Uint8Array(64) };
  assert.equal(codeOf(chain, votes(one, vote(validator, TWO, { round: 1 }))), 'EVIDENCE_SLOT_DIFFERS');
  assert.equal(codeOf(chain, votes(one, vote(validator, TWO, { height: 2 }))), 'EVIDENCE_SLOT_DIFFERS');
  assert.equal(codeOf(chain, votes(one, one)), 'EVIDENCE_NOT_CONFLICTING');
  assert.equal(codeOf(chain, votes(one, vote(validator, TWO, { type: 'precommit' }))), 'EVIDENCE_NOT_PROVEN');
  assert.equal(codeOf(chain, votes(one, vote(other, TWO))), 'EVIDENCE_NOT_PROVEN');
  assert.equal(
    codeOf(chain, votes(one, { ...vote(validator, TWO), signature: new Uint8Array(64) })),
    'EVIDENCE_NOT_PROVEN',
  );
  assert.equal(codeOf(chain, votes(one, vote(validator, TWO, { extension }))), 'EVIDENCE_NOT_PROVEN');
  const future = [vote(validator, ONE, { height: 3 }), vote(validator, TWO, { height: 3 })] as const;
  assert.equal(codeOf(chain, votes(...future)), 'EVIDENCE_FROM_FUTURE');
  const stranger = { ...validator, address: chain.validators[0]!.expert.address };
  assert.equal(codeOf(chain, votes(vote(stranger, ONE), vote(stranger, TWO))), 'EVIDENCE_NOT_A_VALIDATOR');
});

test('a slot is recorded once: not twice in a block, not in two blocks, not the other way round', () => {
  const chain = atHeight2();
  const [validator] = chain.validators;
  const evidence = votes(vote(validator!, ONE), vote(validator!, TWO));
  const mirrored = votes(vote(validator!, TWO), vote(validator!, ONE));
  assert.equal(codeOf(chain, evidence, mirrored), 'EVIDENCE_KNOWN');
  const { events } = chain.next({ evidence: [evidence] });
  assert.deepEqual(eventTypes(events), ['evidence.recorded', 'validator.slashed', 'validators.changed']);
  assert.notEqual(chain.state.get(stateKeys.evidence(offencesOf(evidence)[0]!.id)), undefined);
  assert.equal(codeOf(chain, mirrored), 'EVIDENCE_KNOWN');
});

test('a proposer strips extensions, and leaves out what is not good', () => {
  const chain = atHeight2();
  const [validator] = chain.validators;
  const extension = { bytes: new Uint8Array(4), signature: new Uint8Array(64) };
  const good = votes(
    vote(validator!, ONE, { type: 'precommit', extension }),
    vote(validator!, TWO, { type: 'precommit', extension }),
  );
  const bad = votes(vote(validator!, ONE), vote(validator!, ONE));
  const { block } = buildBlock(chain.buildInput({ evidence: [bad, good, good] }));
  assert.equal(block.evidence.length, 1);
  assert.equal(chain.validate(block).ok, true);
});

test('one accusation bars a validator: what else it signed twice takes no room from evidence about others', () => {
  const chain = atHeight2();
  const [validator, other] = chain.validators as [TestValidator, TestValidator];
  const inRound = (who: TestValidator, round: number) => votes(vote(who, ONE, { round }), vote(who, TWO, { round }));
  assert.equal(codeOf(chain, inRound(validator, 0), inRound(other, 0)), 'OK');
  assert.equal(codeOf(chain, inRound(validator, 0), inRound(validator, 1)), 'EVIDENCE_KNOWN');
  const flood = Array.from({ length: 20 }, (_, round) => inRound(validator, round));
  const { block } = buildBlock(chain.buildInput({ evidence: [...flood, inRound(other, 0)] }));
  assert.deepEqual(block.evidence.flatMap(offenders), [validator.address, other.address]);
  chain.next({ evidence: [inRound(validator, 0)] });
  assert.equal(codeOf(chain, inRound(validator, 1)), 'EVIDENCE_KNOWN');
  assert.equal(codeOf(chain, inRound(other, 1)), 'OK');
});
