/**
 * The promise of the light client: while at most 1/3 of the power of every set is corrupt, no leap is accepted that the
 * honest chain contradicts, whatever the corrupt forge from their own keys and everybody's published signatures.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockId, type CommitPrecommit, type LightBlock, type PublicKey, taggedHash } from '@synod/chain';
import fc from 'fast-check';
import { startBisection, stepBisection, verifyAdjacent, verifySkipping } from '../../src/index.ts';
import {
  bareChain,
  codeOf,
  config,
  lightBlock,
  type Member,
  member,
  NOW_MS,
  setOf,
  slidingSet,
} from './light-chain.ts';

const HEIGHTS = 14;

/** Sets of four equal members of whom every fourth is corrupt: 1/4 of each set of neighbours. */
const setAt = slidingSet(3);
const honest = bareChain(HEIGHTS, setAt);
const corruptNames = ['0', '4', '8'];
const everybody = [...Array(10).keys()].map((index) => member(String(index), 10n));
const corrupt = everybody.filter((_, index) => corruptNames.includes(String(index)));
const helpers = ['x', 'y', 'z'].map((name) => member(name, 1000n));

type Forgery = {
  readonly height: number;
  /** Base of the forged header, and the honest block whose signatures are reused. */
  readonly source: number;
  readonly salt: number;
  readonly field: 'stateRoot' | 'resultsRoot' | 'transactionsRoot' | 'lastBlockId' | 'none';
  readonly ownSet: boolean;
  readonly members: readonly number[];
  readonly helpers: number;
  readonly round: number;
  readonly timeShift: number;
};

const forgery: fc.Arbitrary<Forgery> = fc.record({
  height: fc.integer({ min: 2, max: HEIGHTS }),
  source: fc.integer({ min: 1, max: HEIGHTS }),
  salt: fc.nat(1000),
  field: fc.constantFrom('stateRoot', 'resultsRoot', 'transactionsRoot', 'lastBlockId', 'none'),
  ownSet: fc.boolean(),
  members: fc.uniqueArray(fc.nat(9), { maxLength: 6 }),
  helpers: fc.nat(3),
  round: fc.nat(2),
  timeShift: fc.integer({ min: -3000, max: 3000 }),
});

/** Corrupt members and helpers sign the forged header; honest ones lend the signatures they published for their own. */
function forge(plan: Forgery): LightBlock {
  const base = honest[plan.height - 1]!.header;
  const salted = taggedHash(`forged/${plan.salt}`, new Uint8Array(0));
  const header = {
    ...base,
    time: base.time + plan.timeShift,
    ...(plan.field === 'none' ? {} : { [plan.field]: salted }),
  };
  const chosen = [...plan.members.map((index) => everybody[index]!), ...helpers.slice(0, plan.helpers)];
  const set = plan.ownSet && chosen.length > 0 ? setOf(...chosen) : setAt(plan.height);
  const signers = set.filter((one) => [...corrupt, ...helpers].some((bad) => isSame(bad, one)));
  const block = lightBlock({ header, set, signers, round: plan.round });
  const published = publishedBy(honest[plan.source - 1]!);
  const lent = set.flatMap(({ validator }, index) => {
    const precommit = published.get(validator.publicKey);
    const own = block.commit.precommits.find((one) => one.validator === index);
    return own !== undefined ? [own] : precommit === undefined ? [] : [{ ...precommit, validator: index }];
  });
  return { ...block, commit: { ...block.commit, precommits: plan.salt % 2 === 0 ? lent : block.commit.precommits } };
}

const isSame = (a: Member, b: Member): boolean => a.validator.publicKey === b.validator.publicKey;

function publishedBy({ commit, validators }: LightBlock): ReadonlyMap<PublicKey, CommitPrecommit> {
  return new Map(commit.precommits.map((one) => [validators[one.validator]!.publicKey, one]));
}

test('safety: the honest chain verifies block by block, so that it is the measure', () => {
  for (let i = 1; i < honest.length; i++) {
    const verdict = verifyAdjacent({ trusted: honest[i - 1]!, untrusted: honest[i]!, config, nowMs: NOW_MS });
    assert.equal(codeOf(verdict), 'OK');
  }
});

test('safety: no leap contradicts the honest chain', () => {
  fc.assert(
    fc.property(forgery, fc.integer({ min: 1, max: HEIGHTS - 1 }), (plan, from) => {
      const forged = forge(plan);
      const isHonest = blockId(forged.header) === blockId(honest[plan.height - 1]!.header);
      const verdict = verifySkipping({ trusted: honest[from - 1]!, untrusted: forged, config, nowMs: NOW_MS });
      assert.ok(!verdict.ok || isHonest, `a forged block ${plan.height} was accepted from ${from}`);
    }),
    { numRuns: 600 },
  );
});

test('safety: no bisection fed with forgeries among honest blocks verifies a forged one', () => {
  fc.assert(
    fc.property(
      fc.array(forgery, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 2, max: HEIGHTS }),
      (plans, target) => {
        const lies = new Map(plans.map((plan) => [plan.height, forge(plan)]));
        let { state, effects } = startBisection({ trusted: honest[0]!, targetHeight: target, config });
        while (state.awaited !== null) {
          ({ state, effects } = stepBisection(state, lies.get(state.awaited) ?? honest[state.awaited - 1]!, NOW_MS));
          for (const effect of effects) {
            if (effect.kind !== 'verified') continue;
            const { header } = effect.block;
            assert.equal(blockId(header), blockId(honest[header.height - 1]!.header));
          }
        }
        assert.ok(['done', 'failed'].includes(effects.at(-1)?.kind ?? ''));
      },
    ),
    { numRuns: 150 },
  );
});

test('safety: more than a third corrupt does convince from afar, so the property is not empty', () => {
  const set = setOf(...everybody.slice(2, 4), helpers[0]!);
  const forged = lightBlock({ header: honest[8]!.header, set });
  // Block 2 names 1234, of whom 2 and 3 are half.
  assert.equal(codeOf(verifySkipping({ trusted: honest[1]!, untrusted: forged, config, nowMs: NOW_MS })), 'OK');
});
