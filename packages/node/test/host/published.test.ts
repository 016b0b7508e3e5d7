/** Published knowledge: fetched from peers by judges that have no folder of the domain, checked, joined, and judged with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressOf,
  type ExpertProfile,
  encodeKnowledgeBundle,
  type Hash,
  type KnowledgePassage,
  knowledgeId,
  modelIdOf,
  NANO_PER_SYN,
  PassageTree,
  publicKeyOf,
  type Receipt,
  readExpert,
  sign,
} from '@synod/chain';
import type { Job } from '@synod/inference';
import { decodeDirect, type DirectMessage, limits } from '../../src/host/index.ts';
import { aliceSeed, expertSeed, Lab, type LabNode, type LabOptions, openQuery, recipeOf } from './lab.ts';

type ScoreJob = Extract<Job, { kind: 'score' }>;

const HOST = 4;
const LONG_MS = 120_000;
const passages: readonly KnowledgePassage[] = ['nine', 'ten', 'eleven'].map((depth, index) => ({
  text: `The depth of pier ${index} is ${depth} metres.`,
  source: 'harbour.md (CC0-1.0)',
  subject: `pier ${index}`,
  relation: 'depth',
  value: `${depth} metres`,
}));
const { root } = new PassageTree(passages);
const addressAt = (node: number) => addressOf(publicKeyOf(expertSeed(node)));
const idAt = (node: number): Hash => knowledgeId(addressAt(node), root);

/** What the expert of a node signs. */
function bundleAt(node: number): Uint8Array {
  const seed = expertSeed(node);
  const card = { formatVersion: 1 as const, domain: 'harbour', title: 'The harbour', root, size: passages.length };
  const encoded = encodeKnowledgeBundle(
    { card: { ...card, sources: [] }, aliases: [], relations: [], passages },
    { publicKey: publicKeyOf(seed), sign: (message) => sign(seed, message) },
  );
  assert.ok(encoded.ok);
  return encoded.value;
}

/** Judges that know better judge better: as the real one does, as far as these tests need. */
const worker = {
  answer: () => 'nine metres',
  score: ({ answers, knowledge }: ScoreJob) => answers.map(() => (knowledge === null ? 240_000 : 900_000)),
};

/** Four validators, and a node that validates nothing and hosts an expert, which registers in a domain that was not there. */
function start(options: LabOptions = {}): Lab {
  const lab = new Lab({ observers: 1, worker, bundles: { [HOST]: bundleAt(HOST) }, ...options });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  register(lab, HOST);
  return lab;
}

function register(lab: Lab, node: number): void {
  const address = addressAt(node);
  lab.submit(aliceSeed, { type: 'transfer', from: undefined as never, to: address, amount: 100n * NANO_PER_SYN });
  lab.runFor(3_000);
  const profile: ExpertProfile = {
    name: `pilot-${node}`,
    operator: address,
    domain: 'harbour',
    modelId: modelIdOf({ ...recipeOf(node), knowledgeRoot: root }),
    modelName: 'recorded',
    knowledgeRoot: root,
    knowledgeSize: passages.length,
    priceInPerByte: 1_000n,
    priceOutPerByte: 10_000n,
    priceQuotePerByte: 10_000n,
    capacity: 4,
  };
  lab.submit(expertSeed(node), { type: 'expert.register', expert: profile, bond: 20n * NANO_PER_SYN, consent: null });
  lab.runUntil(() => readExpert(lab.nodes[0]!.head.state, address) !== null, 10_000);
}

function settle(lab: Lab): Receipt {
  const queryId = openQuery(lab, { domain: 'harbour', respondents: 1, prompt: 'How deep is pier 0?' });
  const receipt = () => lab.nodes[1]!.head.results?.receipts.find((entry) => entry.queryId === queryId);
  lab.runUntil(() => receipt() !== undefined, LONG_MS);
  return receipt()!;
}

const judges = (lab: Lab): readonly LabNode[] => lab.nodes.slice(0, HOST);
const scoreJobs = (node: LabNode): readonly ScoreJob[] => node.jobs.filter((job) => job.kind === 'score');
const hasBundle = (node: LabNode): boolean => node.library.has(`knowledge/${idAt(HOST)}`);
const scoreOf = ({ groups }: Receipt): number => groups[0]!.score;

/** Direct messages of a kind as they are sent. */
function watch(kind: DirectMessage['kind']) {
  const seen: DirectMessage[] = [];
  const onMessage = (topic: string, bytes: Uint8Array) => {
    const message = topic === 'direct' ? decodeDirect(bytes) : null;
    if (message?.kind === kind) seen.push(message);
  };
  return { seen, onMessage };
}

test('validators fetch what an expert of a new domain knows as soon as it registers, and judge with it', () => {
  const lab = start();
  lab.runUntil(() => judges(lab).every(hasBundle), 10_000);
  assert.equal(scoreOf(settle(lab)), 900_000);
  for (const node of judges(lab)) {
    assert.deepEqual(new Set(scoreJobs(node).map(({ knowledge }) => knowledge)), new Set([`joined/harbour/${idAt(HOST)}`]));
    assert.deepEqual(node.penalties, []);
  }
});

test('where nobody serves it the answer is judged without, after a few heights, and the query settles', () => {
  const served = settle(start());
  const lab = start({ bundles: {} });
  const receipt = settle(lab);
  assert.equal(scoreOf(receipt), 240_000);
  for (const node of judges(lab)) for (const { knowledge } of scoreJobs(node)) assert.equal(knowledge, null);
  const heights = ({ openedAt, settledAt }: Receipt) => settledAt - openedAt;
  const more = heights(receipt) - heights(served);
  assert.ok(more <= limits.knowledgePatienceHeights + 1, `${more} heights more`);
});

test('what was fetched survives a restart of all judges: they ask nobody again, and the expert may be gone', () => {
  const { seen, onMessage } = watch('knowledgeGet');
  const lab = start({ onMessage });
  lab.runUntil(() => judges(lab).every(hasBundle), 10_000);
  assert.ok(seen.length > 0);
  for (const node of judges(lab)) {
    node.crash();
    lab.runFor(2);
    node.restart();
    node.jobs.length = 0;
  }
  seen.length = 0;
  assert.equal(scoreOf(settle(lab)), 900_000);
  assert.deepEqual(seen, []);
  for (const node of judges(lab)) assert.ok(scoreJobs(node).every(({ knowledge }) => knowledge !== null));
});

test('who fetched it serves it on: a judge that comes when the expert is gone finds it', () => {
  const lab = start();
  lab.runUntil(() => judges(lab).every(hasBundle), 10_000);
  lab.nodes[HOST]!.crash();
  const late = lab.nodes[2]!;
  late.crash();
  late.library.clear();
  late.restart();
  lab.runUntil(() => hasBundle(late), 10_000);
});

test('a local folder wins: nothing is fetched for its domain, and nothing that an expert published is judged with', () => {
  const local = new Map([['harbour', 'shipped/harbour']]);
  const lab = start({ knowledge: () => local });
  settle(lab);
  for (const node of judges(lab)) {
    assert.ok(!hasBundle(node));
    assert.deepEqual(new Set(scoreJobs(node).map(({ knowledge }) => knowledge)), new Set(['shipped/harbour']));
  }
});

test('a peer that sends other knowledge is penalised, and the right one is fetched from others', () => {
  const wrong = bundleAt(9);
  const lab = start({
    alter: (message, from) => (from === 3 && message.kind === 'knowledge' ? { ...message, bytes: wrong } : message),
  });
  lab.runUntil(() => judges(lab).every(hasBundle), 30_000);
  const penalties = lab.nodes.flatMap((node) => node.penalties);
  assert.ok(penalties.some(({ reason }) => reason === 'wrong knowledge: it is of another expert or root'));
  assert.deepEqual(new Set(penalties.map(({ peer }) => peer)), new Set(['node-3']));
  for (const node of judges(lab)) assert.ok(!node.library.has(`knowledge/${idAt(9)}`));
});

test('an expert that retires while its answer waits for scores is judged with what it knows; then its folder goes', () => {
  const lab = start();
  lab.runUntil(() => judges(lab).every(hasBundle), 10_000);
  const queryId = openQuery(lab, { domain: 'harbour', respondents: 1 });
  lab.runUntil(() => lab.nodes[HOST]!.jobs.some(({ kind }) => kind === 'answer'), 20_000);
  lab.submit(expertSeed(HOST), { type: 'expert.retire', expert: addressAt(HOST) });
  const receipt = () => lab.nodes[1]!.head.results?.receipts.find((entry) => entry.queryId === queryId);
  lab.runUntil(() => receipt() !== undefined, LONG_MS);
  assert.equal(scoreOf(receipt()!), 900_000);
});
