/** Feedback at a node's service (spec: learning §2): kept before it is sent, refused with a stable code, private words never sent. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  blobId,
  decodeFeedback,
  decodeFeedbackBlob,
  decodeTransaction,
  encodeTransaction,
  type FeedbackGive,
  type Hash,
  publicKeyOf,
  type Receipt,
  sign,
  stateKeys,
  transactionSignBytes,
  verifyStateProof,
} from '@synod/chain';
import { PrivateFeedbackFile } from '../../src/adapters/index.ts';
import type { FeedbackRequest, OwnFeedbackRequest } from '../../src/service/feedback-service.ts';
import { worker } from '../host/feedback-lab.ts';
import { alice, aliceSeed, Lab, type LabOptions, openQuery, operatorSeed } from '../host/lab.ts';
import { runnerOf, serviceOf } from './service-lab.ts';

const wait = { waitFor: 'mempool', timeoutMs: 0 } as const;
const unknown = 'ab'.repeat(32) as Hash;
/** Another account with money, of which the node holds the key. */
const bobSeed = operatorSeed(1);

const correct = { rating: 'correct', correction: 'The capital of France is Paris.', source: null } as const;
const terms = { licence: 'CC-BY-4.0', consent: 'train' } as const;

function own(queryId: Hash, more: Partial<OwnFeedbackRequest> = {}): OwnFeedbackRequest {
  return { queryId, ...correct, ...terms, isPrivate: false, readKey: null, ...more };
}

function bare(queryId: Hash, more: Partial<FeedbackRequest> = {}): FeedbackRequest {
  return { queryId, ...correct, ...terms, ...more };
}

function served(context: TestContext, options: LabOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'synod-feedback-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const sent: string[] = [];
  const lab = new Lab({
    worker,
    onMessage: (_topic, bytes) => void sent.push(Buffer.from(bytes).toString('latin1')),
    ...options,
  });
  const node = lab.nodes[0]!;
  const privateFile = new PrivateFeedbackFile(join(folder, 'private-feedback.jsonl'));
  const disk = { isFull: false };
  const blobs = {
    has: (content: Hash) => node.blobs.has(content),
    read: (content: Hash) => node.blobs.get(content) ?? null,
    keep: async (content: Hash, bytes: Uint8Array) => {
      if (disk.isFull) return false;
      node.blobs.set(content, bytes);
      node.host!.handle({ kind: 'blobStored', content });
      return true;
    },
  };
  const service = serviceOf(lab, {
    devAccounts: [
      { name: 'alice', seed: aliceSeed },
      { name: 'bob', seed: bobSeed },
    ],
    feedback: { blobs, privateFile },
  });
  const runUntil = runnerOf(lab, service, 200_000);
  runUntil(() => lab.heightEverywhere() >= 2);
  const settled = (id: Hash): Receipt => {
    runUntil(() => service.query(id, null)?.status === 'final');
    return service.query(id, null)!.receipt!;
  };
  const receipt = settled(openQuery(lab));
  return { lab, node, service, runUntil, settled, receipt, disk, privateFile, sent };
}

test('words of a settled query are kept, signed for who asked, attested by the network, listed and proven', async (context) => {
  const { node, service, runUntil, receipt } = served(context);
  const { queryId } = receipt;
  assert.equal(service.feedbackOf(queryId), null);
  const result = await service.submitFeedback(own(queryId, { source: 'https://example.org/france' }), wait);
  assert.ok(result.kind === 'given');
  assert.deepEqual([result.status, result.code], ['pending', 'OK']);
  const blob = decodeFeedbackBlob(service.getBlob(result.content)!)!;
  assert.equal(blob.prompt, 'What is the capital of France?');
  assert.match(blob.answer, /^answer of node [0-9]$/);
  assert.deepEqual([blob.author, blob.rating, blob.correction], [alice, 'correct', correct.correction]);
  runUntil(() => service.feedbackOf(queryId)?.feedback.state === 'available');
  const view = service.feedbackOf(queryId)!;
  assert.deepEqual(service.getFeedback('general', 0), view);
  assert.deepEqual(service.listFeedback('general', 0, 100), [view]);
  assert.deepEqual(service.listFeedback('general', 1, 100), []);
  assert.equal(view.text?.source, 'https://example.org/france');
  assert.equal(view.feedback.content, result.content);
  await assert.rejects(service.submitFeedback(own(queryId, { rating: 'good', correction: null }), wait), {
    code: 'FEEDBACK_TWICE',
  });

  runUntil(() => node.head.height >= view.feedback.givenAt + 6);
  const key = stateKeys.feedback('general', 0);
  const { value, proof, stateRoot } = service.proof(key, null);
  const verdict = verifyStateProof({ key, proof, root: stateRoot });
  assert.ok(verdict.ok && Buffer.compare(verdict.value!, value!) === 0);
  const record = decodeFeedback(value!);
  assert.ok(record.ok && record.value.content === result.content);
});

test('a key that is elsewhere signs what was prepared, and sends it with its blob', async (context) => {
  const { service, runUntil, receipt, node } = served(context);
  const { queryId } = receipt;
  const prepared = service.prepareFeedback(bare(queryId), publicKeyOf(aliceSeed));
  assert.equal(node.blobs.size, 0, 'nothing is kept');
  const decoded = decodeTransaction(prepared.transaction);
  assert.ok(decoded.ok);
  const { body } = decoded.value;
  const signed = (seed: Uint8Array, changed: Partial<FeedbackGive> = {}) => {
    const payload = { ...(body.payload as FeedbackGive), ...changed };
    const next = { ...body, payload, sender: publicKeyOf(seed) };
    return encodeTransaction({ body: next, signature: sign(seed, transactionSignBytes(next)) });
  };
  const submit = (raw: Uint8Array, blob: Uint8Array | null) => service.submitSignedFeedback(raw, blob, wait);
  await assert.rejects(submit(prepared.transaction, prepared.blob), { code: 'BAD_SIGNATURE' });
  await assert.rejects(submit(prepared.blob, prepared.blob), { code: 'MALFORMED' });
  await assert.rejects(submit(signed(aliceSeed), null), { code: 'BLOB_MISSING' });
  await assert.rejects(submit(signed(aliceSeed), prepared.blob.slice(1)), { code: 'BLOB_MISMATCH' });
  const bytes = prepared.blob.slice(0, 50);
  const cut = { content: blobId(bytes), bytes: bytes.length };
  await assert.rejects(submit(signed(aliceSeed, cut), bytes), { code: 'BLOB_MISMATCH' });
  await assert.rejects(submit(signed(aliceSeed, { rating: 'bad' }), prepared.blob), { code: 'BLOB_MISMATCH' });
  await assert.rejects(submit(signed(aliceSeed, { leaf: unknown }), prepared.blob), { code: 'BLOB_MISMATCH' });
  for (const [said, lie] of [
    [/answer of node ./, 'lies'],
    ['capital of France?', 'capital of Spain?'],
    ['"domain":"general"', '"domain":"git"'],
  ] as const) {
    const invented = new TextEncoder().encode(new TextDecoder().decode(prepared.blob).replace(said, lie));
    const other = { content: blobId(invented), bytes: invented.length };
    await assert.rejects(submit(signed(aliceSeed, other), invented), { code: 'BLOB_MISMATCH' }, lie);
  }
  await assert.rejects(submit(signed(bobSeed), prepared.blob), { code: 'FEEDBACK_FOREIGN' });
  assert.equal(node.blobs.size, 0, 'nothing of what was refused is kept');
  const result = await submit(signed(aliceSeed), prepared.blob);
  assert.ok(result.kind === 'given' && result.content === prepared.content);
  runUntil(() => service.feedbackOf(queryId)?.feedback.state === 'available');
});

test('what cannot be right is refused with its code before anything is kept or charged', async (context) => {
  const { lab, node, service, receipt, disk } = served(context, { learning: { feedbackBytesMax: 1_024 } });
  const { queryId } = receipt;
  const before = service.account(alice)!.balance;
  const refused = async (code: string, more: Partial<OwnFeedbackRequest>) =>
    assert.rejects(service.submitFeedback(own(queryId, more), wait), { code });
  await refused('FEEDBACK_UNKNOWN_QUERY', { queryId: unknown });
  await refused('ACCOUNT_UNKNOWN', { from: 'mallory' });
  await refused('FEEDBACK_FOREIGN', { from: 'bob' });
  await refused('FEEDBACK_EMPTY', { correction: null });
  await refused('FEEDBACK_EMPTY', { correction: '  ' });
  await refused('FEEDBACK_MALFORMED', { rating: 'good' });
  await refused('FEEDBACK_MALFORMED', { licence: 'no licence' });
  await refused('FEEDBACK_MALFORMED', { correction: 'half a \ud83d character' });
  await refused('FEEDBACK_MALFORMED', { source: 'two\nlines' });
  await refused('FEEDBACK_TOO_LONG', { correction: 'word '.repeat(300) });
  await refused('FEEDBACK_TOO_LONG', { correction: 'word '.repeat(30_000) });
  const open = openQuery(lab);
  await refused('FEEDBACK_UNSETTLED', { queryId: open });
  assert.throws(() => service.prepareFeedback(bare(queryId), publicKeyOf(bobSeed)), { code: 'FEEDBACK_FOREIGN' });
  assert.equal(node.blobs.size, 0);
  disk.isFull = true;
  await refused('BLOB_NOT_STORED', {});
  assert.equal(node.host!.mempool.size, 1, 'only the open query waits');
  assert.equal(service.account(alice)!.balance, before);
});

test('who cannot pay the deposit, and who comes after the window, hear it at once', async (context) => {
  const poor = served(context, { learning: { feedbackDeposit: 2n ** 60n } });
  await assert.rejects(poor.service.submitFeedback(own(poor.receipt.queryId), wait), { code: 'FEEDBACK_UNFUNDED' });
  const late = served(context, { learning: { feedbackWindow: 5 } });
  const { service, node, receipt, runUntil } = late;
  runUntil(() => node.head.height > receipt.settledAt + 6);
  await assert.rejects(service.submitFeedback(own(receipt.queryId), wait), { code: 'FEEDBACK_WINDOW_OVER' });
});

test('a query without an answer takes none', async (context) => {
  const { service, lab, settled } = served(context);
  for (const node of lab.nodes) node.workerIsDown = true;
  const silent = settled(openQuery(lab, { answerWindow: 4 }));
  assert.equal(silent.best, null);
  await assert.rejects(service.submitFeedback(own(silent.queryId), wait), { code: 'FEEDBACK_NO_ANSWER' });
});

test('feedback about a private query, and what is to stay at home, is written to the file and never sent', async (context) => {
  const { lab, node, service, receipt, privateFile, runUntil, settled, sent } = served(context);
  const kept = await service.submitFeedback(own(receipt.queryId, { isPrivate: true }), wait);
  assert.deepEqual(kept, { kind: 'kept', queryId: receipt.queryId, file: privateFile.path });
  let opened: Awaited<ReturnType<typeof service.openQuery>> | null = null;
  const prompt = 'What ails the patient of Ghent street?';
  void service
    .openQuery({ prompt, domain: 'general', respondents: 1, threshold: 300_000, privacy: 'private' })
    .then((query) => {
      opened = query;
    });
  for (let turn = 0; turn < 1_000 && opened === null; turn++) {
    const until = lab.nowMs + 5;
    lab.after(5, () => undefined);
    runUntil(() => lab.nowMs >= until);
    await new Promise(setImmediate);
  }
  const { queryId, readKey } = opened! as Awaited<ReturnType<typeof service.openQuery>>;
  settled(queryId);
  const words = { rating: 'correct', correction: 'The secret remedy is willow bark.' } as const;
  await assert.rejects(service.submitFeedback(own(queryId, words), wait), { code: 'READ_KEY_WRONG' });
  await assert.rejects(service.submitFeedback(own(queryId, { ...words, readKey: unknown }), wait), {
    code: 'READ_KEY_WRONG',
  });
  assert.throws(() => service.prepareFeedback(bare(queryId), publicKeyOf(aliceSeed)), { code: 'FEEDBACK_PRIVATE' });
  const result = await service.submitFeedback(own(queryId, { ...words, readKey }), wait);
  assert.equal(result.kind, 'kept');
  const lines = readFileSync(privateFile.path, 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, 2);
  const blob = decodeFeedbackBlob(new TextEncoder().encode(lines[1]))!;
  assert.deepEqual([blob.prompt, blob.correction, blob.author], [prompt, words.correction, alice]);
  assert.match(blob.answer, /^answer of node/);
  runUntil(() => node.head.height >= 3 && lab.heightEverywhere() >= node.head.height - 1);
  assert.equal(service.feedbackOf(queryId), null);
  assert.equal(node.blobs.size, 0);
  assert.ok(!sent.some((bytes) => bytes.includes('willow bark') || bytes.includes(correct.correction)));
  // Once its texts are everybody's, still nobody else says how the answer was, and the chain would not take it.
  lab.submit(aliceSeed, { type: 'query.disclose', queryId, ...service.disclosure(queryId, readKey!) });
  runUntil(() => service.query(queryId, null)?.isSealed === false);
  await assert.rejects(service.submitFeedback(own(queryId, words), wait), { code: 'READ_KEY_WRONG' });
  assert.throws(() => service.prepareFeedback(bare(queryId), publicKeyOf(aliceSeed)), { code: 'FEEDBACK_PRIVATE' });
  assert.equal((await service.submitFeedback(own(queryId, { ...words, readKey }), wait)).kind, 'kept');
  assert.equal(node.blobs.size, 0);
});

test('the feedback of a query is found after its window too', async (context) => {
  const { service, node, receipt, runUntil, settled, lab } = served(context, { learning: { feedbackWindow: 20 } });
  await service.submitFeedback(own(receipt.queryId), wait);
  runUntil(() => service.feedbackOf(receipt.queryId) !== null);
  const second = settled(openQuery(lab));
  await service.submitFeedback(own(second.queryId, { rating: 'bad', correction: null }), wait);
  runUntil(() => service.feedbackOf(second.queryId) !== null);
  runUntil(() => node.head.height > second.settledAt + 25);
  assert.equal(service.feedbackOf(receipt.queryId)?.feedback.number, 0);
  assert.equal(service.feedbackOf(second.queryId)?.feedback.number, 1);
  assert.equal(service.feedbackOf(unknown), null);
});
