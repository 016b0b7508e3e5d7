/** Steps of trust: honest chains pass one by one and by leaps; each way to spoil a block is refused with its own code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockId, type Hash, type LightBlock } from '@synod/chain';
import {
  lightBlockProblem,
  verifyAdjacent,
  verifyBackward,
  verifyCheckpoint,
  verifySkipping,
} from '../../src/index.ts';
import {
  bareChain,
  bareHeader,
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

const real = realChain(14);
const four = setOf(...['a', 'b', 'c', 'd'].map((name) => member(name, 10n)));
const constant = bareChain(14, () => four);
const sliding = bareChain(14, slidingSet(4));
const at = (blocks: readonly LightBlock[], height: number): LightBlock => blocks[height - 1]!;
const step = (trusted: LightBlock, untrusted: LightBlock, nowMs = NOW_MS, own = config) => ({
  trusted,
  untrusted,
  config: own,
  nowMs,
});

test('light-client §3: a real chain of 14 heights passes one by one and from anywhere to anywhere', () => {
  const { blocks } = real;
  for (let i = 1; i < blocks.length; i++) {
    assert.deepEqual(verifyAdjacent(step(blocks[i - 1]!, blocks[i]!)), { ok: true });
    for (let j = 0; j < i; j++) assert.deepEqual(verifySkipping(step(blocks[j]!, blocks[i]!)), { ok: true });
  }
});

test('light-client §3: sets that change pass while more than a third of the trusted next set signs', () => {
  for (let i = 1; i < sliding.length; i++)
    assert.equal(codeOf(verifyAdjacent(step(sliding[i - 1]!, sliding[i]!))), 'OK');
  // Set of heights 1–3: 0123; 4–7: 1234; 8–11: 2345; 12–15: 3456.
  assert.equal(codeOf(verifySkipping(step(at(sliding, 1), at(sliding, 8)))), 'OK');
  assert.equal(codeOf(verifySkipping(step(at(sliding, 1), at(sliding, 12)))), 'LIGHT_TRUST_INSUFFICIENT');
  // The next set counts, not the own: block 3 is of 0123 and names 1234.
  assert.equal(codeOf(verifySkipping(step(at(sliding, 2), at(sliding, 12)))), 'LIGHT_TRUST_INSUFFICIENT');
  assert.equal(codeOf(verifySkipping(step(at(sliding, 3), at(sliding, 12)))), 'OK');
});

test('light-client §3.4: exactly a third is too little', () => {
  const [a, b, c] = [member('a', 10n), member('b', 10n), member('c', 10n)];
  const trusted = lightBlock({ header: bareHeader(1, blockId(at(constant, 1).header), a), set: setOf(a, b, c) });
  const far = (...members: readonly Member[]): LightBlock =>
    lightBlock({ header: bareHeader(9, blockId(trusted.header), a), set: setOf(...members) });
  const third = verifySkipping(step(trusted, far(a, member('x', 1n), member('y', 1n))));
  assert.equal(codeOf(third), 'LIGHT_TRUST_INSUFFICIENT');
  assert.equal(codeOf(verifySkipping(step(trusted, far(a, b, member('x', 1n))))), 'OK');
});

test("light-client §3.4: only signers count, with the trusted set's power, each once", () => {
  const [a, b, c, d] = four as [Member, Member, Member, Member];
  const trusted = at(constant, 1);
  const strangers = ['x', 'y', 'z'].map((name) => member(name, 1000n));
  const header = bareHeader(9, blockId(trusted.header), a);
  const listed = lightBlock({ header, set: setOf(a, b, c, d, ...strangers), signers: strangers });
  assert.equal(codeOf(verifySkipping(step(trusted, listed))), 'LIGHT_TRUST_INSUFFICIENT');
  // A key under two names would double its weight, so such a set is none.
  const twice = setOf(a, { ...member('z', 9n), ...keyOf(a, member('z', 9n)) });
  const block = lightBlock({ header, set: twice });
  assert.equal(lightBlockProblem(block, config)?.code, 'LIGHT_SET_MALFORMED');
  assert.equal(codeOf(verifySkipping(step(trusted, block))), 'LIGHT_TRUST_INSUFFICIENT');
});

function keyOf(owner: Member, named: Member): Member {
  return { secret: owner.secret, validator: { ...named.validator, publicKey: owner.validator.publicKey } };
}

test('light-client §2: a block that does not hold together is refused', () => {
  const good = at(constant, 5);
  const { header, commit, validators } = good;
  const [first] = commit.precommits;
  const cases: readonly (readonly [string, Partial<LightBlock>])[] = [
    ['LIGHT_CHAIN_ID', { header: { ...header, chainId: 'other' } }],
    ['LIGHT_HEADER_MALFORMED', { header: { ...header, height: 0 } }],
    ['LIGHT_SET_MALFORMED', { validators: [...validators].reverse() }],
    ['LIGHT_SET_MALFORMED', { validators: [] }],
    // One operator under two keys.
    ['LIGHT_SET_MALFORMED', { validators: validators.map((one) => ({ ...one, operator: validators[0]!.operator })) }],
    ['LIGHT_SET_MALFORMED', { validators: validators.map((one, i) => (i === 0 ? { ...one, power: 0n } : one)) }],
    ['LIGHT_SET_MALFORMED', { validators: validators.map((one) => ({ ...one, power: 1n << 59n })) }],
    ['LIGHT_VALIDATORS_HASH', { validators: validators.slice(1) }],
    ['LIGHT_VALIDATORS_HASH', { validators: validators.map((one) => ({ ...one, power: 11n })) }],
    ['LIGHT_NEXT_VALIDATORS_HASH', { nextValidators: validators.slice(1) }],
    ['LIGHT_NEXT_VALIDATORS_HASH', { header: { ...header, nextValidatorsHash: 'ab'.repeat(32) as Hash } }],
    ['LIGHT_COMMIT_OF_OTHER_BLOCK', { header: { ...header, stateRoot: 'ab'.repeat(32) as Hash } }],
    ['LIGHT_COMMIT_OF_OTHER_BLOCK', { header: { ...header, time: -1 } }],
    ['LIGHT_COMMIT_OF_OTHER_BLOCK', { commit: at(constant, 6).commit }],
    ['COMMIT_POWER_LOW', { commit: { ...commit, precommits: commit.precommits.slice(0, 2) } }],
    [
      'COMMIT_SIGNATURE_BAD',
      {
        commit: {
          ...commit,
          precommits: [{ ...first!, signature: flipped(first!.signature) }, ...commit.precommits.slice(1)],
        },
      },
    ],
    ['COMMIT_SIGNATURE_BAD', { commit: { ...commit, round: 1 } }],
  ];
  for (const [code, change] of cases) {
    const block = { ...good, ...change };
    assert.equal(lightBlockProblem(block, config)?.code, code);
    // Where the fault does not show in the step, it shows behind it: no spoilt block is accepted either way.
    for (const trusted of [at(constant, 4), at(constant, 1)]) {
      assert.notEqual(codeOf(verifySkipping(step(trusted, block))), 'OK', code);
    }
  }
  assert.equal(lightBlockProblem(good, config), null);
});

test('light-client §3.2: heights and times must rise, chain and version stay', () => {
  const [five, six] = [at(constant, 5), at(constant, 6)];
  assert.equal(codeOf(verifySkipping(step(six, five))), 'LIGHT_HEIGHT_NOT_RISING');
  assert.equal(codeOf(verifySkipping(step(five, five))), 'LIGHT_HEIGHT_NOT_RISING');
  assert.equal(codeOf(verifyAdjacent(step(five, at(constant, 7)))), 'LIGHT_HEIGHT_NOT_ADJACENT');
  const remade = (change: Partial<LightBlock['header']>): LightBlock =>
    lightBlock({ header: { ...at(constant, 9).header, ...change }, set: four });
  assert.equal(codeOf(verifySkipping(step(five, remade({ time: five.header.time })))), 'LIGHT_TIME_NOT_RISING');
  assert.equal(codeOf(verifySkipping(step(five, remade({ time: five.header.time + 1 })))), 'OK');
  assert.equal(codeOf(verifySkipping(step(five, remade({ protocolVersion: 2 })))), 'LIGHT_VERSION');
  assert.equal(codeOf(verifySkipping(step(five, remade({ chainId: 'other' })))), 'LIGHT_CHAIN_ID');
});

test('light-client §3.3: the next height keeps the link and the set that its parent names', () => {
  const trusted = at(constant, 5);
  const others = setOf(...four.slice(1), member('x', 1n));
  const header = bareHeader(6, blockId(trusted.header), four[0]!);
  assert.equal(codeOf(verifyAdjacent(step(trusted, lightBlock({ header, set: others })))), 'LIGHT_SET_UNEXPECTED');
  // Skipping to the next height is no way around it.
  assert.equal(codeOf(verifySkipping(step(trusted, lightBlock({ header, set: others })))), 'LIGHT_SET_UNEXPECTED');
  const broken = lightBlock({ header: bareHeader(6, 'ab'.repeat(32) as Hash, four[0]!), set: four });
  assert.equal(codeOf(verifyAdjacent(step(trusted, broken))), 'LIGHT_LINK_BROKEN');
  const strangers = setOf(...['x', 'y', 'z'].map((name) => member(name, 10n)));
  const forged = lightBlock({ header: bareHeader(9, blockId(trusted.header), strangers[0]!), set: strangers });
  assert.equal(codeOf(verifySkipping(step(trusted, forged))), 'LIGHT_TRUST_INSUFFICIENT');
});

test('light-client §3.5: expired trust and headers from the future, to the millisecond', () => {
  const [one, nine] = [at(constant, 1), at(constant, 9)];
  const expires = one.header.time + config.trustingPeriodMs;
  assert.equal(codeOf(verifySkipping(step(one, nine, expires))), 'LIGHT_TRUST_EXPIRED');
  assert.equal(codeOf(verifySkipping(step(one, nine, expires - 1))), 'OK');
  const early = nine.header.time - config.clockDriftMsMax;
  assert.equal(codeOf(verifySkipping(step(one, nine, early))), 'LIGHT_HEADER_FROM_FUTURE');
  assert.equal(codeOf(verifySkipping(step(one, nine, early + 1))), 'OK');
  assert.equal(codeOf(verifyAdjacent(step(one, at(constant, 2), expires))), 'LIGHT_TRUST_EXPIRED');
});

test('light-client §3.1: a checkpoint takes exactly its own block', () => {
  const block = at(constant, 5);
  const checkpoint = { height: 5, hash: blockId(block.header) };
  assert.equal(codeOf(verifyCheckpoint({ checkpoint, block, config })), 'OK');
  assert.equal(codeOf(verifyCheckpoint({ checkpoint, block: at(constant, 6), config })), 'CHECKPOINT_HEIGHT_DIFFERS');
  const fork = lightBlock({ header: { ...block.header, time: block.header.time + 1 }, set: four });
  assert.equal(codeOf(verifyCheckpoint({ checkpoint, block: fork, config })), 'CHECKPOINT_HASH_DIFFERS');
  const unsigned = { ...block, commit: { ...block.commit, precommits: [] } };
  assert.equal(codeOf(verifyCheckpoint({ checkpoint, block: unsigned, config })), 'COMMIT_POWER_LOW');
});

test('light-client §4: links lead back from a checkpoint, and break where anything is changed or left out', () => {
  const headers = constant.map(({ header }) => header);
  const checkpoint = { height: 9, hash: blockId(headers[8]!) };
  const back = (header = headers[3]!, above = headers.slice(4, 9)): string =>
    codeOf(verifyBackward({ checkpoint, header, above }));
  assert.equal(back(), 'OK');
  assert.equal(back(headers[8], []), 'OK');
  assert.equal(back({ ...headers[3]!, time: 1 }), 'LIGHT_LINK_BROKEN');
  assert.equal(back(headers[3], headers.slice(4, 8)), 'CHECKPOINT_HEIGHT_DIFFERS');
  assert.equal(back(headers[3], headers.slice(5, 9)), 'LIGHT_HEIGHT_NOT_ADJACENT');
  assert.equal(back(headers[3], [...headers.slice(4, 8), { ...headers[8]!, time: 1 }]), 'CHECKPOINT_HASH_DIFFERS');
  const middle = { ...headers[5]!, stateRoot: 'ab'.repeat(32) as Hash };
  assert.equal(back(headers[3], [headers[4]!, middle, ...headers.slice(6, 9)]), 'LIGHT_LINK_BROKEN');
});
