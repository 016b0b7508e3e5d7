/** Nodes that lose their logs, or the end of them, and keep their sign states (consensus §1.7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeProposal, decodeVote, type Hash, type Vote } from '@synod/chain';
import { decodeProposalMessage } from '../../src/host/index.ts';
import { decodeDirect } from '../../src/host/messages.ts';
import { Lab } from './lab.ts';

/** Sees every vote and proposal that any node sends, and what any key signed for one slot. */
class Ears {
  readonly contents = new Map<string, Set<string>>();
  precommits = 0;

  readonly hear = (topic: string, bytes: Uint8Array): void => {
    if (topic === 'votes') return this.#onVote(decodeVote(bytes));
    const message = topic === 'direct' ? decodeDirect(bytes) : null;
    if (message?.kind === 'vote') return this.#onVote(decodeVote(message.vote));
    const proposal = topic === 'proposals' ? decodeProposalMessage(bytes)?.proposal : undefined;
    const decoded = proposal === undefined ? null : decodeProposal(proposal);
    if (!decoded?.ok) return;
    const { height, round, proposer, blockId, polRound } = decoded.value;
    this.#add(`${height}/${round}/propose/${proposer}`, `${blockId} ${polRound}`);
  };

  #onVote(decoded: { readonly ok: boolean; readonly value?: Vote }): void {
    if (!decoded.ok || decoded.value === undefined) return;
    const { height, round, type, validator, blockId } = decoded.value;
    this.#add(`${height}/${round}/${type}/${validator}`, blockId ?? 'nil');
    if (type === 'precommit' && blockId !== null) this.precommits += 1;
  }

  #add(slot: string, content: string): void {
    this.contents.set(slot, (this.contents.get(slot) ?? new Set()).add(content));
  }

  assertOneContentASlot(): void {
    for (const [slot, contents] of this.contents)
      assert.equal(contents.size, 1, `${slot}: ${[...contents].join(', ')}`);
  }
}

function crashAllAndLoseLogs(lab: Lab, keptRecords: (index: number) => number = () => 0): void {
  for (const node of lab.nodes) {
    node.crash();
    node.loseLog(keptRecords(node.index));
  }
  for (const node of lab.nodes) node.boot();
  for (const a of lab.nodes) for (const b of lab.nodes) if (a !== b) a.connect(b);
}

function assertOneChain(lab: Lab): void {
  for (let height = 1; height <= lab.heightEverywhere(); height++) {
    const hashes = new Set<Hash | undefined>(lab.nodes.map((node) => node.store.block(height)?.hash));
    assert.equal(hashes.size, 1, `blocks differ at height ${height}`);
  }
}

function roundsAbove(lab: Lab, height: number): number[] {
  return lab.nodes.flatMap((node) =>
    node.events.flatMap((event) => (event.kind === 'blockApplied' && event.height > height ? [event.round] : [])),
  );
}

for (const [validators, moments] of [
  [4, 16],
  [7, 8],
] as const) {
  test(`all ${validators} nodes lose their logs at any point after precommitting, and decide one value soon`, () => {
    for (let moment = 0; moment < moments; moment++) {
      const ears = new Ears();
      // Some votes are late, so that at the crash some have locked or decided and others have not.
      const lab = new Lab({
        validators,
        onMessage: ears.hear,
        delay: ({ from, to }) => 5 + ((moment * 7 + from * 13 + to * 29) % 60),
      });
      lab.runUntil(() => lab.heightEverywhere() >= 2, 20_000);
      const before = ears.precommits;
      lab.runUntil(() => ears.precommits > before + ((moment * 3) % (2 * validators)), 20_000);
      const height = Math.max(...lab.nodes.map((node) => node.head.height));
      crashAllAndLoseLogs(lab, (index) => (moment < moments / 2 ? 0 : (moment + index) % 4));
      lab.runUntil(() => lab.heightEverywhere() >= height + 2, 20_000);
      assertOneChain(lab);
      ears.assertOneContentASlot();
      assert.ok(Math.max(...roundsAbove(lab, height)) <= 3, `moment ${moment}: ${roundsAbove(lab, height)}`);
    }
  });
}

test('a lock survives the log: what three precommitted and nobody decided is what is decided', () => {
  for (const lockedCount of [1, 2, 3]) {
    // Precommits reach nobody, and prevotes only some: those lock, and no one decides.
    let isCut = false;
    const lab = new Lab({
      delay: ({ to, bytes }) => {
        const vote = decodeVote(bytes);
        if (!isCut || !vote.ok) return isCut && decodeDirect(bytes) !== null ? null : 5;
        return vote.value.type === 'precommit' || to >= lockedCount ? null : 5;
      },
    });
    lab.runUntil(() => lab.heightEverywhere() >= 2, 20_000);
    isCut = true;
    const locked = () =>
      lab.nodes.flatMap((node) => {
        const state = node.host?.runner.state;
        return state?.machine.lockedValue == null ? [] : [state.machine.lockedValue];
      });
    const height = lab.heightEverywhere();
    lab.runUntil(() => lab.heightEverywhere() === lab.nodes[0]!.head.height && locked().length >= lockedCount, 20_000);
    const [value] = locked();
    assert.equal(new Set(locked()).size, 1);
    isCut = false;
    crashAllAndLoseLogs(lab);
    assert.deepEqual(new Set(locked()), new Set([value]));
    assert.equal(locked().length, lockedCount);
    lab.runUntil(() => lab.heightEverywhere() >= height + 2, 20_000);
    assert.ok(lab.nodes.every((node) => [height + 1, height + 2].some((at) => node.store.block(at)?.hash === value)));
    assertOneChain(lab);
  }
});

test('a node whose sign state is ahead of its chain only follows until its chain is there', () => {
  const lab = new Lab();
  const victim = lab.nodes[3]!;
  lab.runUntil(() => lab.heightEverywhere() >= 5, 20_000);
  victim.crash();
  victim.loseDatabase();
  victim.restart();
  assert.equal(victim.host!.runner.state!.config.self, null);
  lab.runUntil(() => victim.head.height >= 8, 20_000);
  assert.equal(victim.host!.runner.state!.config.self, victim.operator);
  assertOneChain(lab);
});

test('refused votes do not halt the network: each step runs into its timeout, and the next round is signed', () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 3, 20_000);
  const height = lab.heightEverywhere();
  for (const node of lab.nodes) node.refusesRoundsBelow = 2;
  lab.runUntil(() => lab.heightEverywhere() >= height + 1, 20_000);
  const round = roundsAbove(lab, height)[0]!;
  assert.ok(round >= 2 && round <= 3, `round ${round}`);
  assertOneChain(lab);
});
