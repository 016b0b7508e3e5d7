/** What nodes do in training rounds and with versions: train, measure, answer with what was learnt; crashes included. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, deltaCommitment, type Hash, publicKeyOf, readParams, type TrainingRound } from '@synod/chain';
import { createExpertSigner } from '../../src/adapters/index.ts';
import type { LearnerTask } from '../../src/host/index.ts';
import { feedbackAt, settledQuery } from './feedback-lab.ts';
import { aliceSeed, expertSeed, type Lab, type LabNode, type LearnerScript, openQuery, operatorSeed } from './lab.ts';
import {
  adapter,
  factors,
  learner,
  learning,
  learningLab,
  lineAt,
  openRound,
  roundAt,
  untilVersion,
} from './learning-lab.ts';

function untilPhase(lab: Lab, phase: TrainingRound['phase']): void {
  lab.runUntil(() => roundAt(lab.live[0]!)?.phase === phase, 60_000);
}

function logged(node: LabNode, text: string): boolean {
  return node.events.some((event) => event.kind === 'log' && event.message.includes(text));
}

test('a correction is trained on by every trainer, measured by every validator, and becomes a version with what was learnt', () => {
  const lab = learningLab();
  const round = openRound(lab);
  const version = untilVersion(lab);
  assert.equal(version.round, round.id);
  assert.equal(version.state, 'canary');
  assert.deepEqual([version.factors, version.adapter, version.learntSize], [factors, adapter, 4]);
  assert.equal(version.reports, 4);
  assert.equal(version.contributions.length, 4);
  assert.ok(version.contributions.every(({ verdict }) => verdict === 'ok'));
  for (const number of version.items) assert.equal(feedbackAt(lab.nodes[2]!, number)?.state, 'used');
  for (const node of lab.nodes) {
    const train = node.tasks.filter(({ kind }) => kind === 'train');
    const evaluate = node.tasks.filter(({ kind }) => kind === 'evaluate');
    assert.deepEqual([train.length, evaluate.length], [1, 1]);
    assert.deepEqual(node.forgotten.toSorted(), [train[0]!.id, evaluate[0]!.id].toSorted());
    for (const { content } of version.contributions) assert.ok(node.blobs.has(content));
  }
  const [{ items, deltas }] = lab.nodes[0]!.tasks.filter((task) => task.kind === 'evaluate') as [
    Extract<LearnerTask, { kind: 'evaluate' }>,
  ];
  assert.deepEqual(
    items.map(({ passage, rating }) => [passage?.text, rating]),
    [0, 1, 2, 3].map((index) => [`The capital of country ${index} is Paris.`, 'correct']),
  );
  assert.deepEqual(deltas.map(({ order }) => order).toSorted(), [0, 1, 2, 3]);
  // Each validator's own trainer made one of the four, which it does not judge.
  for (const node of lab.nodes) {
    const own = node.tasks.flatMap((task) =>
      task.kind === 'evaluate' ? task.deltas.filter(({ isOwn }) => isOwn) : [],
    );
    const address = addressOf(publicKeyOf(expertSeed(node.index)));
    const made = version.contributions.filter(({ expert }) => expert === address);
    assert.equal(own.length, 1);
    assert.deepEqual(
      own.map(({ content }) => content),
      made.map(({ content }) => content),
    );
  }
});

test('every node puts what a version learnt together from blobs and answers and judges with it', () => {
  const lab = learningLab({
    learning: { ...learning, canaryShare: 1_000_000 },
    market: { verificationShare: 1_000_000 },
  });
  openRound(lab);
  const version = untilVersion(lab);
  lab.runUntil(() => lab.nodes.every(({ learnt }) => learnt.has(version.learntRoot)), 10_000);
  const learnt = lab.nodes[3]!.learnt.get(version.learntRoot)!;
  assert.deepEqual(
    learnt.map(({ text, number }) => [text, number]),
    [0, 1, 2, 3].map((number) => [`The capital of country ${number} is Paris.`, number]),
  );
  for (const node of lab.nodes) node.jobs.length = 0;
  settledQuery(lab);
  const jobs = lab.nodes.flatMap((node) => node.jobs);
  const files = { adapter: `versions/adapter/${adapter}`, learnt: `versions/learnt/${version.learntRoot}` };
  const answers = jobs.filter((job) => job.kind === 'answer');
  const verifications = jobs.filter((job) => job.kind === 'verify');
  assert.ok(answers.length > 0 && verifications.length > 0);
  for (const { expert } of [...answers, ...verifications]) {
    assert.equal(expert.adapter, files.adapter);
    assert.equal(expert.learnt, files.learnt);
  }
  const scores = jobs.filter((job) => job.kind === 'score');
  assert.ok(scores.length > 0 && scores.every((job) => job.learnt === files.learnt));
});

test('a trainer that crashes while it trains goes on with the same work; one that crashes after its commitment opens that one', () => {
  const lab = learningLab({
    learner: (task, node) => (node === 2 && task.kind === 'train' ? null : learner(task, node)),
  });
  const round = openRound(lab);
  const node = lab.nodes[2]!;
  lab.runUntil(() => node.tasks.length === 1, 10_000);
  node.crash();
  lab.runFor(100);
  (lab.options as { learner: LearnerScript }).learner = learner;
  node.restart();
  const committed = () => roundAt(lab.nodes[0]!)?.trainers.find(({ expert }) => expert === signer.address)?.commitment;
  const signer = createExpertSigner(expertSeed(2));
  lab.runUntil(() => committed() != null, 60_000);
  const trained = node.tasks.filter(({ kind }) => kind === 'train');
  assert.equal(trained.length, 2);
  assert.equal(trained[0]!.id, trained[1]!.id, 'so that it is the same checkpoint');
  assert.equal(node.forgotten.length, 0);
  node.crash();
  lab.runFor(100);
  node.restart();
  const version = untilVersion(lab);
  const own = version.contributions.find(({ expert }) => expert === signer.address)!;
  assert.equal(own.verdict, 'ok');
  const salt = signer.deriveSecret(`delta/${round.id}`);
  const opened = deltaCommitment({ round: round.id, trainer: signer.address, salt, content: own.content });
  assert.equal(opened, commitmentInBlocks(lab, signer.publicKey));
  assert.equal(node.tasks.filter(({ kind }) => kind === 'train').length, 2, 'and nothing is trained anew');
});

/** The first `delta.commit` of a sender. */
function commitmentInBlocks(lab: Lab, sender: string): Hash | undefined {
  const blocks = lab.nodes[0]!.events.flatMap((event) => (event.kind === 'blockApplied' ? [event.block] : []));
  const own = blocks.flatMap(({ transactions }) => transactions).filter(({ body }) => body.sender === sender);
  return own.map(({ body }) => (body.payload.type === 'delta.commit' ? body.payload.commitment : null)).find(isHash);
}

function isHash(value: Hash | null): value is Hash {
  return value !== null;
}

test('no commitment leaves before the delta and its name are on the disk', () => {
  const lab = learningLab();
  const node = lab.nodes[1]!;
  node.isBlobDiskFull = true;
  openRound(lab);
  // Its correction is held by the others alone, so it has nothing to train on either; give it that.
  for (const [content, bytes] of lab.nodes[0]!.blobs) node.blobs.set(content, bytes);
  lab.runUntil(() => roundAt(lab.nodes[0]!)?.phase === 'revealing', 60_000);
  const own = createExpertSigner(expertSeed(1)).address;
  assert.equal(roundAt(lab.nodes[0]!)!.trainers.find(({ expert }) => expert === own)!.commitment, null);
  assert.ok(node.tasks.some(({ kind }) => kind === 'train'));
});

test('training that fails is begun again a few times, one that comes too late is dropped, and the round goes on without it', () => {
  const lab = learningLab({
    learner: (task, node) => {
      if (task.kind !== 'train' || node < 2) return learner(task, node);
      return node === 2 ? { kind: 'failed', id: task.id, code: 'MODEL_ERROR', message: 'as told' } : null;
    },
  });
  openRound(lab);
  const version = untilVersion(lab);
  const verdicts = new Map(version.contributions.map(({ expert, verdict }) => [expert, verdict]));
  const of = (node: number) => verdicts.get(createExpertSigner(expertSeed(node)).address);
  assert.deepEqual([0, 1, 2, 3].map(of), ['ok', 'ok', 'missing', 'missing']);
  assert.equal(lab.nodes[2]!.tasks.filter(({ kind }) => kind === 'train').length, 3);
  assert.ok(logged(lab.nodes[2]!, 'training for a round failed'));
  assert.equal(lab.nodes[3]!.tasks.filter(({ kind }) => kind === 'evaluate').length, 1, 'its learner is free again');
});

test('a validator that crashes after its commitment measures nothing anew and opens what it committed to', () => {
  const lab = learningLab();
  openRound(lab);
  untilPhase(lab, 'gating');
  const node = lab.nodes[3]!;
  const own = () => roundAt(lab.nodes[0]!)?.evaluators.find(({ operator }) => operator === node.operator);
  lab.runUntil(() => own()?.commitment != null, 60_000);
  node.crash();
  lab.runFor(200);
  node.restart();
  const version = untilVersion(lab);
  assert.equal(version.reports, 4);
  assert.equal(node.tasks.filter(({ kind }) => kind === 'evaluate').length, 1);
});

test('a node without a learner is idle and never wrong: it follows rounds and answers with the version once it has its files', () => {
  const lab = learningLab({ learner: (task, node) => (node === 3 ? null : learner(task, node)) });
  openRound(lab);
  const version = untilVersion(lab);
  assert.equal(version.reports, 3);
  const own = createExpertSigner(expertSeed(3)).address;
  assert.equal(version.contributions.find(({ expert }) => expert === own)!.verdict, 'missing');
});

test('without the weights of its version an expert is silent and says so; without what was learnt it answers when half of the window is over', () => {
  const lab = learningLab({
    learning: { ...learning, canaryShare: 1_000_000, canaryHeights: 400 },
    // Node 3 measures nothing and adds nothing up.
    learner: (task, node) => (node === 3 && task.kind !== 'train' ? null : learner(task, node)),
  });
  openRound(lab);
  const version = untilVersion(lab);
  lab.runUntil(() => lab.nodes.every(({ learnt }) => learnt.has(version.learntRoot)), 10_000);
  const [silent, unlearnt] = [lab.nodes[3]!, lab.nodes[2]!];
  unlearnt.versionFiles.delete(`learnt/${version.learntRoot}`);
  unlearnt.blobs.clear();
  unlearnt.isBlobDiskFull = true;
  for (const node of lab.nodes) node.jobs.length = 0;
  const queryId = openQuery(lab, { respondents: 3, answerWindow: 30 });
  const receipt = () => lab.nodes[0]!.head.results?.receipts.find((entry) => entry.queryId === queryId);
  const answered = (node: LabNode) => node.jobs.filter((job) => job.kind === 'answer');
  lab.runUntil(() => answered(lab.nodes[1]!).length > 0, 20_000);
  assert.equal(answered(unlearnt).length, 0);
  lab.runUntil(() => answered(unlearnt).length > 0, 30_000);
  assert.equal(answered(unlearnt)[0]!.expert.learnt, null);
  lab.runUntil(() => receipt() !== undefined, 120_000);
  assert.deepEqual(answered(silent), []);
  assert.ok(logged(silent, 'an answer waits for its version'));
});

type Aggregate = Extract<LearnerTask, { kind: 'aggregate' }>;

test('a node that joins later rebuilds the version from recorded deltas; blocks follow one another while a canary is open', () => {
  const lab = learningLab({ observers: 1, pace: 'auto', learning: { ...learning, canaryShare: 1_000_000 } });
  const late = lab.nodes[4]!;
  late.crash();
  openRound(lab);
  const version = untilVersion(lab);
  lab.runUntil(() => lineAt(lab.nodes[0]!)?.stable === 1, 40_000);
  late.restart();
  lab.runUntil(() => late.versionFiles.has(`factors/${factors}`) && late.learnt.has(version.learntRoot), 60_000);
  const [task, ...others] = late.tasks as Aggregate[];
  assert.deepEqual([task!.kind, others], ['aggregate', []]);
  assert.deepEqual(
    task!.deltas.map(({ content }) => content),
    version.contributions.map(({ content }) => content),
  );
});

test('votes in mid-round change neither what validators add up and measure nor what a late joiner rebuilds', () => {
  const lab = learningLab({
    observers: 1,
    learning: { ...learning, trainWindow: 80, aggregator: 1, normMax: 1_500, shardCopies: 2, canaryShare: 1_000_000 },
    staking: { epochHeights: 20 },
    voting: { votingHeights: 10, depositMin: 1n },
    // Node 3 does not train, so that the phase lasts until the vote is over.
    learner: (task, node) => (node === 3 && task.kind === 'train' ? null : learner(task, node)),
  });
  const late = lab.nodes[4]!;
  late.crash();
  const round = openRound(lab);
  const params = () => readParams(lab.nodes[0]!.head.state).learning;
  passVote(lab, { aggregator: 3, normMax: 7, shardCopies: 3 }, () => params().aggregator === 3);
  assert.deepEqual([params().normMax, params().shardCopies], [7, 3]);
  assert.equal(roundAt(lab.nodes[0]!)?.phase, 'training', 'in mid-round');
  const version = untilVersion(lab);
  assert.equal(version.round, round.id);
  assert.deepEqual(version.rule, { aggregator: 1, normMax: 1_500 });
  for (const node of lab.nodes.slice(0, 4)) {
    const [measured] = node.tasks.filter((task) => task.kind === 'evaluate');
    assert.deepEqual([measured?.aggregator, measured?.normMax], [1, 1_500]);
    const given = measured!.deltas.flatMap(({ shard }) => shard);
    assert.equal(given.length, round.items.length * 2, 'of the shards that were trained on');
  }
  lab.runUntil(() => lineAt(lab.nodes[0]!)?.stable === 1, 60_000);
  late.restart();
  lab.runUntil(() => late.versionFiles.has(`factors/${factors}`), 60_000);
  const tasks = late.tasks as Aggregate[];
  assert.deepEqual(
    tasks.map(({ kind, aggregator, normMax }) => [kind, aggregator, normMax]),
    [['aggregate', 1, 1_500]],
  );
});

/** Alice proposes these values of `learning`, every validator votes for them, and they come into force. */
function passVote(lab: Lab, values: Readonly<Record<string, number>>, isInForce: () => boolean): void {
  const changes = Object.entries(values).map(([name, value]) => ({ name: `learning.${name}`, value: BigInt(value) }));
  const proposal = lab.submit(aliceSeed, { type: 'params.propose', title: 'Another rule', changes, deposit: 1n });
  lab.runFor(2_000);
  for (const index of [0, 1, 2, 3])
    lab.submit(operatorSeed(index), { type: 'params.vote', proposal, choice: 'yes' }, index);
  lab.runUntil(isInForce, 60_000);
}

test('records that do not add up to their version are tried once, and told', () => {
  const lab = learningLab({
    observers: 1,
    learner: (task, node) =>
      task.kind === 'aggregate' ? { kind: 'aggregated', id: task.id, factors: adapter, adapter } : learner(task, node),
  });
  const late = lab.nodes[4]!;
  late.crash();
  openRound(lab);
  const version = untilVersion(lab);
  late.restart();
  lab.runUntil(() => logged(late, 'does not add up to its factors') && late.learnt.has(version.learntRoot), 60_000);
  lab.runFor(5_000);
  assert.equal(late.tasks.length, 1);
});
