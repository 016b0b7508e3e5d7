/** What a light client detects is evidence that the real chain takes, and it punishes exactly the guilty. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  attackKind,
  blockId,
  buildBlock,
  checkSupply,
  decodeEvidence,
  type Evidence,
  encodeEvidence,
  evidenceProblem,
  evidenceRoot,
  type Hash,
  type LightAttack,
  type LightBlock,
  offencesOf,
  readPool,
  sign,
  voteSignBytes,
} from '@synod/chain';
import { attackEvidence, detectAttack } from '../../src/index.ts';
import { CHAIN_ID, certify, config, lightBlock, type Member, type RealChain, realChain } from './light-chain.ts';

const other = 'ab'.repeat(32) as Hash;

/** A real chain of 14 blocks of powers 10 to 40, and its keys in set order. */
function start(): RealChain & { set: readonly Member[]; own: LightBlock; common: LightBlock } {
  const real = realChain(14);
  const [common, own] = [real.blocks[4]!, real.blocks[9]!];
  const set = real.chain.validators.map(({ consensus }, index) => ({
    secret: consensus.secret,
    validator: own.validators[index]!,
  }));
  return { ...real, set, own, common };
}

type World = ReturnType<typeof start>;

function attackOf(world: World, conflicting: LightBlock): LightAttack | null {
  const { common, own: trusted } = world;
  const verdict = detectAttack({ common, trusted, conflicting, config });
  assert.ok(verdict.ok);
  return attackEvidence(verdict.attack) as LightAttack | null;
}

function forge({ set, own }: World, change: object, signers = set, round = 0): LightBlock {
  return lightBlock({ header: { ...own.header, ...change }, set, signers, round });
}

/** What the next block's validity says of the evidence. */
function codeOf({ chain }: World, ...evidence: readonly Evidence[]): string {
  const { block } = buildBlock(chain.buildInput());
  const header = { ...block.header, evidenceRoot: evidenceRoot(evidence) };
  const verdict = chain.validate({ ...block, evidence, header });
  return verdict.ok ? 'OK' : verdict.code;
}

const guilty = (evidence: Evidence | null): Address[] => offencesOf(evidence!).map(({ validator }) => validator);
const withoutSmallest = ({ set }: World): Member[] => set.filter(({ validator }) => validator.power !== 10n);
const namesOf = (members: readonly Member[]): Address[] => members.map(({ validator }) => validator.operator).sort();
const statusOf = ({ chain }: World, who: Address) => readPool(chain.state, who)?.status;

function punish(world: World, evidence: Evidence): { recorded: Address[]; reasons: string[] } {
  const { events } = world.chain.next({ evidence: [evidence] });
  assert.ok(checkSupply(world.chain.state).ok);
  return {
    recorded: events.flatMap((event) => (event.type === 'evidence.recorded' ? [event.validator] : [])).sort(),
    reasons: events.flatMap((event) => (event.type === 'validator.slashed' ? [event.reason] : [])),
  };
}

test('state §7.5: who signed a lunatic header is slashed and barred, in whatever round; the rest is untouched', () => {
  for (const round of [0, 3]) {
    const world = start();
    const evidence = attackOf(world, forge(world, { stateRoot: other }, withoutSmallest(world), round))!;
    assert.deepEqual(decodeEvidence(encodeEvidence(evidence)), { ok: true, value: evidence });
    const done = punish(world, evidence);
    assert.deepEqual(done.recorded, namesOf(withoutSmallest(world)));
    assert.deepEqual(done.reasons, ['lightAttack', 'lightAttack', 'lightAttack']);
    const honest = world.set.find(({ validator }) => validator.power === 10n)!.validator.operator;
    assert.equal(statusOf(world, honest), 'active');
    for (const who of done.recorded) assert.equal(statusOf(world, who), 'tombstoned');
    assert.equal(codeOf(world, evidence), 'EVIDENCE_KNOWN');
  }
});

test('state §7.5: in one round all who signed both are guilty; it is the same offence as their duplicate votes', () => {
  const world = start();
  const conflicting = forge(world, { transactionsRoot: other }, withoutSmallest(world));
  const evidence = attackOf(world, conflicting)!;
  assert.deepEqual(guilty(evidence).sort(), namesOf(withoutSmallest(world)));
  const verdict = detectAttack({ common: world.common, trusted: world.own, conflicting, config });
  assert.ok(verdict.ok);
  const [vote, ...rest] = verdict.attack.duplicateVotes;
  assert.deepEqual(offencesOf(vote!), offencesOf(evidence).slice(0, 1));
  // One of them is known already: the others still count, and the one is not counted twice.
  assert.equal(punish(world, vote!).recorded.length, 1);
  assert.equal(codeOf(world, ...rest, evidence), 'EVIDENCE_KNOWN');
  assert.equal(codeOf(world, evidence, rest[0]!), 'EVIDENCE_KNOWN');
  const again = punish(world, evidence);
  assert.equal(again.recorded.length, 2);
  assert.deepEqual(again.reasons, ['lightAttack', 'lightAttack']);
});

test('state §7.5: different rounds prove nothing against anybody', () => {
  const world = start();
  const conflicting = forge(world, { transactionsRoot: other }, world.set, 1);
  assert.equal(attackOf(world, conflicting), null);
  const lunatic = attackOf(world, forge(world, { stateRoot: other }))!;
  const header = conflicting.header;
  const commit = certify(header, world.set, world.set, 1);
  const signatures = commit.precommits.map(({ signature }, at) => ({
    validator: world.set[at]!.validator.operator,
    signature,
  }));
  const forged = { ...lunatic, conflicting: { header, round: 1, signatures } };
  assert.equal(codeOf(world, forged), 'EVIDENCE_NOT_ATTRIBUTABLE');
});

test('state §7.5: nobody is accused by a header that is not the chain’s, by others’ signatures or in a foreign name', () => {
  const world = start();
  const good = attackOf(world, forge(world, { stateRoot: other }, withoutSmallest(world)))!;
  assert.equal(codeOf(world, good), 'OK');
  const { trusted, conflicting } = good;
  const refused = (changes: Partial<LightAttack>): string => codeOf(world, { ...good, ...changes });
  const lie = { ...trusted, header: { ...trusted.header, stateRoot: 'cd'.repeat(32) as Hash } };
  assert.equal(refused({ trusted: lie }), 'EVIDENCE_NOT_OF_THIS_CHAIN');
  // The chain's own block, accused by a made-up one.
  const own = world.own.commit.precommits.map(({ signature }, at) => ({
    validator: world.set[at]!.validator.operator,
    signature,
  }));
  assert.equal(
    refused({ trusted: lie, conflicting: { header: world.own.header, round: 0, signatures: own } }),
    'EVIDENCE_NOT_OF_THIS_CHAIN',
  );
  const [first, second] = conflicting.signatures as [{ validator: Address; signature: Uint8Array }, never];
  const signed = (signatures: readonly { validator: Address; signature: Uint8Array }[]) =>
    refused({ conflicting: { ...conflicting, signatures } });
  const innocent = world.set.find(({ validator }) => validator.power === 10n)!.validator.operator;
  assert.equal(signed([{ ...first, validator: innocent }]), 'EVIDENCE_NOT_PROVEN');
  assert.equal(signed([{ ...first, signature: new Uint8Array(64) }]), 'EVIDENCE_NOT_PROVEN');
  assert.equal(
    signed([{ ...first, validator: world.chain.validators[0]!.expert.address }]),
    'EVIDENCE_NOT_A_VALIDATOR',
  );
  assert.equal(signed([]), 'EVIDENCE_SIGNERS');
  assert.equal(signed([second, first]), 'EVIDENCE_SIGNERS');
  assert.equal(signed([first, first]), 'EVIDENCE_SIGNERS');
  assert.equal(signed([first]), 'OK', 'each signature stands alone');
  assert.equal(refused({ trusted: { ...trusted, signatures: [first] } }), 'EVIDENCE_SIGNERS');
  assert.equal(refused({ conflicting: { ...trusted, signatures: [first] } }), 'EVIDENCE_NOT_CONFLICTING');
  assert.equal(refused({ commonHeight: 10 }), 'EVIDENCE_COMMON_HEIGHT');
  assert.equal(refused({ commonHeight: 0 }), 'EVIDENCE_COMMON_HEIGHT');
  assert.equal(refused({ conflicting: { ...conflicting, round: 1 } }), 'EVIDENCE_NOT_PROVEN');
});

test('light-client §9: a header is lunatic by each field that the state before fixes, and by no other', () => {
  const { own } = start();
  const kindOf = (change: object): string =>
    attackKind({ header: own.header, round: 0 }, { header: { ...own.header, ...change }, round: 0 });
  for (const field of ['validatorsHash', 'nextValidatorsHash', 'paramsHash', 'stateRoot', 'resultsRoot'])
    assert.equal(kindOf({ [field]: other }), 'lunatic', field);
  for (const field of ['lastBlockId', 'transactionsRoot', 'evidenceRoot', 'lastCommitRoot', 'extensionsRoot'])
    assert.equal(kindOf({ [field]: other }), 'equivocation', field);
});

test('state §7.5: one side may not list whom the other does not', () => {
  const world = start();
  const good = attackOf(world, forge(world, { transactionsRoot: other }, withoutSmallest(world)))!;
  assert.equal(codeOf(world, good), 'OK');
  const shorter = { ...good.trusted, signatures: good.trusted.signatures.slice(1) };
  assert.equal(codeOf(world, { ...good, trusted: shorter }), 'EVIDENCE_SIGNERS');
  const broken = good.trusted.signatures.map((one) => ({ ...one, signature: new Uint8Array(64) }));
  assert.equal(codeOf(world, { ...good, trusted: { ...good.trusted, signatures: broken } }), 'EVIDENCE_NOT_PROVEN');
});

test('staking §6.3: an attack is as old as the last block both sides share', () => {
  const world = start();
  const { state, genesis } = world.chain;
  const evidence = attackOf(world, forge(world, { stateRoot: other }))!;
  const { evidenceAgeHeights, evidenceAgeMs } = genesis.params.staking;
  const shared = world.common.header;
  const problemAt = (olderHeights: number, olderMs: number): string | null => {
    const height = shared.height + evidenceAgeHeights + olderHeights;
    const time = shared.time + evidenceAgeMs + olderMs;
    return evidenceProblem(state, evidence, { chainId: CHAIN_ID, height, time, verify: config.verify });
  };
  assert.deepEqual([problemAt(0, 1), problemAt(1, 0), problemAt(1, 1)], [null, null, 'EVIDENCE_TOO_OLD']);
});

test('state §8.2: evidence in a block is bounded in number and bytes, and one accusation of a validator is enough', () => {
  const world = start();
  const evidence = attackOf(world, forge(world, { stateRoot: other }))!;
  // One signer, one offence per round: 16 items are allowed, and a proposer needs one.
  const many = Array.from({ length: 20 }, (_, round) => {
    const { header } = evidence.conflicting;
    const { secret, validator } = world.set[0]!;
    const slot = { type: 'precommit', height: header.height, round, blockId: blockId(header) } as const;
    const signature = sign(secret, voteSignBytes(CHAIN_ID, slot));
    return { ...evidence, conflicting: { header, round, signatures: [{ validator: validator.operator, signature }] } };
  });
  const { block } = buildBlock(world.chain.buildInput({ evidence: many }));
  assert.equal(block.evidence.length, 1);
  assert.ok(world.chain.validate(block).ok);
  assert.equal(codeOf(world, ...many.slice(0, 16)), 'EVIDENCE_KNOWN');
  assert.equal(codeOf(world, ...many), 'BLOCK_TOO_LARGE');
  const padded = { ...evidence, conflicting: { ...evidence.conflicting, signatures: [] as never[] } };
  const filler = Array.from({ length: 900 }, () => evidence.conflicting.signatures[0]!);
  const huge = { ...padded, conflicting: { ...padded.conflicting, signatures: filler } };
  assert.ok(encodeEvidence(huge).length > 64 * 1024);
  assert.equal(codeOf(world, huge), 'BLOCK_TOO_LARGE');
  assert.equal(buildBlock(world.chain.buildInput({ evidence: [huge, evidence] })).block.evidence.length, 1);
});
