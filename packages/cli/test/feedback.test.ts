/** `synod feedback`: what is said goes out as it was said, a key file signs nothing else, and every refusal has its code. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import {
  addressOf,
  blobId,
  correctionLeaf,
  decodeTransaction,
  encodeFeedbackBlob,
  encodeTransaction,
  type FeedbackBlob,
  type Hash,
  publicKeyOf,
  SynodError,
  toHex,
  transactionSignBytes,
  verifySignature,
} from '@synod/chain';
import type { FeedbackRequest, NodeApi } from '@synod/rpc';
import { createMemoryNode } from '../../rpc/test/fixture/memory-node.ts';
import { type FeedbackFlags, giveFeedback } from '../src/commands/feedback.ts';
import { listFeedback } from '../src/commands/feedback-show.ts';
import { createNodeClient } from '../src/rpc/node-client.ts';
import { feedbackLine } from '../src/terminal/feedback-line.ts';
import { synod } from './command.ts';
import { serveApi } from './lab-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-feedback-'));
after(() => rmSync(folder, { recursive: true }));

const seed = new Uint8Array(32).fill(9);
const keyFile = join(folder, 'key.json');
writeFileSync(keyFile, JSON.stringify({ privateKey: `0x${toHex(seed)}` }), { mode: 0o600 });

/** Of the memory node's first feedback. */
const queryId = `0x${toHex(await hashOf('query 1'))}`;

async function hashOf(name: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name)));
}

type Sent = { readonly raw: Uint8Array; readonly blob: Uint8Array | null };

/** A node that prepares what was said, unless a test puts other words into it. */
async function serve(t: TestContext, twist: (blob: FeedbackBlob) => FeedbackBlob = (blob) => blob) {
  const memory = createMemoryNode();
  const sent: Sent[] = [];
  const api: NodeApi = {
    ...memory.api,
    prepareFeedback(request, sender) {
      const blob = twist(blobOf(request, addressOf(sender)));
      const bytes = encodeFeedbackBlob(blob);
      const { rating } = blob;
      const payload = {
        type: 'feedback.give',
        queryId: blob.queryId,
        rating,
        content: blobId(bytes),
        bytes: bytes.length,
        leaf: correctionLeaf(blob),
      } as const;
      const { chainId } = memory.api.status();
      const body = {
        chainId,
        sender,
        salt: new Uint8Array(16),
        validUntil: 60,
        maxBaseFeePerByte: 8n,
        tip: 0n,
        payload,
      };
      const transaction = encodeTransaction({ body, signature: new Uint8Array(64) });
      return { transaction, blob: bytes, content: payload.content };
    },
    async submitSignedFeedback(raw, blob, wait) {
      sent.push({ raw, blob });
      return await memory.api.submitSignedFeedback(raw, blob, wait);
    },
  };
  const url = await serveApi(t, api);
  const say = (rating: string | undefined, flags: Partial<FeedbackFlags> = {}) =>
    giveFeedback(queryId, rating, { json: false, debug: false, rpc: url, ...flags });
  return { say, sent, url, asked: memory.feedback as (FeedbackRequest & Record<string, unknown>)[] };
}

function blobOf(
  { queryId: id, rating, correction, source, licence, consent }: FeedbackRequest,
  author: FeedbackBlob['author'],
): FeedbackBlob {
  const asked = { domain: 'general', prompt: 'What is the capital of Peru?', answer: 'It is Cusco.' };
  return { formatVersion: 1, queryId: id, author, rating, correction, source, licence, consent, ...asked };
}

test('a devnet account says it in one command, and hears what comes of it', async (t) => {
  const { say, asked } = await serve(t);
  const good = await say('good');
  assert.match(
    good.lines.join('\n'),
    /✔ feedback recorded {3}block 3\n {2}general learns from it in the round that opens .*\n {2}Watch: .*model lineage general/,
  );
  await say(undefined, {
    correct: 'The capital of Peru is Lima.',
    source: 'An atlas',
    consent: 'release',
    from: 'alice',
  });
  const kept = await say('bad', { private: true });
  assert.match(kept.lines.join('\n'), /kept in private-feedback\.jsonl: it was sent to nobody/);
  assert.deepEqual(
    asked.map(({ rating, correction, source, consent, from, isPrivate }) => [
      rating,
      correction,
      source,
      consent,
      from,
      isPrivate,
    ]),
    [
      ['good', null, null, 'train', undefined, false],
      ['correct', 'The capital of Peru is Lima.', 'An atlas', 'release', 'alice', false],
      ['bad', null, null, 'train', undefined, true],
    ],
  );
});

test('a key file signs what was said, and the words go with it', async (t) => {
  const { say, sent } = await serve(t);
  const told = await say(undefined, { keyFile, correct: 'The capital of Peru is Lima.', licence: 'CC-BY-4.0' });
  const [{ raw, blob }] = sent as [Sent];
  const { body, signature } = (decodeTransaction(raw) as { value: Parameters<typeof encodeTransaction>[0] }).value;
  assert.ok(verifySignature(publicKeyOf(seed), transactionSignBytes(body), signature));
  assert.ok(body.payload.type === 'feedback.give' && body.payload.content === blobId(blob!));
  assert.match(told.lines.join('\n'), /in no block yet: do not send it again/);
  await say('good', { keyFile });
  assert.equal(sent.length, 2);
});

test('a key file signs nothing that was not said', async (t) => {
  const twists: readonly ((blob: FeedbackBlob) => FeedbackBlob)[] = [
    (blob) => ({ ...blob, correction: 'The capital of Peru is Cusco.' }),
    (blob) => ({ ...blob, consent: 'release' }),
    (blob) => ({ ...blob, source: 'The node' }),
    (blob) => ({ ...blob, rating: 'bad', correction: null, source: null }),
    (blob) => ({ ...blob, queryId: 'ab'.repeat(32) as Hash }),
    (blob) => ({ ...blob, author: addressOf(publicKeyOf(new Uint8Array(32).fill(1))) }),
    (blob) => ({ ...blob, licence: 'MIT' }),
  ];
  for (const twist of twists) {
    const { say, sent } = await serve(t, twist);
    const said = say(undefined, { keyFile, correct: 'The capital of Peru is Lima.', licence: 'CC0-1.0' });
    await assert.rejects(said, { code: 'FEEDBACK_PREPARED_WRONG' }, String(twist));
    assert.deepEqual(sent, []);
  }
});

test('what cannot be meant is misuse, and nothing is sent', async (t) => {
  const { say, sent, asked } = await serve(t);
  const wrong: readonly (readonly [string | undefined, Partial<FeedbackFlags>])[] = [
    [undefined, {}],
    ['great', {}],
    ['good', { correct: 'It is Lima.' }],
    ['good', { source: 'An atlas' }],
    ['good', { consent: 'sell' }],
    ['good', { keyFile, private: true }],
    ['good', { keyFile, from: 'alice' }],
  ];
  for (const [rating, flags] of wrong)
    await assert.rejects(say(rating, flags), { code: 'USAGE' }, `${rating} ${JSON.stringify(flags)}`);
  assert.deepEqual([sent, asked], [[], []]);
});

test('refusals end with their exit codes: foreign, twice, unknown', async (t) => {
  const { url } = await serve(t);
  const named = async (name: string) => `0x${toHex(await hashOf(name))}`;
  const code = async (...args: string[]) => {
    const { code: ended, stderr } = await synod(['feedback', ...args, '--rpc', url, '--json']);
    return [ended, JSON.parse(stderr).error.code];
  };
  assert.deepEqual(await code(await named('foreign'), 'good'), [5, 'FEEDBACK_FOREIGN']);
  assert.deepEqual(await code(await named('twice'), 'good'), [5, 'FEEDBACK_TWICE']);
  assert.deepEqual(await code('show', await named('never asked')), [4, 'FEEDBACK_UNKNOWN']);
  assert.deepEqual(await code('0x12', 'good'), [2, 'INVALID_PARAMS']);
  const shown = await synod(['feedback', 'show', queryId, '--rpc', url]);
  assert.match(shown.stdout, /correct {3}It is Paris\.\n.*\nstate {5}used: learnt from, version 1/s);
});

test('the list begins with the last, and invites where there is none', async (t) => {
  const { url } = await serve(t);
  const node = createNodeClient(url);
  const { lines } = await listFeedback(node, 'general');
  assert.match(lines[0] ?? '', /^#2 +block 2 +good +Question 2\? +training/);
  assert.match((await listFeedback(node, 'law')).lines.join('\n'), /Nobody has said anything about answers of law/);
});

test('a person with an answer is asked whether it was right, a program is not', () => {
  const query = {
    queryId: '0xab',
    answer: 'Lima.',
    isSealed: false,
    isPrivate: false,
    receipt: { height: '3', blockHash: '0x', finalized: true },
  };
  const line = (change: object, isTerminal = true, readKey: string | null = null) =>
    feedbackLine({ ...query, ...change }, { isTerminal, readKey }).join('\n');
  assert.match(line({}), /^Was it right\? {3}\S*synod feedback 0xab good \| bad \| --correct "…"$/);
  assert.match(line({ isPrivate: true }, true, '0xkey'), /feedback 0xab --read-key 0xkey good/);
  for (const change of [{ answer: null }, { isSealed: true }, { receipt: null }, { isPrivate: true }])
    assert.equal(line(change), '');
  assert.equal(line({}, false), '');
});

test('a refusal names what the chain said', async (t) => {
  const { url } = await serve(t);
  const node = createNodeClient(url);
  const twice = { queryId: `0x${toHex(await hashOf('twice'))}`, rating: 'good' } as const;
  await assert.rejects(node.call('feedback_submit', twice), (error: unknown) => {
    assert.ok(error instanceof SynodError);
    assert.deepEqual([error.code, error.facts['hint']], ['FEEDBACK_TWICE', 'Feedback on this query was given before.']);
    return /Only its fee was charged/.test(error.message);
  });
});
