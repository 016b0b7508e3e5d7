/** What nodes do in the market beyond one plain round: verifying, collaborating, ending early. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hash, NANO_PER_SYN, type Receipt, readExpert, readQuery } from '@synod/chain';
import { aliceSeed, Lab, openQuery, operatorOf } from './lab.ts';

const worker = {
  answer: (_job: unknown, node: number) => `answer of node ${node}`,
  score: (job: { readonly answers: readonly string[] }) => job.answers.map(() => 700_000),
};

function settled(lab: Lab, queryId: Hash): Receipt {
  const receipt = () => lab.nodes[1]!.head.results?.receipts.find((entry) => entry.queryId === queryId);
  lab.runUntil(() => receipt() !== undefined, 120_000);
  return receipt()!;
}

/** Every written answer is verified. */
const market = { verificationShare: 1_000_000 };

test('answers drawn for verification are run again by others and found to match', () => {
  const jobs: string[] = [];
  const lab = new Lab({
    market,
    worker: { ...worker, verify: (job) => (jobs.push(job.id) > 0 ? 'match' : 'mismatch') },
  });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const receipt = settled(lab, openQuery(lab));
  assert.equal(receipt.outcome, 'answered');
  assert.ok(jobs.length >= 4);
  assert.ok(receipt.checks.length >= 4);
  assert.ok(receipt.checks.every(({ verdict, distanceMilli }) => verdict === 'match' && distanceMilli === 12));
  assert.deepEqual(
    receipt.respondents.map(({ verdict }) => verdict),
    ['match', 'match'],
  );
});

test('an answer of another model is paid nothing and costs a part of the bond; its verifiers do not include its own node', () => {
  const lab = new Lab({
    market,
    worker: {
      ...worker,
      verify: ({ segments }) => (segments.some(({ text }) => text.endsWith('node 2')) ? 'mismatch' : 'match'),
    },
  });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  // Three respondents of four nodes, the coordinator's left out: node 2 is always one of them.
  const receipt = settled(lab, openQuery(lab, { respondents: 3 }));
  const guilty = receipt.respondents.find(({ operator }) => operator === operatorOf(2))!;
  assert.equal(guilty.verdict, 'mismatch');
  assert.equal(guilty.paid, 0n);
  assert.equal(guilty.slashed, 5n * NANO_PER_SYN);
  assert.equal(readExpert(lab.nodes[1]!.head.state, guilty.expert)!.bond, 95n * NANO_PER_SYN);
  for (const other of receipt.respondents) {
    if (other === guilty) continue;
    assert.equal(other.verdict, 'match');
    assert.ok(other.paid > 0n);
  }
  const own = receipt.checks.filter(({ validator, group }) => validator === operatorOf(2) && group === guilty.group);
  assert.deepEqual(own, []);
});

test('an answer that cannot be run again fails, a model that nobody has is unavailable, and a busy worker says nothing', () => {
  const verdicts = (options: ConstructorParameters<typeof Lab>[0]) => {
    const lab = new Lab({ market, worker, ...options });
    lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
    return settled(lab, openQuery(lab)).respondents.map(({ verdict }) => verdict);
  };
  const failing = { ...worker, verify: () => ({ code: 'MODEL_ERROR' }) };
  assert.deepEqual(verdicts({ worker: failing }), ['error', 'error']);
  assert.deepEqual(verdicts({ unpublished: [0, 1, 2, 3] }), ['unavailable', 'unavailable']);
  const busy = { ...worker, verify: () => ({ code: 'BUSY' }) };
  assert.deepEqual(verdicts({ worker: busy }), ['undecided', 'undecided']);
});

test("in the second round every respondent is given its peers' answers, and the last answers are scored", () => {
  const seen: (readonly string[])[] = [];
  const lab = new Lab({
    worker: {
      ...worker,
      answer: (job, node) => {
        seen.push(job.peers ?? []);
        return (job.peers ?? []).length === 0 ? `first of node ${node}` : `second of node ${node}`;
      },
    },
  });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const receipt = settled(lab, openQuery(lab, { rounds: 2 }));
  assert.equal(receipt.outcome, 'answered');
  const texts = receipt.groups.map(({ answer }) => answer.segments.map(({ text }) => text).join(''));
  assert.ok(texts.every((text) => text.startsWith('second of node')));
  assert.deepEqual(
    receipt.respondents.map(({ rounds }) => rounds),
    [2, 2],
  );
  assert.equal(receipt.earlier.length, 1);
  const peers = seen.filter((texts) => texts.length > 0);
  assert.equal(peers.length, 2);
  for (const [text] of peers) assert.match(text!, /^first of node \d$/);
});

test('a respondent that restarts between two rounds answers the second as well', () => {
  const lab = new Lab({ worker });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const queryId = openQuery(lab, { rounds: 2, respondents: 3 });
  const query = () => readQuery(lab.nodes[0]!.head.state, queryId);
  lab.runUntil(() => query()?.round === 2, 60_000);
  lab.nodes[2]!.crash();
  lab.runFor(2);
  lab.nodes[2]!.restart();
  const receipt = settled(lab, queryId);
  const restarted = receipt.respondents.find(({ operator }) => operator === operatorOf(2))!;
  assert.equal(restarted.rounds, 2);
});

test('easy prompts are answered by quotes and verified as such, hard ones in full', () => {
  for (const [difficulty, effort] of [
    [10_000, 'quote'],
    [400_000, 'full'],
  ] as const) {
    const asked = new Set<string | undefined>();
    const verified = new Set<string | undefined>();
    const lab = new Lab({
      market,
      worker: {
        ...worker,
        answer: (job, node) => `${asked.add(job.effort).size} of ${node}`,
        verify: (job) => (verified.add(job.effort).size > 0 ? 'match' : 'mismatch'),
      },
    });
    lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
    settled(lab, openQuery(lab, { difficulty }));
    assert.deepEqual([[...asked], [...verified]], [[effort], [effort]]);
  }
});

test('a cancelled query settles by the grace: silent work is not waited for, and nothing is charged for it', () => {
  const lab = new Lab({ worker: { ...worker, answer: () => null } });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  const queryId = openQuery(lab);
  lab.runUntil(() => readQuery(lab.nodes[0]!.head.state, queryId)?.phase === 'answering', 10_000);
  lab.submit(aliceSeed, { type: 'query.cancel', queryId }, 0);
  const receipt = settled(lab, queryId);
  assert.equal(receipt.outcome, 'cancelled');
  assert.equal(receipt.refund, 1_000_000_000n);
  assert.ok(receipt.settledAt - receipt.openedAt < 14, `${receipt.settledAt - receipt.openedAt} heights`);
});
