/** How verifiers come by the recipes of experts they do not know: fetched from peers, checked by hash, kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRecipe, type Hash, modelIdOf, type Receipt, sha256, taggedHash, toHex } from '@synod/chain';
import type { Job } from '@synod/inference';
import { decodeDirect, encodeDirect } from '../../src/host/messages.ts';
import { Lab, type LabNode, type LabOptions, openQuery, recipeOf } from './lab.ts';

const adapter = new Uint8Array(5_000).fill(7);
const adapterHash = toHex(sha256(adapter)) as Hash;

const worker = {
  answer: (_job: unknown, node: number) => `answer of node ${node}`,
  score: (job: { readonly answers: readonly string[] }) => job.answers.map(() => 700_000),
};

/** Every answer is verified, by as many as there are. */
function start(options: LabOptions = {}): Lab {
  const lab = new Lab({ market: { verificationShare: 1_000_000 }, worker, ...options });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  return lab;
}

/** With four respondents of five nodes, the coordinator's left out, every other node's expert answers. */
function settle(lab: Lab): Receipt {
  const queryId = openQuery(lab, { respondents: 4 });
  const receipt = () => lab.nodes[1]!.head.results?.receipts.find((entry) => entry.queryId === queryId);
  lab.runUntil(() => receipt() !== undefined, 120_000);
  return receipt()!;
}

function verdictOf(receipt: Receipt, node: LabNode) {
  return receipt.respondents.find(({ operator }) => operator === node.operator)?.verdict;
}

const nodeFive = { validators: 4, newcomers: 1 };

test("a fifth node's expert that no verifier knew is verified by its recipe and adapter, fetched by hash", () => {
  const setups: Extract<Job, { kind: 'verify' }>['expert'][] = [];
  const lab = start({
    ...nodeFive,
    adapters: { 4: adapter },
    worker: {
      ...worker,
      verify: ({ expert, segments }) => {
        if (segments.some(({ text }) => text === 'answer of node 4')) setups.push(expert);
        return 'match';
      },
    },
  });
  const receipt = settle(lab);
  for (const node of lab.nodes.slice(1)) assert.equal(verdictOf(receipt, node), 'match');
  assert.ok(setups.length >= 2);
  for (const setup of setups) {
    assert.deepEqual(setup, {
      profile: recipeOf(4).profile,
      knowledge: null,
      adapter: `library/${adapterHash}`,
    });
  }
  const verifiers = lab.nodes.filter((node) => node.jobs.some((job) => job.kind === 'verify'));
  for (const node of verifiers.filter(({ index }) => index < 4)) {
    assert.deepEqual(node.library.get(`adapter/${adapterHash}`), adapter);
  }
});

test('a peer that answers with another recipe or adapter is penalised, and the right one is fetched from others', () => {
  const wrong = encodeRecipe(recipeOf(77));
  const lab = start({
    ...nodeFive,
    adapters: { 4: adapter },
    // Node 3 lies to whoever asks it.
    alter: (message, from) => {
      if (from !== 3 || (message.kind !== 'recipe' && message.kind !== 'adapter')) return message;
      return { ...message, bytes: message.kind === 'recipe' ? wrong : Uint8Array.of(1, 2, 3) };
    },
  });
  const receipt = settle(lab);
  assert.equal(verdictOf(receipt, lab.nodes[4]!), 'match');
  const penalties = lab.nodes.flatMap((node) => node.penalties);
  assert.ok(penalties.some(({ reason }) => reason === 'another recipe than was asked for'));
  assert.ok(penalties.some(({ reason }) => reason === 'another adapter than was asked for'));
  assert.deepEqual(new Set(penalties.map(({ peer }) => peer)), new Set(['node-3']));
  for (const { library } of lab.nodes) assert.ok(![...library.values()].some((bytes) => bytes === wrong));
  for (const node of lab.nodes) assert.ok(!node.library.has(`recipe/${modelIdOf(recipeOf(77))}`));
});

test('a recipe that nobody serves, and one of another base model, are unavailable; a worker that loads says nothing', () => {
  const unpublished = start({ ...nodeFive, unpublished: [4] });
  const receipt = settle(unpublished);
  assert.equal(verdictOf(receipt, unpublished.nodes[4]!), 'unavailable');
  assert.equal(verdictOf(receipt, unpublished.nodes[2]!), 'match');

  // The fifth node runs what it registered; the others run another model than all were registered with.
  const other = taggedHash('another model');
  const elsewhere = start({ ...nodeFive, baseModel: (node) => (node === 4 ? recipeOf(4).baseModel : other) });
  assert.equal(verdictOf(settle(elsewhere), elsewhere.nodes[4]!), 'unavailable');

  const loading = start({ ...nodeFive, baseModel: (node) => (node === 4 ? recipeOf(4).baseModel : null) });
  assert.equal(verdictOf(settle(loading), loading.nodes[4]!), 'undecided');
});

test('what was fetched survives a restart: the second query needs no request', () => {
  const asked: string[] = [];
  const lab = start({
    ...nodeFive,
    adapters: { 4: adapter },
    onMessage: (_topic, bytes) => {
      const message = decodeDirect(bytes);
      if (_topic === 'direct' && (message?.kind === 'recipeGet' || message?.kind === 'adapterGet'))
        asked.push(message.hash);
    },
  });
  assert.equal(verdictOf(settle(lab), lab.nodes[4]!), 'match');
  assert.ok(asked.includes(modelIdOf(recipeOf(4, adapterHash))) && asked.includes(adapterHash));
  for (const node of lab.nodes.slice(1, 4)) {
    node.crash();
    lab.runFor(2);
    node.restart();
  }
  asked.length = 0;
  assert.equal(verdictOf(settle(lab), lab.nodes[4]!), 'match');
  assert.deepEqual(asked, []);
});

test('who fetched a recipe and its adapter serves them on when the expert itself is gone', () => {
  const given: Hash[] = [];
  const lab = start({
    ...nodeFive,
    adapters: { 4: adapter },
    onMessage: (topic, bytes) => {
      const message = topic === 'direct' ? decodeDirect(bytes) : null;
      if ((message?.kind === 'recipe' || message?.kind === 'adapter') && message.bytes !== null)
        given.push(message.hash);
    },
  });
  settle(lab);
  lab.nodes[4]!.crash();
  given.length = 0;
  const wanted = [modelIdOf(recipeOf(4, adapterHash)), adapterHash];
  const ask = (kind: 'recipeGet' | 'adapterGet', hash: Hash) =>
    lab.nodes[2]!.host!.handle({ kind: 'direct', peer: 'node-1', bytes: encodeDirect({ kind, hash }) });
  ask('recipeGet', wanted[0]!);
  ask('adapterGet', wanted[1]!);
  assert.deepEqual(given, wanted);
});
