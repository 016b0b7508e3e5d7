/** Start-up's decision (consensus §1.7–§1.9), for every combination of facts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SynodError } from '@synod/chain';
import { bootOf, decideStartUp, genesisHead, type StartUpFacts } from '../../src/host/index.ts';
import { Lab } from './lab.ts';

const heights = [0, 1, 2, 3, 4, 5];
const keys: readonly StartUpFacts['key'][] = [
  null,
  ...[null, 'the file is missing'].flatMap((signStateProblem) =>
    [null, 3].map((forgottenHeight) => ({ signStateProblem, signedHeight: 2, forgottenHeight })),
  ),
];

const all: readonly StartUpFacts[] = heights.flatMap((stateHeight) =>
  heights.flatMap((storeHeight) =>
    [false, true].flatMap((isLogDamaged) => keys.map((key) => ({ stateHeight, storeHeight, isLogDamaged, key }))),
  ),
);

test('exactly two cases of store and state pass, whatever else was found', () => {
  assert.equal(all.length, 360);
  for (const facts of all) {
    const decision = decideStartUp(facts);
    const ahead = facts.storeHeight - facts.stateHeight;
    if (ahead === 0 || ahead === 1) {
      assert.ok(decision.kind === 'start');
      assert.equal(decision.appliesStored, ahead === 1);
    } else {
      assert.ok(decision.kind === 'stop');
      assert.equal(decision.code, 'DATABASE_DAMAGED');
      assert.match(decision.reason, new RegExp(`${facts.storeHeight}.*${facts.stateHeight}`));
    }
  }
});

test('only a whole log, a usable sign state and no forgotten signature let a key sign', () => {
  for (const facts of all) {
    const decision = decideStartUp(facts);
    if (decision.kind === 'stop') continue;
    const { key, isLogDamaged } = facts;
    const expected =
      key === null
        ? 'NO_KEY'
        : key.signStateProblem !== null
          ? 'SIGN_STATE_DAMAGED'
          : key.forgottenHeight !== null
            ? 'SIGN_STATE_OLD'
            : isLogDamaged
              ? 'LOG_DAMAGED'
              : null;
    assert.equal(decision.observes?.cause ?? null, expected);
  }
});

test('a reason says what, why and what to do', () => {
  const reasonOf = (key: StartUpFacts['key'], isLogDamaged: boolean): string => {
    const decision = decideStartUp({ stateHeight: 5, storeHeight: 5, isLogDamaged, key });
    return decision.kind === 'start' ? (decision.observes?.reason ?? '') : '';
  };
  const key = { signStateProblem: null, signedHeight: 2, forgottenHeight: null };
  assert.match(reasonOf({ ...key, forgottenHeight: 4 }, false), /block 4.*height 2.*sign twice.*newest copy/);
  assert.match(reasonOf(key, true), /log is damaged.*uncertain.*"wal".*sign state/);
  assert.match(reasonOf({ ...key, signStateProblem: 'it was changed' }, false), /it was changed/);
  assert.match(reasonOf(null, false), /no validator key/);
});

test('a damaged log and an older sign state start an observer; the chain goes on and the observer follows', () => {
  const lab = new Lab();
  const victim = lab.nodes[3]!;
  lab.runUntil(() => lab.heightEverywhere() >= 3, 20_000);
  for (const damage of ['log', 'old', 'lost'] as const) {
    victim.crash();
    if (damage === 'log') victim.isLogDamaged = true;
    else victim.replaceSignState(damage);
    victim.restart();
    const reason = { log: /log is damaged/, old: /is an older copy/, lost: /cannot be trusted: the file is missing/ };
    assert.match(victim.host!.observerReason ?? '', reason[damage]);
    const signed = victim.signatures;
    const height = lab.heightEverywhere();
    lab.runUntil(() => lab.heightEverywhere() >= height + 2, 20_000);
    assert.equal(victim.signatures, signed, `${damage}: an observer signed`);
    victim.crash();
    victim.replaceSignState('newest');
    victim.loseLog();
    victim.restart();
    assert.equal(victim.host!.observerReason, null);
    lab.runUntil(() => victim.signatures > signed, 20_000);
  }
});

test('a store that is two blocks ahead of its state is damage with a next step', () => {
  const lab = new Lab();
  const [node] = lab.nodes;
  lab.runUntil(() => lab.heightEverywhere() >= 2, 20_000);
  const { identity } = node!.host!;
  const found = {
    identity,
    head: genesisHead(node!.head.state),
    store: node!.store,
    storeHeight: 2,
    logRecords: [],
    isLogDamaged: false,
    signer: null,
    signStateProblem: null,
    peerId: 'node-0',
  };
  assert.throws(
    () => bootOf(found),
    ({ code, message }: SynodError) => code === 'DATABASE_DAMAGED' && /Restore the home folder/.test(message),
  );
  assert.equal(bootOf({ ...found, storeHeight: 1 }).unapplied?.height, 1);
  assert.equal(bootOf({ ...found, storeHeight: 0, logRecords: [Uint8Array.of(99)] }).walRecords.length, 0);
});

test('storage that failed ends the host with its error: no input has an effect after it, and nothing is signed', () => {
  const lab = new Lab();
  const victim = lab.nodes[3]!;
  lab.runUntil(() => lab.heightEverywhere() >= 2, 20_000);
  const error = new SynodError('STORE_WRITE_FAILED', 'The database could not be written. Free disk space.');
  assert.throws(() => victim.host!.handle({ kind: 'storageFailed', error }), error);
  const [{ signatures }, height] = [victim, victim.head.height];
  const others = lab.nodes.slice(0, 3);
  lab.runUntil(() => others.every(({ head }) => head.height >= height + 3), 60_000);
  assert.deepEqual([victim.signatures, victim.head.height], [signatures, height]);
});
