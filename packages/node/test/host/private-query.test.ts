/** Private queries over whole networks of hosts (spec: privacy §5–§7): who reads them, who never does, and what forgers achieve. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answerText,
  decodeSealedMessage,
  encodeSealedMessage,
  type Hash,
  PLAIN_TERMS,
  privatePromptHash,
  readQuery,
  type SealedMessage,
  ZERO_HASH,
} from '@synod/chain';
import type { GossipTopic } from '../../src/host/index.ts';
import { aliceSeed, Lab, type LabOptions, operatorOf } from './lab.ts';

const PROMPT = 'What ails the patient of Ghent street?';
const REMEDY = 'a tincture of';
const SECRETS = ['Ghent', REMEDY];
const salt = new Uint8Array(32).fill(9);
const OBSERVER = 4;

type Sent = { readonly topic: GossipTopic | 'direct'; readonly bytes: Uint8Array };

const worker = {
  answer: (_job: unknown, node: number) => `${REMEDY} herb ${node}`,
  score: ({ answers }: { answers: readonly string[] }) => answers.map(() => 800_000),
};

/** Four validators with an expert each, and somebody who only follows. */
function network(options: LabOptions = {}) {
  const sent: Sent[] = [];
  const lab = new Lab({
    observers: 1,
    worker,
    ...options,
    onMessage: (topic, bytes) => void sent.push({ topic, bytes }),
  });
  lab.runUntil(() => lab.heightEverywhere() >= 2, 10_000);
  return { lab, sent, sealed: () => sent.filter(({ topic }) => topic === 'sealed').map(({ bytes }) => bytes) };
}

function ask(lab: Lab): Hash {
  const id = lab.submit(aliceSeed, {
    type: 'query.open',
    contract: {
      prompt: '',
      domain: 'general',
      coordinator: operatorOf(0),
      ...PLAIN_TERMS,
      privacy: { promptHash: privatePromptHash(PROMPT, salt), promptBytes: PROMPT.length },
      respondents: 2,
      maxFee: 1_000_000_000n,
      threshold: 300_000,
      basePart: 200_000,
      answerWindow: 60,
      revealWindow: 12,
      scoreWindow: 20,
      scoreRevealWindow: 8,
    },
  });
  const prompt = { prompt: PROMPT, salt };
  assert.ok(lab.nodes[0]!.host!.queries.privacy.keep(id, { prompt, readKeyHash: ZERO_HASH, openBy: 1_000 }));
  return id;
}

const queryOf = (lab: Lab, id: Hash) => readQuery(lab.nodes[0]!.head.state, id);
const phaseOf = (lab: Lab, id: Hash) => queryOf(lab, id)?.phase;
const noteOf = (lab: Lab, node: number, id: Hash) => lab.nodes[node]!.host!.queries.privacy.note(id);
const receiptOf = (lab: Lab, id: Hash) =>
  lab.nodes[0]!.head.results?.receipts.find((receipt) => receipt.queryId === id);

function settle(lab: Lab, id: Hash, withinMs = 60_000) {
  lab.runUntil(() => receiptOf(lab, id) !== undefined, withinMs);
  return receiptOf(lab, id)!;
}

/** Places of the operators that answer. */
function respondentsOf(lab: Lab, id: Hash): readonly number[] {
  const operators = [0, 1, 2, 3].map(operatorOf);
  return queryOf(lab, id)!.respondents.map(({ operator }) => operators.indexOf(operator));
}

const reveals = (bytes: Uint8Array): boolean => SECRETS.some((secret) => Buffer.from(bytes).includes(secret));
const messageOf = (bytes: Uint8Array): SealedMessage => {
  const decoded = decodeSealedMessage(bytes);
  assert.ok(decoded.ok);
  return decoded.value;
};

test('privacy §5: a private query is answered, scored and settled, and the requester reads every answer', () => {
  const { lab } = network();
  const id = ask(lab);
  const receipt = settle(lab, id);
  assert.equal(receipt.outcome, 'answered');
  assert.ok(receipt.respondents.every(({ score, paid }) => score === 800_000 && paid > 0n));
  lab.runFor(3_000);
  const full = receipt.respondents.map((_, index) =>
    lab.nodes[0]!.host!.queries.privacy.fullAnswer(queryOf(lab, id)!, index),
  );
  const texts = full.map((answer) => answer !== null && answerText(answer));
  assert.deepEqual(
    texts,
    respondentsOf(lab, id).map((node) => `${REMEDY} herb ${node}`),
  );
  assert.ok(lab.nodes[3]!.jobs.some((job) => job.kind === 'score' && job.prompt === PROMPT));
});

test('privacy §5: no word of it is in gossip, in a block, in state, or anywhere at a node outside the committee', () => {
  const toObserver: Uint8Array[] = [];
  const delay: LabOptions['delay'] = ({ to, bytes }) => {
    if (to === OBSERVER) toObserver.push(bytes);
    return 5;
  };
  const { lab, sent } = network({ delay });
  const id = ask(lab);
  settle(lab, id);
  lab.runFor(5_000);
  const open = sent.filter(({ topic, bytes }) => topic !== 'direct' && reveals(bytes));
  assert.deepEqual(open, []);
  assert.ok(
    sent.some(({ topic, bytes }) => topic === 'direct' && reveals(bytes)),
    'the search finds what is there',
  );
  assert.ok(toObserver.length > 100 && !toObserver.some(reveals));
  const outside = lab.nodes[OBSERVER]!;
  const { blocks, results, state, local } = outside.disk;
  const everything = [
    ...[...blocks.values()].flatMap(({ block, commit }) => [block, commit]),
    ...results.values(),
    ...state.values(),
    ...local.values(),
    Buffer.from(JSON.stringify(outside.events, (_, value) => (typeof value === 'bigint' ? `${value}` : value))),
  ];
  assert.ok(everything.length > 50 && !everything.some(reveals));
  assert.equal(noteOf(lab, OBSERVER, id), null);
  assert.ok([...lab.nodes[0]!.disk.local.values()].some(reveals), 'the coordinator keeps it');
});

test('privacy §6: what is kept of a query that is in state no longer, or was never opened in time, goes', () => {
  const { lab } = network();
  const [node] = lab.nodes;
  const { privacy } = node!.host!.queries;
  const isOnDisk = () => [...node!.disk.local.values()].some(reveals);
  const openBy = node!.head.height + 3;
  const prompt = { prompt: PROMPT, salt };
  privacy.keep('ab'.repeat(32) as Hash, { prompt, readKeyHash: ZERO_HASH, openBy });
  lab.runUntil(() => node!.head.height === openBy, 10_000);
  assert.ok(isOnDisk());
  lab.runUntil(() => node!.head.height === openBy + 2, 10_000);
  assert.ok(!isOnDisk());
  assert.equal(privacy.note('ab'.repeat(32) as Hash), null);
  node!.crash();
  node!.restart();
  assert.equal(node!.host!.queries.privacy.note('ab'.repeat(32) as Hash), null);
});

test('privacy §5: a member that was cut off and restarted gets prompt and answers again', () => {
  let isCutOff = true;
  const { lab } = network({
    delay: ({ to, bytes }) => (to === 3 && isCutOff && decodeSealedMessage(bytes).ok ? null : 5),
  });
  const id = ask(lab);
  lab.runUntil(() => phaseOf(lab, id) === 'answering' && noteOf(lab, 1, id)?.prompt != null, 10_000);
  lab.runFor(1_000);
  assert.equal(noteOf(lab, 3, id), null);
  lab.nodes[3]!.crash();
  lab.runFor(500);
  lab.nodes[3]!.restart();
  isCutOff = false;
  lab.runUntil(() => noteOf(lab, 3, id)?.answers.length === 2, 30_000);
  lab.nodes[3]!.crash();
  lab.runFor(500);
  lab.nodes[3]!.restart();
  assert.equal(noteOf(lab, 3, id)?.prompt?.prompt, PROMPT, 'what it has survives the process');
  assert.equal(settle(lab, id).outcome, 'answered');
});

test('privacy §5: forged, replayed, damaged and foreign messages are dropped, and only what is malformed is held against the sender', () => {
  const { lab, sealed } = network();
  const id = ask(lab);
  lab.runUntil(() => phaseOf(lab, id) === 'scoring' && sealed().length >= 4, 30_000);
  const { host } = lab.nodes[OBSERVER]!;
  const verdict = (bytes: Uint8Array) => host!.onGossip('node-1', 'sealed', bytes);
  const newest = sealed().at(-1)!;
  const message = messageOf(newest);
  const flipped = message.box.body.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
  const stranger = 'ab'.repeat(32) as typeof message.author;
  const later = { ...message, sentAt: lab.nodes[OBSERVER]!.head.height + 1 };
  assert.equal(verdict(newest.slice(0, 90)), 'reject');
  assert.equal(verdict(new Uint8Array(0)), 'reject');
  const dropped: Record<string, SealedMessage> = {
    replayed: message,
    'sent anew by somebody else': later,
    'of another query': { ...later, queryId: 'cd'.repeat(32) as Hash },
    'of a stranger': { ...later, author: stranger },
    'with another body': { ...later, box: { ...message.box, body: flipped } },
    'too old': { ...message, sentAt: 0 },
    'too long': { ...later, box: { ...message.box, body: new Uint8Array(200_000) } },
    'for the whole world': { ...later, box: { ...message.box, keys: Array(200).fill(message.box.keys[0]) } },
  };
  assert.equal(verdict(encodeSealedMessage(later).slice(0, -1)), 'ignore', 'cut short');
  for (const [name, bad] of Object.entries(dropped)) assert.equal(verdict(encodeSealedMessage(bad)), 'ignore', name);
  assert.equal(settle(lab, id).outcome, 'answered');
});

test('privacy §7: an answer kept from its scorers scores 0, and the other is paid', () => {
  let silent = -1;
  const { lab } = network({
    delay: ({ from, bytes }) => {
      const message = decodeSealedMessage(bytes);
      return message.ok && message.value.kind === 'answer' && from === silent ? null : 5;
    },
  });
  const id = ask(lab);
  lab.runUntil(() => phaseOf(lab, id) === 'answering', 10_000);
  const nodes = respondentsOf(lab, id);
  silent = nodes[1]!;
  const { respondents, outcome } = settle(lab, id);
  assert.equal(outcome, 'answered');
  assert.deepEqual(
    respondents.map(({ score }) => score),
    [800_000, 0],
  );
});

test('privacy §7: an answer that public rules would refuse scores 0, whatever its text', () => {
  let forger = -1;
  const { lab } = network({ worker: { ...worker, isForged: (node) => node === forger } });
  const id = ask(lab);
  lab.runUntil(() => phaseOf(lab, id) === 'answering', 10_000);
  forger = respondentsOf(lab, id)[0]!;
  assert.deepEqual(
    settle(lab, id).respondents.map(({ score }) => score),
    [0, 800_000],
  );
});
