import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressOf,
  type Block,
  blockId,
  checkSupply,
  decodeBlock,
  type Evidence,
  encodeBlock,
  encodeEvidence,
  type Hash,
  NANO_PER_SYN,
  publicKeyOf,
  readAccount,
  readPool,
  readQuery,
  sign,
  type Vote,
  voteSignBytes,
} from '@synod/chain';
import { decodeProposalMessage, encodeProposalMessage } from '../../src/host/index.ts';
import { decodeDirect, encodeDirect } from '../../src/host/messages.ts';
import { alice, aliceSeed, consensusSeed, Lab, openQuery, operatorSeed } from './lab.ts';

const bob = addressOf(publicKeyOf(new Uint8Array(32).fill(7)));

function assertSameChain(lab: Lab): void {
  for (let height = 1; height <= lab.heightEverywhere(); height++) {
    const hashes = new Set(lab.live.map((node) => node.store.block(height)?.hash));
    assert.equal(hashes.size, 1, `blocks differ at height ${height}`);
  }
}

test('four hosts decide the same blocks at the block interval', () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 10, 30_000);
  assertSameChain(lab);
  const times = [5, 6, 7, 8, 9].map((height) => lab.nodes[0]!.store.block(height)!);
  assert.equal(times.length, 5);
  const rounds = lab.nodes[0]!.events.flatMap((event) => (event.kind === 'blockApplied' ? [event.round] : []));
  assert.ok(rounds.every((round) => round === 0));
  const blockTimes = lab.nodes[0]!.events.flatMap((event) =>
    event.kind === 'blockApplied' ? [event.block.header.time] : [],
  );
  for (let index = 3; index < blockTimes.length; index++) {
    const interval = blockTimes[index]! - blockTimes[index - 1]!;
    assert.ok(interval >= 500 && interval < 600, `interval ${interval}`);
  }
});

test('a peer that proved a key of the set is known as its validator, for the network to keep it', () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const { sync } = lab.nodes[0]!.host!;
  assert.equal(sync.validatorOf('node-1'), addressOf(publicKeyOf(operatorSeed(1))));
  sync.onConnected('stranger');
  for (const peer of ['stranger', 'nobody']) assert.equal(sync.validatorOf(peer), null);
});

test('a transfer submitted at one node is applied at all', () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  lab.submit(aliceSeed, { type: 'transfer', to: bob, amount: 5n * NANO_PER_SYN }, 1);
  const balance = () => lab.live.map((node) => readAccount(node.head.state, bob).balance);
  lab.runUntil(() => balance().every((amount) => amount === 5n * NANO_PER_SYN), 10_000);
  for (const node of lab.live) assert.equal(checkSupply(node.head.state).ok, true);
});

test('one dead validator of four does not stop the chain, and catches up when it returns', () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 3, 10_000);
  lab.nodes[2]!.crash();
  lab.runUntil(() => lab.heightEverywhere() >= 12, 30_000);
  lab.nodes[2]!.restart();
  lab.runUntil(() => lab.nodes.every((node) => node.head.height >= 14), 10_000);
  assertSameChain(lab);
});

test('two dead validators stop the chain; it goes on when one returns', () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 3, 10_000);
  lab.nodes[0]!.crash();
  lab.nodes[1]!.crash();
  lab.runFor(2_000);
  const stuck = lab.heightEverywhere();
  lab.runFor(5_000);
  assert.ok(lab.heightEverywhere() <= stuck + 1);
  lab.nodes[1]!.restart();
  lab.runUntil(() => lab.heightEverywhere() >= stuck + 3, 20_000);
  assertSameChain(lab);
});

test('all four crash at arbitrary moments and go on without a differing block or a double vote', () => {
  for (let moment = 0; moment < 12; moment++) {
    const lab = new Lab();
    lab.runUntil(() => lab.heightEverywhere() >= 3, 10_000);
    lab.runFor(37 * moment);
    for (const node of lab.nodes) node.crash();
    for (const node of lab.nodes) node.boot();
    for (const a of lab.nodes) for (const b of lab.nodes) if (a !== b) a.connect(b);
    lab.runUntil(() => lab.heightEverywhere() >= 6, 20_000);
    assertSameChain(lab);
    const evidence = lab.nodes
      .flatMap((node) => node.events)
      .filter((event) => event.kind === 'log' && event.message === 'double signing seen');
    assert.deepEqual(evidence, []);
  }
});

test('lost and late messages are made up for by status exchange', () => {
  let count = 0;
  const lab = new Lab({ delay: () => (++count % 5 === 0 ? null : 5 + ((count * 7919) % 90)) });
  lab.runUntil(() => lab.heightEverywhere() >= 8, 120_000);
  assertSameChain(lab);
});

test('a query is answered by two, scored in votes, settled and paid; the receipt is in the results', () => {
  const relayed: string[] = [];
  const lab = new Lab({
    onMessage: (topic, bytes) => {
      const message = topic === 'direct' ? decodeDirect(bytes) : null;
      if (message?.kind === 'answerToken') relayed.push(message.expert);
    },
    worker: {
      answer: (_job, node) => `answer of node ${node}`,
      score: (job) => job.answers.map((_, index) => 600_000 + 100_000 * index),
    },
  });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const queryId = openQuery(lab);
  const receipt = () => lab.nodes[0]!.head.results?.receipts.find((entry) => entry.queryId === queryId);
  lab.runUntil(() => receipt() !== undefined, 30_000);
  const settled = receipt()!;
  assert.equal(settled.outcome, 'answered');
  assert.equal(settled.groups.length, 2);
  assert.ok(settled.respondents.every(({ paid }) => paid > 0n));
  const coordinator = addressOf(publicKeyOf(operatorSeed(0)));
  assert.ok(settled.respondents.every(({ operator }) => operator !== coordinator));
  assert.ok(settled.scores.length >= 4, `${settled.scores.length} scores`);
  assert.equal(settled.cost + settled.refund, 1_000_000_000n);
  assert.equal(checkSupply(lab.nodes[0]!.head.state).ok, true);
  const tokens = lab.nodes[0]!.events.filter((event) => event.kind === 'answerToken');
  assert.equal(tokens.length, 1, 'the first-selected answer streams to the coordinator, and only it');
  assert.deepEqual(relayed, [settled.respondents[0]!.expert], 'nobody else sends text that would be thrown away');
  const done = lab.nodes[0]!.events.filter((event) => event.kind === 'answerDone');
  assert.equal(done.length, 1, 'the requester hears that the text is complete');
  lab.runFor(1_000);
  assertSameChain(lab);
});

test('a dead worker takes its scores away, not the answer', () => {
  const lab = new Lab({
    worker: { answer: (_job, node) => `answer ${node}`, score: (job) => job.answers.map(() => 700_000) },
  });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const queryId = openQuery(lab);
  lab.nodes[0]!.workerIsDown = true;
  const receipt = () => lab.nodes[1]!.head.results?.receipts.find((entry) => entry.queryId === queryId);
  lab.runUntil(() => receipt() !== undefined, 60_000);
  const dead = addressOf(publicKeyOf(operatorSeed(0)));
  assert.equal(receipt()!.outcome, 'answered');
  assert.ok(receipt()!.scores.every(({ validator }) => validator !== dead));
});

test('a validator whose stored scores are no longer those it committed to keeps silent, and loses no stake', () => {
  const lab = new Lab({
    worker: { answer: (_job, node) => `answer ${node}`, score: (job) => job.answers.map(() => 700_000) },
  });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const queryId = openQuery(lab);
  const victim = addressOf(publicKeyOf(operatorSeed(1)));
  const scorer = () =>
    readQuery(lab.nodes[0]!.head.state, queryId)?.scorers.find(({ operator }) => operator === victim) ?? null;
  lab.runUntil(() => scorer()?.commitment != null, 60_000);
  lab.nodes[1]!.crash();
  const { store } = lab.nodes[1]!;
  const kept = store.getLocal(`score/${queryId}`)!;
  store.putLocal(`score/${queryId}`, kept.with(12, (kept[12] ?? 0) ^ 1));
  lab.runFor(2);
  lab.nodes[1]!.restart();
  const receipt = () => lab.nodes[0]!.head.results?.receipts.find((entry) => entry.queryId === queryId);
  lab.runUntil(() => receipt() !== undefined, 120_000);
  assert.equal(receipt()!.outcome, 'answered');
  assert.ok(receipt()!.scores.every(({ validator }) => validator !== victim));
  assert.deepEqual(receipt()!.misrevealed, []);
  const warned = lab.nodes[1]!.events.some((event) => event.kind === 'log' && event.message.includes('not revealed'));
  assert.ok(warned);
});

test('a respondent that crashes between commit and reveal reveals after its restart', () => {
  const lab = new Lab({
    worker: { answer: (_job, node) => `answer ${node}`, score: (job) => job.answers.map(() => 700_000) },
  });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const queryId = openQuery(lab);
  const committed = () =>
    lab.nodes.findIndex((node) =>
      node.events.some(
        (event) => event.kind === 'blockApplied' && event.events.some(({ type }) => type === 'answer.committed'),
      ),
    );
  lab.runUntil(() => committed() >= 0, 30_000);
  const respondent = lab.nodes.find((node) => node.index !== 0 && node.jobs.some(({ kind }) => kind === 'answer'))!;
  respondent.crash();
  lab.runFor(600);
  respondent.restart();
  const receipt = () => lab.nodes[0]!.head.results?.receipts.find((entry) => entry.queryId === queryId);
  lab.runUntil(() => receipt() !== undefined, 60_000);
  assert.equal(receipt()!.respondents.filter(({ group }) => group !== null).length, 2);
});

test('a proposal whose block was changed on the way is refused, and the true one still counts', () => {
  let forged = 0;
  const lab: Lab = new Lab({
    delay: ({ from, to, bytes }) => {
      const proposal = to === 3 ? decodeProposalMessage(bytes) : null;
      const block = proposal === null ? null : decodeBlock(proposal.block);
      if (proposal === null || !block?.ok || block.value.lastCommit === null) return 5;
      // Another id in the last commit changes no root of the header.
      const changed = { ...block.value, lastCommit: { ...block.value.lastCommit, blockId: 'ab'.repeat(32) as Hash } };
      const message = encodeProposalMessage(proposal.proposal, encodeBlock(changed));
      assert.equal(lab.nodes[3]!.host!.onGossip(`node-${from}`, 'proposals', message), 'reject');
      forged += 1;
      return 5;
    },
  });
  lab.runUntil(() => lab.heightEverywhere() >= 5, 20_000);
  assert.ok(forged >= 3, `${forged} forged`);
  assertSameChain(lab);
  const refused = lab.nodes[3]!.events.filter((event) => event.kind === 'log' && event.message === 'block refused');
  assert.deepEqual(refused, []);
});

test('garbage, stale and forged messages are refused and their sender is penalised', () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 3, 10_000);
  const host = lab.nodes[0]!.host!;
  assert.equal(host.onGossip('node-1', 'votes', Uint8Array.of(1, 2, 3)), 'reject');
  assert.equal(host.onGossip('node-1', 'proposals', new Uint8Array(40).fill(255)), 'reject');
  assert.equal(host.onGossip('node-1', 'transactions', Uint8Array.of(0, 9, 9)), 'reject');
  const before = lab.nodes[0]!.penalties.length;
  host.handle({ kind: 'direct', peer: 'node-1', bytes: Uint8Array.of(250, 1, 2) });
  host.handle({ kind: 'direct', peer: 'node-1', bytes: new Uint8Array(9 * 1024 * 1024) });
  assert.equal(lab.nodes[0]!.penalties.length, before + 2);
  lab.runUntil(() => lab.heightEverywhere() >= 6, 10_000);
  assertSameChain(lab);
});

test('alice pays for what was delivered and no more', () => {
  const lab = new Lab({ worker: { answer: () => 'same', score: (job) => job.answers.map(() => 1_000_000) } });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const beforeBalance = readAccount(lab.nodes[0]!.head.state, alice).balance;
  const queryId = openQuery(lab);
  const receipt = () => lab.nodes[0]!.head.results?.receipts.find((entry) => entry.queryId === queryId);
  lab.runUntil(() => receipt() !== undefined, 60_000);
  const { cost, groups } = receipt()!;
  assert.equal(groups.length, 1, 'identical answers are one group');
  const fee = beforeBalance - cost - readAccount(lab.nodes[0]!.head.state, alice).balance;
  assert.ok(fee > 0n && fee < 10_000_000n, `fee ${fee}`);
});

test('evidence handed in at one node reaches a block once, whoever proposes it; what proves nothing is refused', () => {
  const lab = new Lab();
  lab.runUntil(() => lab.heightEverywhere() >= 5, 20_000);
  const offender = addressOf(publicKeyOf(operatorSeed(2)));
  const common = blockAt(lab, 2).header;
  const { header } = blockAt(lab, 3);
  const lie = { ...header, stateRoot: 'ab'.repeat(32) as Hash };
  const precommit = { type: 'precommit', height: 3, round: 0, blockId: blockId(lie) } as const;
  const signature = sign(consensusSeed(2), voteSignBytes('lab', precommit));
  const evidence: Evidence = {
    kind: 'light.attack',
    commonHeight: common.height,
    trusted: { header, round: 0, signatures: [] },
    conflicting: { header: lie, round: 0, signatures: [{ validator: offender, signature }] },
  };
  const host = lab.nodes[0]!.host!;
  assert.deepEqual(host.submitEvidence(Uint8Array.of(1, 2)), { kind: 'refused', code: 'MALFORMED' });
  const unsigned = { ...evidence, conflicting: { ...evidence.conflicting, round: 1 } };
  assert.deepEqual(host.submitEvidence(encodeEvidence(unsigned)), { kind: 'refused', code: 'EVIDENCE_NOT_PROVEN' });
  assert.equal(host.submitEvidence(encodeEvidence(evidence)).kind, 'added');
  assert.equal(host.submitEvidence(encodeEvidence(evidence)).kind, 'known');
  const isBarred = (): boolean => readPool(lab.nodes[1]!.head.state, offender)?.status === 'tombstoned';
  lab.runUntil(isBarred, 20_000);
  assert.deepEqual(host.submitEvidence(encodeEvidence(evidence)), { kind: 'refused', code: 'EVIDENCE_KNOWN' });
  const until = lab.heightEverywhere() + 6;
  lab.runUntil(() => lab.heightEverywhere() >= until, 30_000);
  const carried = lab.nodes[0]!.events.flatMap((event) => (event.kind === 'blockApplied' ? event.block.evidence : []));
  assert.deepEqual(carried, [evidence]);
});

test('a node that proposes no evidence cannot hide what was handed to it: peers are told, and scored for forgeries', () => {
  const messages: string[] = [];
  const lab = new Lab({
    onMessage: (topic, bytes) => {
      if (topic === 'direct') messages.push(decodeDirect(bytes)!.kind);
    },
  });
  lab.runUntil(() => lab.heightEverywhere() >= 5, 20_000);
  const offender = addressOf(publicKeyOf(operatorSeed(2)));
  const precommit = (label: string): Vote => {
    const slot = { type: 'precommit', height: 3, round: 1, blockId: label.repeat(32) as Hash } as const;
    const signature = sign(consensusSeed(2), voteSignBytes('lab', slot));
    return { ...slot, validator: offender, signature, extension: null };
  };
  const evidence = encodeEvidence({ kind: 'duplicate.vote', first: precommit('ab'), second: precommit('cd') });
  const [censor, honest] = [lab.nodes[0]!, lab.nodes[1]!];
  const isBarred = (): boolean => readPool(honest.head.state, offender)?.status === 'tombstoned';
  assert.equal(censor.host!.submitEvidence(evidence).kind, 'added');
  assert.equal(messages.filter((kind) => kind === 'evidence').length, 3, 'every peer is told, once');
  // It never proposes again.
  lab.runFor(10);
  censor.crash();
  lab.runUntil(isBarred, 60_000);
  const carriers = honest.events.flatMap((event) =>
    event.kind === 'blockApplied' && event.block.evidence.length > 0 ? [event.block.header.proposer] : [],
  );
  assert.equal(carriers.length, 1);
  assert.notEqual(carriers[0], censor.operator);

  const forged = encodeEvidence({
    kind: 'duplicate.vote',
    first: { ...precommit('ab'), validator: censor.operator },
    second: { ...precommit('cd'), validator: censor.operator },
  });
  const say = (bytes: Uint8Array): readonly string[] => {
    honest.penalties.length = 0;
    honest.host!.handle({ kind: 'direct', peer: 'node-3', bytes: encodeDirect({ kind: 'evidence', evidence: bytes }) });
    return honest.penalties.map(({ peer, reason }) => `${peer} ${reason}`);
  };
  assert.deepEqual(say(forged), ['node-3 invalid evidence']);
  assert.deepEqual(say(Uint8Array.of(1)), ['node-3 invalid evidence']);
  assert.deepEqual(say(evidence), [], 'what the chain knows by now is nobody’s offence');
});

function blockAt(lab: Lab, height: number): Block {
  const block = lab.nodes[0]!.events.flatMap((event) =>
    event.kind === 'blockApplied' && event.height === height ? [event.block] : [],
  )[0];
  assert.ok(block !== undefined);
  return block;
}
