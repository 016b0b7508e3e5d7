/** The watch for another node with the same key (keys §6): its decision over heights, and whole networks of production hosts. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import type { PublicKey } from '@synod/chain';
import fc from 'fast-check';
import { Doppelganger, ECHO_HEIGHTS } from '../../src/host/index.ts';
import { Lab, type LabNode } from './lab.ts';

const settings = { watchHeights: 3, recentHeights: 5 };
const key = 'aa'.repeat(32) as PublicKey;
const facts = { key, signedHeight: 0, isBehind: false };

/** What each height gives: `s` signs, or how many are left. */
function run(heights: readonly number[], given: Partial<typeof facts> = {}): string {
  const watch = new Doppelganger(settings);
  return heights
    .map((height) => {
      const step = watch.onHeight(height, { ...facts, ...given });
      return step.kind === 'signs' ? 's' : String(step.left);
    })
    .join(' ');
}

test('a young chain and a proven restart sign at once; others count down and then sign', () => {
  assert.equal(run([1, 2, 3, 4, 5]), 's s s s s', 'nobody can be waited for at a first start');
  assert.equal(run([20, 21], { signedHeight: 15 }), 's 5', 'proven up to five heights');
  assert.equal(run([20, 21, 22, 23, 24, 25, 26, 29, 30]), '5 4 3 2 1 s s s s');
  assert.equal(run([20, 21], { key: null as unknown as PublicKey }), 's s', 'nothing to sign with');
});

test('signatures that came with a backup prove nothing, those after it do', () => {
  const watch = new Doppelganger({ ...settings, unprovenUpTo: 19 });
  const kinds = [20, 21, 22, 23, 24, 25, 26].map(
    (height) => watch.onHeight(height, { ...facts, signedHeight: 19 }).kind,
  );
  assert.deepEqual(kinds, ['watches', 'watches', 'watches', 'watches', 'watches', 'signs', 'signs']);
  assert.equal(watch.onHeight(31, { ...facts, signedHeight: 30 }).kind, 'signs');
});

test('heights that were fetched do not count', () => {
  assert.equal(run([20, 21, 40, 41, 42, 43, 44, 45]), '5 4 5 4 3 2 1 s', 'a jump begins it anew');
  assert.equal(run([20, 21, 22, 23, 24, 25, 26], { isBehind: true }), '5 5 5 5 5 5 5');
  const watch = new Doppelganger(settings);
  const step = (height: number, signedHeight: number) => watch.onHeight(height, { ...facts, signedHeight }).kind;
  assert.deepEqual(
    [step(20, 20), step(21, 20), step(60, 21)],
    ['signs', 'signs', 'watches'],
    'away for long in the midst of a run',
  );
});

test('only later messages of the key are foreign: the first heights may echo this home’s own past', () => {
  const watch = new Doppelganger(settings);
  assert.equal(watch.isForeign(30, key), false, 'it does not watch');
  watch.onHeight(20, facts);
  assert.equal(ECHO_HEIGHTS, 2);
  for (const [height, isForeign] of [
    [19, false],
    [20, false],
    [21, false],
    [22, true],
    [23, true],
  ] as const)
    assert.equal(watch.isForeign(height, key), isForeign, String(height));
  assert.equal(watch.isForeign(23, 'bb'.repeat(32) as PublicKey), false);
});

test('whatever heights come, nothing is signed before it was proven, cleared, or watched whole', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ up: fc.integer({ min: 1, max: 3 }), isBehind: fc.boolean() }), { maxLength: 40 }),
      (steps) => {
        const watch = new Doppelganger(settings);
        let [height, live, isCleared] = [100, 0, false];
        for (const { up, isBehind } of steps) {
          height += up;
          const isWatched = !isBehind && up === 1 && live > 0;
          live = isWatched ? live + 1 : 1;
          const step = watch.onHeight(height, { ...facts, isBehind });
          if (step.kind === 'signs' && !isCleared) {
            assert.ok(live > settings.watchHeights + ECHO_HEIGHTS, `${live} heights were watched`);
            isCleared = true;
          }
          if (isCleared) break;
        }
      },
    ),
  );
});

const network = { doppelganger: { watchHeights: 3, recentHeights: 4 } };
const WATCHES = /watching for another node with this key/;

function said(node: LabNode, text: RegExp): number {
  return node.events.filter((event) => event.kind === 'log' && text.test(event.message)).length;
}

/** The disk of the home is another machine's: neither log nor sign state, but the chain. */
function wipe(node: LabNode): void {
  rmSync(node.home, { recursive: true, force: true });
  node.loseDatabase();
}

test('a home without a record watches, then signs; with a record it signs at once', () => {
  const lab = new Lab(network);
  const victim = lab.nodes[3]!;
  lab.runUntil(() => lab.heightEverywhere() >= 8, 60_000);
  for (const node of lab.nodes) assert.equal(said(node, WATCHES), 0, 'nobody watches at the start of a chain');
  victim.crash();
  victim.restart();
  lab.runUntil(() => lab.heightEverywhere() >= 10, 60_000);
  assert.equal(said(victim, WATCHES), 0, 'a proven restart');
  assert.equal(victim.host!.observerReason, null);

  victim.crash();
  wipe(victim);
  const signed = victim.signatures;
  victim.restart();
  lab.runUntil(() => said(victim, WATCHES) > 0 && victim.head.height > 10, 60_000);
  assert.match(victim.host!.observerReason ?? '', /watches for \d more blocks.*last 4 blocks: it has signed nothing/);
  assert.equal(victim.signatures, signed, 'nothing is signed meanwhile');
  lab.runUntil(() => said(victim, /nobody else signs with this key/) > 0, 60_000);
  assert.ok(victim.signatures === signed);
  lab.runUntil(() => victim.signatures > signed + 4, 60_000);
  assert.equal(victim.host!.observerReason, null);
});

test('a node whose key signs elsewhere stays an observer and says why', () => {
  // The fifth node has the keys of the fourth, and nothing of what it signed.
  const lab = new Lab({ ...network, observers: 1 });
  const twin = lab.nodes[4]!;
  lab.runUntil(() => lab.heightEverywhere() >= 8, 60_000);
  twin.crash();
  twin.useKeysOf(3);
  // With blocks on its disk, start-up would find the other's signatures there (consensus §1.7).
  twin.loseDatabase();
  twin.restart();
  lab.runUntil(() => said(twin, /stops signing and observes/) > 0, 60_000);
  assert.match(
    twin.host!.observerReason ?? '',
    /another node signs with this validator's key: a message of height \d+/,
  );
  const head = lab.heightEverywhere();
  lab.runUntil(() => lab.heightEverywhere() >= head + 8, 60_000);
  assert.equal(twin.signatures, 0, 'it never signed');
  assert.equal(said(twin, /nobody else signs/), 0);
  assert.ok(lab.nodes.every((node) => said(node, /double signing/) === 0));
});

test('a chain that stands still without the watcher goes on when nobody was seen for long enough', () => {
  const lab = new Lab({ ...network, validators: 3 });
  lab.runUntil(() => lab.heightEverywhere() >= 8, 60_000);
  const victim = lab.nodes[2]!;
  victim.crash();
  lab.runFor(5_000);
  const stopped = lab.nodes[0]!.head.height;
  wipe(victim);
  victim.restart();
  lab.runUntil(() => said(victim, WATCHES) > 0 && victim.head.height >= stopped, 60_000);
  // Three of three are needed: only time can end the watch.
  lab.runUntil(() => lab.heightEverywhere() >= stopped + 5, 400_000);
  assert.equal(victim.host!.observerReason, null);
});

test('one peer that claims to be ahead keeps nobody from signing', () => {
  const lab = new Lab({
    ...network,
    alter: (message, from) => (message.kind === 'status' && from === 0 ? { ...message, height: 1_000_000 } : message),
  });
  const victim = lab.nodes[3]!;
  lab.runUntil(() => lab.heightEverywhere() >= 8, 60_000);
  victim.crash();
  wipe(victim);
  victim.restart();
  lab.runUntil(() => said(victim, WATCHES) > 0, 60_000);
  lab.runUntil(() => said(victim, /nobody else signs with this key/) > 0, 60_000);
  lab.runUntil(() => victim.host!.observerReason === null, 1_000);
});
