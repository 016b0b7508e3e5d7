/** Attacks are classified, and exactly the twins are named: by the trusted side's words, from signatures that hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, blockId, type Hash, type LightBlock } from '@synod/chain';
import { detectAttack, findConflict, type LightClientAttack, verifySkipping } from '../../src/index.ts';
import {
  bareChain,
  codeOf,
  config,
  flipped,
  lightBlock,
  type Member,
  member,
  NOW_MS,
  realChain,
  setOf,
  slidingSet,
} from './light-chain.ts';

// Five of seven make a quorum, so two quorums of five share at least three twins.
const seven = setOf(...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => member(name, 10n)));
const chain = bareChain(12, () => seven);
const [common, trusted] = [chain[4]!, chain[9]!];
const other = 'ab'.repeat(32) as Hash;
const names = (...members: readonly Member[]): Address[] =>
  setOf(...members).map(({ validator }) => validator.operator);

type Forgery = { readonly signers: readonly Member[]; readonly change: object; readonly round?: number };

function fork({ signers, change, round = 0 }: Forgery): LightBlock {
  return lightBlock({ header: { ...trusted.header, ...change }, set: seven, signers, round });
}

function attackOf(conflict: { common?: LightBlock; trusted?: LightBlock; conflicting: LightBlock }): LightClientAttack {
  const verdict = detectAttack({ common, trusted, config, ...conflict });
  assert.ok(verdict.ok, codeOf(verdict));
  return verdict.attack;
}

/** The trusted block signed by the first five only. */
const byFirstFive = lightBlock({ header: trusted.header, set: seven, signers: seven.slice(0, 5) });

test('light-client §9: two possible headers in one round are equivocation, by exactly those who signed both', () => {
  const conflicting = fork({ signers: seven.slice(2), change: { transactionsRoot: other } });
  assert.equal(codeOf(verifySkipping({ trusted: common, untrusted: conflicting, config, nowMs: NOW_MS })), 'OK');
  const attack = attackOf({ trusted: byFirstFive, conflicting });
  assert.equal(attack.kind, 'equivocation');
  assert.equal(attack.height, 10);
  assert.deepEqual(attack.culprits, names(...seven.slice(2, 5)));
  assert.deepEqual(attack.signedBoth, attack.culprits);
});

test('light-client §9.5: the double votes of an equivocation are evidence that a real chain records', () => {
  const { chain: real, blocks } = realChain(14);
  const [start, own] = [blocks[4]!, blocks[9]!];
  const set = real.validators.map(({ consensus }, index) => ({
    secret: consensus.secret,
    validator: own.validators[index]!,
  }));
  // Powers 10, 20, 30, 40 in some order: the chain's own block has everybody's precommit, the fork all but the first's.
  const header = { ...own.header, transactionsRoot: other };
  const conflicting = lightBlock({ header, set, signers: set.filter(({ validator }) => validator.power !== 10n) });
  const attack = attackOf({ common: start, trusted: own, conflicting });
  const twins = own.validators.filter(({ power }) => power !== 10n).map(({ operator }) => operator);
  assert.deepEqual(attack.culprits, twins);
  const { events } = real.next({ evidence: attack.duplicateVotes });
  const recorded = events.flatMap((event) => (event.type === 'evidence.recorded' ? [event.validator] : []));
  assert.deepEqual(recorded, twins);
});

test('light-client §9: a header that contradicts the state is lunatic, and all its signers are guilty', () => {
  for (const field of ['stateRoot', 'resultsRoot', 'paramsHash'] as const) {
    const conflicting = fork({ signers: seven.slice(2), change: { [field]: other }, round: 3 });
    const attack = attackOf({ trusted: byFirstFive, conflicting });
    assert.equal(attack.kind, 'lunatic', field);
    assert.deepEqual(attack.culprits, names(...seven.slice(2)));
    assert.deepEqual(attack.signedBoth, names(...seven.slice(2, 5)));
    assert.deepEqual(attack.duplicateVotes, [], 'rounds differ');
  }
  const sameRound = fork({ signers: seven.slice(2), change: { stateRoot: other } });
  assert.equal(attackOf({ trusted: byFirstFive, conflicting: sameRound }).duplicateVotes.length, 3);
});

test("light-client §9.4: a lunatic set names its helpers as it likes; the trusted set's names stand", () => {
  const [twin, second, third] = [seven[0]!, seven[1]!, seven[2]!];
  const disguised = {
    secret: twin.secret,
    validator: { ...member('innocent', 900n).validator, publicKey: twin.validator.publicKey },
  };
  const set = setOf(disguised, second, third, member('stranger', 500n));
  const conflicting = lightBlock({ header: trusted.header, set });
  const attack = attackOf({ conflicting });
  assert.equal(attack.kind, 'lunatic');
  assert.deepEqual(attack.culprits, names(twin, second, third));
});

test('light-client §9: different rounds are amnesia, where signing both proves nothing', () => {
  const conflicting = fork({ signers: seven.slice(2), change: { transactionsRoot: other }, round: 1 });
  const attack = attackOf({ trusted: byFirstFive, conflicting });
  assert.equal(attack.kind, 'amnesia');
  assert.deepEqual(attack.culprits, []);
  assert.deepEqual(attack.signedBoth, names(...seven.slice(2, 5)));
});

test('light-client §9: old members of a changing set are found by their keys', () => {
  const sliding = bareChain(12, slidingSet(3));
  // Block 1 names 0123 as the next set; block 7's set is 2345. Members 2 and 3 are enough to convince from block 1.
  const [start, seventh] = [sliding[0]!, sliding[6]!];
  const [two, three] = [member('2', 10n), member('3', 10n)];
  const set = setOf(two, three, member('stranger', 5n));
  const conflicting = lightBlock({ header: { ...seventh.header }, set });
  const attack = attackOf({ common: start, trusted: seventh, conflicting });
  assert.equal(attack.kind, 'lunatic');
  assert.deepEqual(attack.culprits, names(two, three));
});

test('light-client §9.2: nobody is accused of one block, of other heights, by bad signatures or too few of them', () => {
  const conflicting = fork({ signers: seven.slice(2), change: { transactionsRoot: other } });
  const judge = (block: LightBlock, from = common): string =>
    codeOf(detectAttack({ common: from, trusted, conflicting: block, config }));
  assert.equal(judge(trusted), 'ATTACK_SAME_BLOCK');
  assert.equal(judge({ ...byFirstFive }), 'ATTACK_SAME_BLOCK');
  assert.equal(judge(chain[10]!), 'ATTACK_HEIGHT_DIFFERS');
  assert.equal(judge(conflicting, chain[9]!), 'LIGHT_HEIGHT_NOT_RISING');
  const [first, ...rest] = conflicting.commit.precommits;
  const precommits = [{ ...first!, signature: flipped(first!.signature) }, ...rest];
  assert.equal(judge({ ...conflicting, commit: { ...conflicting.commit, precommits } }), 'COMMIT_SIGNATURE_BAD');
  assert.equal(judge(fork({ signers: seven.slice(4), change: { transactionsRoot: other } })), 'COMMIT_POWER_LOW');
  const strangers = setOf(...['x', 'y', 'z'].map((name) => member(name, 10n)));
  assert.equal(judge(lightBlock({ header: trusted.header, set: strangers })), 'LIGHT_TRUST_INSUFFICIENT');
});

test('light-client §9.6: two traces are compared up to the first difference', () => {
  const conflicting = fork({ signers: seven, change: { transactionsRoot: other } });
  const trace = [chain[0]!, chain[4]!, chain[9]!, chain[11]!];
  const honest = (height: number): LightBlock => chain[height - 1]!;
  const lying = (height: number): LightBlock => (height >= 10 ? conflicting : honest(height));
  assert.equal(findConflict(trace, honest), null);
  assert.equal(
    findConflict(trace, () => null),
    null,
  );
  const conflict = findConflict(trace, lying);
  assert.deepEqual(conflict, { common: chain[4], trusted: chain[9], conflicting });
  assert.deepEqual(attackOf(conflict!).culprits, names(...seven));
  assert.equal(blockId(conflict!.common.header), blockId(common.header));
});
