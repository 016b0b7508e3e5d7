/** A candidate that one delta spoilt, measured twice by production hosts (spec: learning §8.6): who lies, who is late, who is away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Amount, blobId, type DeltaVerdict, type Hash, readExpert, taggedHash } from '@synod/chain';
import { createExpertSigner } from '../../src/adapters/index.ts';
import type { LearnerMessage, LearnerTask } from '../../src/host/index.ts';
import { feedbackAt } from './feedback-lab.ts';
import { expertSeed, type Lab, type LabNode, type LearnerScript } from './lab.ts';
import {
  deltaOf,
  learner,
  learning,
  learningLab,
  measures,
  openRound,
  roundAt,
  untilVersion,
  versionAt,
} from './learning-lab.ts';

type Evaluate = Extract<LearnerTask, { kind: 'evaluate' }>;
type AddingUp = Extract<LearnerTask, { kind: 'evaluate' | 'aggregate' }>;

/** The node whose trainer spoils the candidate. */
const HOSTILE = 1;
const hostileExpert = createExpertSigner(expertSeed(HOSTILE)).address;

/** What the deltas of a task come to: another candidate for other deltas. */
function candidateOf({ deltas }: AddingUp): { readonly factors: Hash; readonly adapter: Hash } {
  const names = new TextEncoder().encode(deltas.map(({ content }) => content ?? 'none').join());
  return { factors: taggedHash('factors', names), adapter: taggedHash('adapter', names) };
}

/** Finds the hostile delta, which spoils every candidate that it is in. */
const measuring: LearnerScript = (task, node): LearnerMessage | null => {
  if (task.kind === 'train') return learner(task, node);
  const candidate = candidateOf(task);
  const { id } = task;
  if (task.kind === 'aggregate') return { kind: 'aggregated', id, ...candidate };
  const hostile = blobId(deltaOf(task, HOSTILE));
  const deltas = task.deltas.map(({ content }): DeltaVerdict => verdictOf(content, hostile));
  const isSpoilt = deltas.includes('harmful');
  const feedbackAfter = isSpoilt ? measures.feedbackBefore : measures.feedbackAfter;
  const accepted = task.items.map(() => true);
  return {
    kind: 'evaluated',
    id,
    report: { ...candidate, measures: { ...measures, feedbackAfter }, deltas, accepted },
  };
};

function verdictOf(content: Hash | null, hostile: Hash): DeltaVerdict {
  if (content === null) return 'missing';
  return content === hostile ? 'harmful' : 'ok';
}

/** Stands up for its trainer: names a candidate of its own, finds all good. */
const lying: LearnerScript = (task, node) => {
  if (task.kind !== 'evaluate') return measuring(task, node);
  const own = { factors: taggedHash("a liar's factors"), adapter: taggedHash("a liar's adapter") };
  const [deltas, accepted] = [task.deltas.map((): DeltaVerdict => 'ok'), task.items.map(() => false)];
  return { kind: 'evaluated', id: task.id, report: { ...own, measures, deltas, accepted } };
};

const measured = (node: LabNode): readonly Evaluate[] => node.tasks.filter((task) => task.kind === 'evaluate');
const bondAt = (node: LabNode): Amount => readExpert(node.head.state, hostileExpert)!.bond;

/** Until the round is back at the gate without the hostile delta, at every node that runs. */
function untilSecondLook(lab: Lab): void {
  const leftOut = (node: LabNode) => roundAt(node)?.trainers.find(({ expert }) => expert === hostileExpert)?.leftOut;
  lab.runUntil(() => lab.live.every((node) => leftOut(node) === 'harmful'), 120_000);
}

function untilReported(lab: Lab, node: LabNode): void {
  const own = () => roundAt(lab.nodes[0]!)?.evaluators.find(({ operator }) => operator === node.operator);
  lab.runUntil(() => own()?.commitment != null, 60_000);
}

test('a round goes through the gate twice, with a validator that lies, one that hung in the first look and one that is away in the second', () => {
  const [hung, away] = [4, 3];
  const lab = learningLab({
    validators: 5,
    learner: (task, node) => {
      if (node === HOSTILE) return lying(task, node);
      const isFirstLook = task.kind === 'evaluate' && task.deltas.every(({ content }) => content !== null);
      return node === hung && isFirstLook ? null : measuring(task, node);
    },
    learning: { ...learning, canaryShare: 1_000_000, canaryHeights: 400 },
  });
  const round = openRound(lab);
  const bond = bondAt(lab.nodes[0]!);
  untilSecondLook(lab);
  for (const node of lab.nodes) {
    assert.equal(versionAt(node), null);
    assert.equal(bondAt(node), bond, 'what it costs is taken at the end');
  }
  lab.nodes[away]!.crash();
  const version = untilVersion(lab);
  lab.nodes[away]!.restart();
  lab.runUntil(() => lab.nodes.every((node) => node.versionFiles.has(`factors/${version.factors}`)), 60_000);

  assert.equal(version.round, round.id);
  assert.deepEqual([version.state, version.reason, version.reports], ['canary', 'OK', 4]);
  assert.equal(version.measures.feedbackAfter, measures.feedbackAfter);
  for (const { expert, verdict, isCounted } of version.contributions)
    assert.deepEqual([verdict, isCounted], expert === hostileExpert ? ['harmful', false] : ['ok', true]);
  const kept = version.contributions.filter(({ isCounted }) => isCounted).map(({ content }) => content);
  for (const node of lab.nodes) {
    assert.deepEqual(versionAt(node), version);
    assert.equal(roundAt(node), null);
    assert.ok(bondAt(node) < bond);
    assert.equal(bondAt(node), bondAt(lab.nodes[0]!));
    for (const number of version.items) assert.equal(feedbackAt(node, number)?.state, 'used');
    const last = node.tasks.findLast((task): task is AddingUp => task.kind !== 'train')!;
    assert.equal(last.kind, node.index === away || node.index === HOSTILE ? 'aggregate' : 'evaluate');
    assert.deepEqual(candidateOf(last), { factors: version.factors, adapter: version.adapter });
    assert.deepEqual(
      last.deltas.flatMap(({ content }) => content ?? []),
      kept,
    );
    const looks = measured(node);
    // Who was away begins to measure while it catches up, and gives up when it hears that the look is over.
    assert.equal(looks.length, 2);
    assert.equal(new Set(looks.map(({ gateSeed }) => gateSeed)).size, looks.length, 'on items drawn anew');
  }
});

test('a report of the first look that lies on the disk is not taken for one of the second', () => {
  const lab = learningLab({ learner: measuring });
  openRound(lab);
  untilSecondLook(lab);
  const node = lab.nodes[2]!;
  node.crash();
  lab.runFor(100);
  node.restart();
  lab.runUntil(() => measured(node).length === 2, 60_000);
  untilReported(lab, node);
  node.crash();
  lab.runFor(100);
  node.restart();
  const version = untilVersion(lab);
  assert.deepEqual([version.reason, version.reports], ['OK', 4]);
  const [first, second, ...others] = measured(node);
  assert.notEqual(first!.id, second!.id);
  assert.deepEqual(others, [], 'and what it committed to in the second it opens without measuring anew');
});

test('the second look is the last: a candidate that fails again makes no weights, and nobody measures a third time', () => {
  const failing: LearnerScript = (task, node) => {
    const said = measuring(task, node);
    if (said?.kind !== 'evaluated') return said;
    const { report } = said;
    const deltas = report.deltas.map((verdict, place) => (place === 0 && verdict === 'ok' ? 'idle' : verdict));
    return { ...said, report: { ...report, deltas, measures: { ...report.measures, feedbackAfter: 900 } } };
  };
  const lab = learningLab({ learner: failing });
  openRound(lab);
  const version = untilVersion(lab);
  lab.runFor(20_000);
  for (const node of lab.nodes) {
    assert.deepEqual(versionAt(node)?.reason, 'GAIN');
    assert.equal(roundAt(node), null);
    assert.equal(measured(node).length, 2);
  }
  assert.notEqual(version.factors, candidateOf(measured(lab.nodes[0]!)[1]!).factors);
});
