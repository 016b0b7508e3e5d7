/** A conflict across changes of the set is narrowed to one that a single step judges (light-client §9.8). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockId, type Hash, type Height, type LightBlock, taggedHash } from '@synod/chain';
import fc from 'fast-check';
import {
  type Conflict,
  type ConflictPair,
  type ConflictStep,
  detectAttack,
  narrowConflict,
  narrowFurther,
} from '../../src/index.ts';
import {
  bareChain,
  codeOf,
  config,
  flipped,
  lightBlock,
  type Member,
  member,
  setOf,
  slidingSet,
} from './light-chain.ts';

const LENGTH = 40;
const SETS = slidingSet(2);
const own = bareChain(LENGTH, SETS);

/** The chain's own blocks below `from`, from there on others: signed by the sets of `forkSetAt`, which begin as the chain's own. */
function fork(from: Height, forkSetAt: (height: Height) => readonly Member[]): readonly LightBlock[] {
  const blocks = own.slice(0, from - 1);
  for (let height = from; height <= LENGTH; height++) {
    const stateRoot: Hash = taggedHash(`test/fork/${height}`, new Uint8Array(0));
    const header = { ...own[height - 1]!.header, stateRoot, lastBlockId: blockId(blocks.at(-1)!.header) };
    blocks.push(lightBlock({ header, set: forkSetAt(height), next: forkSetAt(height + 1) }));
  }
  return blocks;
}

/** Slides as the chain's own set does until `from`, and on to other members from there. */
function lyingSets(from: Height): (height: Height) => readonly Member[] {
  const strangers = Array.from({ length: 24 }, (_, index) => member(`stranger ${index}`, 10n));
  const base = Math.floor(from / 2);
  const liar = (index: number): Member => (index <= base + 3 ? member(String(index), 10n) : strangers[index - base]!);
  return (height) => setOf(...[0, 1, 2, 3].map((offset) => liar(Math.floor(height / 2) + offset)));
}

type Shown = (height: Height) => ConflictPair;

function narrow(conflict: Conflict, shown: Shown): { last: ConflictStep; asked: Height[] } {
  const asked: Height[] = [];
  let step = narrowConflict(conflict, config);
  while (step.kind === 'fetch') {
    asked.push(step.height);
    step = narrowFurther(step.search, shown(step.height));
  }
  return { last: step, asked };
}

const at = (blocks: readonly LightBlock[], height: Height): LightBlock => blocks[height - 1]!;
const showing =
  (other: readonly LightBlock[]): Shown =>
  (height) => ({ trusted: at(own, height), conflicting: at(other, height) });

test('light-client §9.8: whatever the height of the fork, the guilty of its first judged block are found', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: LENGTH - 1 }), fc.integer({ min: 1, max: 3 }), (from, start) => {
      const other = fork(from, lyingSets(from));
      const conflict = { common: at(own, start), ...showing(other)(LENGTH) };
      const { last, asked } = narrow(conflict, showing(other));
      assert.ok(last.kind === 'found', last.kind);
      const { common, trusted, conflicting } = last.conflict;
      assert.ok(common.header.height < from && trusted.header.height >= from);
      assert.deepEqual(
        [common, trusted, conflicting],
        [at(own, common.header.height), at(own, trusted.header.height), at(other, trusted.header.height)],
      );
      assert.equal(new Set(asked).size, asked.length, 'no height is asked for twice');
      const verdict = detectAttack({ ...last.conflict, config });
      assert.ok(verdict.ok, codeOf(verdict));
      assert.equal(verdict.attack.kind, 'lunatic');
      assert.ok(verdict.attack.culprits.length > 0);
    }),
    { numRuns: 25 },
  );
});

test('light-client §9.8: a conflict that one step judges asks for nothing', () => {
  const other = fork(10, SETS);
  const conflict = { common: at(own, 9), ...showing(other)(10) };
  assert.deepEqual(narrow(conflict, showing(other)), { last: { kind: 'found', conflict }, asked: [] });
});

test('light-client §9.8: a side whose way does not hold is named, and nobody is accused', () => {
  const other = fork(20, lyingSets(20));
  const conflict = { common: at(own, 1), ...showing(other)(LENGTH) };
  const [asked] = narrow(conflict, showing(other)).asked;
  const spoil = (block: LightBlock): LightBlock => {
    const [first, ...rest] = block.commit.precommits;
    const precommits = [{ ...first!, signature: flipped(first!.signature) }, ...rest];
    return { ...block, commit: { ...block.commit, precommits } };
  };
  for (const side of ['trusted', 'conflicting'] as const) {
    const { last } = narrow(conflict, (height) => {
      const pair = showing(other)(height);
      return height === asked ? { ...pair, [side]: spoil(pair[side]) } : pair;
    });
    assert.ok(last.kind === 'faulty');
    assert.deepEqual([last.side, last.refusal.code], [side, 'COMMIT_SIGNATURE_BAD']);
    const wrong = narrow(conflict, (height) => ({ ...showing(other)(height), [side]: at(own, height - 1) })).last;
    assert.ok(wrong.kind === 'faulty');
    assert.deepEqual([wrong.side, wrong.refusal.code], [side, 'LIGHT_HEIGHT_NOT_ASKED']);
  }
});

test('light-client §9.8: a fork by strangers from its first block on ends at a broken step, not in an accusation', () => {
  const strangers = setOf(...['x', 'y', 'z'].map((name) => member(name, 10n)));
  const other = fork(20, () => strangers);
  const { last } = narrow({ common: at(own, 1), ...showing(other)(LENGTH) }, showing(other));
  assert.ok(last.kind === 'faulty');
  assert.deepEqual([last.side, last.refusal.code], ['conflicting', 'LIGHT_SET_UNEXPECTED']);
});
