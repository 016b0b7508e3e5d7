/** Sets that change while the chain runs (consensus §1.14, staking §4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  buildBlock,
  checkSupply,
  eligibleGroups,
  extensionsRoot,
  lastCommitRoot,
  readUpdates,
  readValidatorRecord,
  readValidatorsAt,
  sign,
  transactionId,
  type Vote,
  validatorsHash,
  voteSignBytes,
} from '../../src/index.ts';
import { CHAIN_ID, generated, SYN, type TestChain, type TestValidator, user } from '../test-chain.ts';
import { create, powersAt, runTo, stakingChain } from './staker.ts';

test('staking §4.1: what an epoch ends with at H acts at H + 2, and header H + 1 names it as next', () => {
  const chain = stakingChain();
  const [newcomer] = chain.newcomers;
  assert.deepEqual(chain.codes(create(chain, newcomer!)), ['OK']);
  runTo(chain, 3);
  const before = validatorsHash(chain.setOf(4));
  assert.equal(chain.setOf(5).length, 4);
  const { events } = chain.next();
  const changes = events.filter(({ type }) => type !== 'epoch.rewarded');
  assert.deepEqual(changes, [{ type: 'validators.changed', from: 6 }]);
  assert.equal(chain.block!.header.nextValidatorsHash, before);
  const after = validatorsHash(chain.setOf(6));
  assert.notEqual(after, before);
  assert.equal(powersAt(chain, 6).get(newcomer!.address), 10n);
  assert.equal(powersAt(chain, 5).has(newcomer!.address), false);
  chain.next();
  assert.equal(chain.block!.header.validatorsHash, before);
  assert.equal(chain.block!.header.nextValidatorsHash, after);
  chain.next();
  assert.equal(chain.block!.header.validatorsHash, after);
  // The last commit of block 6 is still by the four of height 5, that of block 7 by the five.
  assert.equal(chain.block!.lastCommit!.precommits.length, 4);
  chain.next();
  assert.equal(chain.block!.lastCommit!.precommits.length, 5);
  assert.ok(checkSupply(chain.state).ok);
});

test('staking §4.1: a header that names another next set is refused', () => {
  const chain = stakingChain();
  chain.next({ transactions: [create(chain, chain.newcomers[0]!)] });
  runTo(chain, 4);
  const { block } = buildBlock(chain.buildInput());
  const stale = { ...block, header: { ...block.header, nextValidatorsHash: block.header.validatorsHash } };
  const verdict = chain.validate(stale);
  assert.equal(verdict.ok ? 'OK' : verdict.code, 'BLOCK_NEXT_VALIDATORS_HASH');
});

test('staking §4.2: a commit is judged by the set of its own height', () => {
  const chain = stakingChain();
  chain.next({ transactions: [create(chain, chain.newcomers[0]!)] });
  runTo(chain, 5);
  const { block } = buildBlock(chain.buildInput());
  const [known] = block.lastCommit!.precommits;
  const extra = { ...block.lastCommit!, precommits: [...block.lastCommit!.precommits, { ...known!, validator: 4 }] };
  assert.equal(chain.setOf(6).length, 5);
  const swollen = buildHeader(chain, extra);
  const verdict = chain.validate(swollen);
  assert.equal(verdict.ok ? 'OK' : verdict.code, 'COMMIT_ORDER');
});

/** The block as it would be with another last commit under right roots. */
function buildHeader(chain: TestChain, lastCommit: NonNullable<ReturnType<TestChain['commit']>>) {
  const built = buildBlock(chain.buildInput()).block;
  return {
    ...built,
    lastCommit,
    header: { ...built.header, lastCommitRoot: lastCommitRoot(lastCommit), extensionsRoot: extensionsRoot(lastCommit) },
  };
}

test('staking §4.3: newcomers start behind everybody and count as having just signed', () => {
  const chain = stakingChain();
  const [newcomer] = chain.newcomers;
  chain.next({ transactions: [create(chain, newcomer!)] });
  runTo(chain, 5);
  const record = readValidatorRecord(chain.state);
  const entry = record.rotation.find(({ operator }) => operator === newcomer!.address)!;
  const { address: operator } = newcomer!;
  assert.deepEqual(entry, { operator, priority: -56n, lastSignedHeight: 5, lastFailedHeight: 0 });
  const makers = Array.from({ length: 20 }, () => {
    chain.next();
    return chain.block!.header.proposer;
  });
  assert.equal(makers.slice(0, 4).includes(newcomer!.address), false);
  const turns = makers.filter((maker) => maker === newcomer!.address).length;
  assert.ok(turns >= 3 && turns <= 4, `${turns} turns of 20`);
});

test('staking §4.4: a large newcomer comes in by thirds, one height after the other', () => {
  const chain = stakingChain();
  const [newcomer] = chain.newcomers;
  chain.next({ transactions: [create(chain, newcomer!, { bond: 100n * SYN })] });
  runTo(chain, 4);
  const seen = [6, 7, 8, 9, 10].map((height) => {
    runTo(chain, height - 2);
    return powersAt(chain, height).get(newcomer!.address);
  });
  // A third of 40, 53, 70, 93: 13 + 17 + 23 + 31 + 16.
  assert.deepEqual(seen, [13n, 30n, 53n, 84n, 100n]);
  assert.deepEqual(readUpdates(chain.state), []);
});

test('staking §4.5: old sets are known as far as evidence reaches, and evidence is judged by them', () => {
  const chain = stakingChain();
  const [newcomer] = chain.newcomers as [TestValidator];
  chain.next({ transactions: [create(chain, newcomer)] });
  runTo(chain, 7);
  const twice = (height: number) => {
    const vote = (blockId: Vote['blockId']): Vote => {
      const content = { type: 'prevote' as const, height, round: 0, blockId };
      const signature = sign(newcomer.consensus.secret, voteSignBytes(CHAIN_ID, content));
      return { ...content, validator: newcomer.address, signature, extension: null };
    };
    return { kind: 'duplicate.vote' as const, first: vote(chain.parent.blockId), second: vote(null) };
  };
  const codeOf = (height: number) => {
    const { block } = buildBlock(chain.buildInput({ evidence: [twice(height)] }));
    return block.evidence.length;
  };
  // Nobody knew the newcomer at height 5.
  assert.deepEqual([5, 6, 7].map(codeOf), [0, 1, 1]);
  assert.equal(readValidatorsAt(chain.state, 0), null);
  assert.equal(readValidatorsAt(chain.state, 10), null);
  assert.equal(readValidatorsAt(chain.state, 9)?.length, 5);
  assert.equal(readValidatorsAt(chain.state, 1)?.length, 4);
});

test('staking §4.2: score items belong to whom the place meant in the set of the commit', () => {
  const chain = stakingChain();
  const last = chain.validators.at(-1)!;
  const newcomer = chain.newcomers.find(({ address }) => address < last.address)!;
  const opening = chain.transaction(user, { type: 'query.open', contract: chain.contract() });
  chain.next({ transactions: [create(chain, newcomer), opening] });
  const id = transactionId(opening.body);
  chain.next();
  chain.answer(id, [generated('one'), generated('two')]);
  chain.next();
  assert.deepEqual([chain.setOf(5).length, chain.setOf(6).length], [4, 5]);
  const scores = eligibleGroups(chain.query(id), last.address).map((group) => ({ group, score: 500_000 }));
  const { events } = chain.next({ items: new Map([[3, [chain.scoreCommit(id, 3, scores)]]]) });
  assert.equal(chain.height, 6);
  assert.deepEqual(
    events.find(({ type }) => type === 'score.committed'),
    { type: 'score.committed', queryId: id, validator: last.address },
  );
});
