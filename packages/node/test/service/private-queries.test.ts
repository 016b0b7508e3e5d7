/** Private queries at the node's service (spec: privacy §6): who is given texts, and what is refused before anything is sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answerText,
  encodeTransaction,
  type Hash,
  type Payload,
  PLAIN_TERMS,
  privatePromptHash,
  publicKeyOf,
  type QueryContract,
  sign,
  type TransactionBody,
  transactionSignBytes,
} from '@synod/chain';
import { ChainReader } from '../../src/service/chain-reader.ts';
import { DisclosedTexts } from '../../src/service/disclosed-texts.ts';
import type { QueryEvent } from '../../src/service/query-tracker.ts';
import { aliceSeed, Lab, operatorOf } from '../host/lab.ts';
import { runnerOf, serviceOf } from './service-lab.ts';

const PROMPT = 'What ails the patient of Ghent street?';
const salt = new Uint8Array(32).fill(9);
const wrongKey = 'ab'.repeat(32) as Hash;

const worker = {
  answer: (_job: unknown, node: number) => `herb ${node}`,
  score: ({ answers }: { answers: readonly string[] }) => answers.map(() => 800_000),
};

/** A network whose first node is asked through its service. */
function served() {
  const lab = new Lab({ worker });
  const service = serviceOf(lab, { devAccounts: [{ name: 'alice', seed: aliceSeed }] });
  const runUntil = runnerOf(lab, service, 120_000);
  runUntil(() => lab.heightEverywhere() >= 2);
  /** Lets the disk answer while the service waits for it. */
  const opening = async <T>(work: Promise<T>): Promise<T> => {
    let isDone = false;
    const ended = work.finally(() => {
      isDone = true;
    });
    ended.catch(() => undefined);
    for (let turn = 0; turn < 1_000 && !isDone; turn++) {
      const until = lab.nowMs + 5;
      lab.after(5, () => undefined);
      runUntil(() => lab.nowMs >= until);
      await new Promise(setImmediate);
    }
    return ended;
  };
  return { lab, service, runUntil, opening };
}

/** A private contract as its requester signs it, for another coordinator or salt where they are named. */
function signed(lab: Lab, change: Partial<QueryContract> = {}): Uint8Array {
  const contract: QueryContract = {
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
    ...change,
  };
  const body: TransactionBody = {
    chainId: lab.genesis.chainId,
    sender: publicKeyOf(aliceSeed),
    salt: new Uint8Array(16),
    validUntil: 60,
    maxBaseFeePerByte: 1_000n,
    tip: 0n,
    payload: { type: 'query.open', contract },
  };
  return encodeTransaction({ body, signature: sign(aliceSeed, transactionSignBytes(body)) });
}

test('privacy §6.2: the read key opens prompt, answers and the stream; nothing else does', async () => {
  const { lab, service, runUntil, opening } = served();
  const request = { prompt: PROMPT, domain: 'general', privacy: 'private' } as const;
  const { queryId, readKey } = await opening(service.openQuery(request));
  assert.ok(readKey !== null);
  assert.equal(service.query(queryId, readKey)?.prompt, PROMPT, 'while it is pending, too');
  runUntil(() => service.query(queryId, null)?.status === 'final');
  const shown = (key: Hash | null) => {
    const { isSealed, prompt, receipt } = service.query(queryId, key)!;
    return { isSealed, prompt, texts: receipt!.groups.map(({ answer }) => answerText(answer)).sort() };
  };
  for (const key of [null, wrongKey]) assert.deepEqual(shown(key), { isSealed: true, prompt: null, texts: ['', ''] });
  const opened = shown(readKey);
  assert.deepEqual([opened.isSealed, opened.prompt], [false, PROMPT]);
  assert.ok(opened.texts.length === 2 && opened.texts.every((text) => text.startsWith('herb ')));
  const events = async (key: Hash | null): Promise<QueryEvent[]> => {
    const all: QueryEvent[] = [];
    for await (const event of service.followQuery(queryId, { readKey: key })) all.push(event);
    return all;
  };
  const texts = (all: readonly QueryEvent[]) => all.flatMap((event) => (event.kind === 'token' ? [event.text] : []));
  assert.deepEqual(texts(await events(null)), []);
  assert.deepEqual(texts(await events(wrongKey)), []);
  const own = await events(readKey);
  assert.equal(texts(own).length, 1);
  const last = own.at(-1)!;
  assert.ok(last.kind === 'final' && last.view.prompt === PROMPT);
  assert.throws(() => service.disclosure(queryId, wrongKey), { code: 'READ_KEY_WRONG' });
  assert.throws(() => service.disclosure(wrongKey, readKey), { code: 'QUERY_UNKNOWN' });
  const kept = service.disclosure(queryId, readKey);
  assert.deepEqual([kept.prompt, kept.answers.map(({ respondent }) => respondent)], [PROMPT, [0, 1]]);
  const disclose = (respondents: readonly number[], ...beside: readonly Payload[]) => {
    const answers = kept.answers.filter(({ respondent }) => respondents.includes(respondent));
    const payloads: readonly Payload[] = [...beside, { type: 'query.disclose', queryId, ...kept, answers }];
    const id = payloads.map((payload) => lab.submit(aliceSeed, payload)).at(-1)!;
    runUntil(() => service.transaction(id)?.status === 'final');
    assert.equal(service.transaction(id)?.result?.code, 'OK');
    return service.transaction(id)!.height;
  };
  // What was disclosed is everybody's, on every node, for as long as its block is kept.
  const [first] = opened.texts;
  const firstOf = kept.answers.findIndex(({ answer }) => answerText(answer) === first);
  assert.equal(service.query(queryId, null)!.disclosedAt, null);
  const disclosedAt = disclose([firstOf]);
  assert.deepEqual(shown(null), { isSealed: false, prompt: PROMPT, texts: ['', first] });
  assert.deepEqual(shown(readKey).texts, opened.texts, 'the key still opens all');
  // Neither what the chain refused nor another query's texts become this one's, though they stand in the same block.
  const second = await opening(service.openQuery({ ...request, prompt: 'And of Bruges?' }));
  runUntil(() => service.query(second.queryId, null)?.status === 'final');
  const others = {
    type: 'query.disclose',
    queryId: second.queryId,
    ...service.disclosure(second.queryId, second.readKey!),
  } as const;
  disclose([1 - firstOf], { type: 'query.disclose', queryId, ...kept, prompt: 'What?' }, others);
  assert.equal(service.query(second.queryId, null)!.prompt, 'And of Bruges?');
  const other = serviceOf(lab, {}, 1).query(queryId, null)!;
  assert.deepEqual([other.isSealed, other.prompt, other.disclosedAt], [false, PROMPT, disclosedAt]);
  assert.deepEqual(other.receipt!.groups.map(({ answer }) => answerText(answer)).sort(), opened.texts);
  // Its receipt is enough once the query has left state.
  const { host, store } = lab.nodes[1]!;
  const reader = new ChainReader({ store, head: () => host!.head, genesis: lab.genesis });
  const found = new DisclosedTexts(reader, () => host!.head.height).of(queryId, { ...other, state: null });
  assert.deepEqual([found?.prompt, found?.height, found?.answers.size], [PROMPT, disclosedAt, 2]);
});

test('privacy §6.3: a signed private query needs the content it stands for, and its coordinator, once', async () => {
  const { lab, service, opening } = served();
  const secret = { prompt: PROMPT, salt };
  const refused = (raw: Uint8Array, given: typeof secret | null, code: string) =>
    assert.rejects(opening(service.openSignedQuery(raw, given)), { code });
  await refused(signed(lab), null, 'PRIVATE_PROMPT_MISSING');
  await refused(signed(lab), { ...secret, prompt: 'What?' }, 'PRIVATE_PROMPT_MISMATCH');
  await refused(signed(lab), { ...secret, salt: new Uint8Array(32) }, 'PRIVATE_PROMPT_MISMATCH');
  await refused(signed(lab, { coordinator: operatorOf(1) }), secret, 'NOT_COORDINATOR');
  const { queryId, readKey } = await opening(service.openSignedQuery(signed(lab), secret));
  assert.equal(service.query(queryId, readKey)?.prompt, PROMPT);
  await refused(signed(lab), secret, 'DUPLICATE');
  assert.equal(service.query(queryId, readKey)?.prompt, PROMPT, 'the first key still opens it');
});
