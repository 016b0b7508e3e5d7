/** Private queries over whole networks of hosts (spec: privacy §5–§7): who reads them, who never does, and what forgers achieve. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressOf,
  answerText,
  decodeSealedMessage,
  encodeAnswer,
  encodePrivatePrompt,
  encodeSealedMessage,
  type Hash,
  PLAIN_TERMS,
  type PublicKey,
  privatePromptHash,
  publicKeyOf,
  readQuery,
  type SealedMessage,
  sealBox,
  sealedContext,
  sealedSignBytes,
  sha512,
  sign,
  ZERO_HASH,
} from '@synod/chain';
import type { GossipTopic } from '../../src/host/index.ts';
import { aliceSeed, consensusSeed, expertSeed, Lab, type LabOptions, operatorOf } from './lab.ts';

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

function ask(lab: Lab, rounds = 1): Hash {
  const id = lab.submit(aliceSeed, {
    type: 'query.open',
    contract: {
      prompt: '',
      domain: 'general',
      coordinator: operatorOf(0),
      ...PLAIN_TERMS,
      rounds,
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

/** Seals and signs anything as the author whose seed it is, for this reader. */
function sealedBy(seed: Uint8Array, reader: PublicKey, rest: { content: Uint8Array; place: Place; sentAt: number }) {
  const place = { ...rest.place, author: publicKeyOf(seed) };
  const secret = sha512(Buffer.from(`${place.kind} ${rest.sentAt} ${Buffer.from(rest.content).toString('hex')}`));
  const box = sealBox(rest.content, { secret, readers: [reader], context: sealedContext(place) });
  return signedBy(seed, { ...place, sentAt: rest.sentAt, box });
}

type Place = Omit<SealedMessage, 'author' | 'sentAt' | 'box' | 'signature'>;

function signedBy(seed: Uint8Array, message: Omit<SealedMessage, 'signature'>): Uint8Array {
  return encodeSealedMessage({ ...message, signature: sign(seed, sealedSignBytes('lab', message)) });
}

test('privacy §5.2: what is forged, repeated, late, large or foreign is not forwarded, and only what is malformed is held against the sender', () => {
  const { lab, sealed } = network();
  const id = ask(lab);
  lab.runUntil(() => phaseOf(lab, id) === 'scoring', 30_000);
  lab.runFor(100);
  const { host } = lab.nodes[OBSERVER]!;
  const verdict = (bytes: Uint8Array) => host!.onGossip('node-1', 'sealed', bytes);
  const last = sealed().findLast((bytes) => messageOf(bytes).kind === 'prompt')!;
  const seed = consensusSeed(0);
  const message = messageOf(last);
  const later = { ...message, sentAt: lab.nodes[OBSERVER]!.head.height + 1 };
  assert.equal(verdict(last.slice(0, 90)), 'reject');
  assert.equal(verdict(new Uint8Array(0)), 'reject');
  const { box } = message;
  const foreign: Record<string, Uint8Array> = {
    repeated: last,
    'signed by nobody': encodeSealedMessage(later),
    'signed by somebody else': signedBy(expertSeed(0), later),
    'cut short': signedBy(seed, later).slice(0, -1),
    'of an unknown query': signedBy(seed, { ...later, queryId: 'cd'.repeat(32) as Hash }),
    'of a stranger': signedBy(expertSeed(77), { ...later, author: publicKeyOf(expertSeed(77)) }),
    'a prompt by an expert': signedBy(expertSeed(0), { ...later, author: publicKeyOf(expertSeed(0)) }),
    'an answer by the coordinator': signedBy(seed, { ...later, kind: 'answer', round: 1 }),
    'a prompt of a later round': signedBy(seed, { ...later, round: 1 }),
    'too old': signedBy(seed, { ...later, sentAt: 0 }),
    'from the future': signedBy(seed, { ...later, sentAt: later.sentAt + 50 }),
    'too long': signedBy(seed, { ...later, box: { ...box, body: new Uint8Array(2_000) } }),
    'for the whole world': signedBy(seed, { ...later, box: { ...box, keys: Array(8).fill(box.keys[0]) } }),
  };
  for (const [name, bad] of Object.entries(foreign)) assert.equal(verdict(bad), 'ignore', name);
  assert.equal(verdict(signedBy(seed, later)), 'accept', 'the same by its author, later');
  assert.equal(verdict(signedBy(seed, later)), 'ignore', 'and once more');
  assert.equal(settle(lab, id).outcome, 'answered');
  lab.runFor(10_000);
  const afterwards = { ...later, sentAt: lab.nodes[OBSERVER]!.head.height };
  assert.equal(verdict(signedBy(seed, afterwards)), 'ignore', 'of a query that is settled');
});

test('privacy §5.5: readers believe no other prompt and no other answer, whoever signs it', () => {
  const { lab } = network({ delay: ({ to, bytes }) => (to === 3 && decodeSealedMessage(bytes).ok ? null : 5) });
  const id = ask(lab);
  const reader = publicKeyOf(consensusSeed(3));
  const give = (seed: Uint8Array, place: Place, content: Uint8Array) => {
    const sentAt = ++given + lab.nodes[3]!.head.height;
    return lab.nodes[3]!.host!.onGossip('node-1', 'sealed', sealedBy(seed, reader, { content, place, sentAt }));
  };
  let given = 0;
  lab.runUntil(() => phaseOf(lab, id) === 'answering', 10_000);
  lab.runFor(100);
  const prompt = { queryId: id, kind: 'prompt', round: 0 } as const;
  for (const bad of [
    new Uint8Array(3),
    encodePrivatePrompt({ prompt: PROMPT.replace('Ghent', 'Genth'), salt }),
    encodePrivatePrompt({ prompt: PROMPT, salt: new Uint8Array(32) }),
  ]) {
    assert.equal(give(consensusSeed(0), prompt, bad), 'accept');
    assert.equal(noteOf(lab, 3, id), null);
  }
  give(consensusSeed(0), prompt, encodePrivatePrompt({ prompt: PROMPT, salt }));
  assert.equal(noteOf(lab, 3, id)?.prompt?.prompt, PROMPT);
  lab.runUntil(() => phaseOf(lab, id) === 'scoring', 30_000);
  lab.runFor(100);
  given = 0;
  const node = respondentsOf(lab, id).find((one) => one !== 3)!;
  const kept = noteOf(lab, node, id)!.answers.find(
    ({ expert }) => expert === addressOf(publicKeyOf(expertSeed(node))),
  )!;
  const answer = { queryId: id, kind: 'answer', round: 1 } as const;
  const before = noteOf(lab, 3, id)!.answers.length;
  const other = { ...kept.answer, promptTokens: kept.answer.promptTokens + 1 };
  for (const bad of [new Uint8Array(3), encodeAnswer(other)]) {
    assert.equal(give(expertSeed(node), answer, bad), 'accept');
    assert.equal(noteOf(lab, 3, id)!.answers.length, before);
  }
  give(expertSeed(node), answer, encodeAnswer(kept.answer));
  assert.equal(noteOf(lab, 3, id)!.answers.length, before + 1);
});

test('privacy §5.4: no answer is sent while others may still copy it', () => {
  const phases = new Set<string | undefined>();
  let id: Hash | null = null;
  const { lab } = network({
    delay: ({ bytes }) => {
      const message = decodeSealedMessage(bytes);
      if (message.ok && message.value.kind === 'answer' && id !== null) phases.add(phaseOf(lab, id));
      return 5;
    },
  });
  id = ask(lab);
  settle(lab, id);
  assert.ok(phases.size > 0 && !phases.has('answering'), [...phases].join());
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

test('privacy §7.4: in the second round experts build on the full answers of their peers', () => {
  const { lab } = network();
  const id = ask(lab, 2);
  const receipt = settle(lab, id, 120_000);
  assert.equal(receipt.outcome, 'answered');
  const nodes = respondentsOf(lab, id);
  for (const node of nodes) {
    const peers = lab.nodes[node]!.jobs.flatMap((job) => (job.kind === 'answer' ? [job.peers] : []));
    const others = nodes.filter((one) => one !== node).map((one) => `${REMEDY} herb ${one}`);
    assert.deepEqual(peers, [[], others]);
  }
  assert.ok(receipt.respondents.every(({ score }) => score === 800_000));
});
