/**
 * Log-probabilities of the stock `openai` client, against a devnet of real processes: exactly what its chain recorded of the answer. Owns
 * no devnet: clients.test.ts gives its own.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GeneratedSegment, parseReceiptProof } from '@synod/chain';
import OpenAI from 'openai';
import { type Devnet, runSynod } from '../e2e/devnet-process.ts';

// biome-ignore lint/suspicious/noExplicitAny: extra fields are outside of the client's types.
type Loose = any;

const asked = {
  model: 'synod/general',
  messages: [{ role: 'user' as const, content: 'Say something.' }],
  logprobs: true,
  // One answer alone: what is streamed is what wins.
  synod: { respondents: 1 },
};

/** Registers the tests; the devnet is asked for once it is up. */
export function logProbabilityTests(devnet: () => Devnet): void {
  const client = () => new OpenAI({ baseURL: `${devnet().url()}/v1`, apiKey: 'any' });

  test('each token has what the chain recorded of it', async () => {
    const { choices, x_receipt } = (await client().chat.completions.create(asked)) as Loose;
    assert.deepEqual(x_receipt.logprobs, ['recorded']);
    const text = choices[0].message.content;
    assertRecorded(choices[0].logprobs.content, text, await recorded(devnet(), x_receipt.query_id, text));
  });

  test('a stream ends with them', async () => {
    const stream = client().chat.completions.stream(asked);
    let last: Loose;
    for await (const chunk of stream) last = chunk;
    const { choices } = await stream.finalChatCompletion();
    const text = choices[0]!.message.content!;
    assert.deepEqual(last.x_receipt.logprobs, ['recorded']);
    assertRecorded(choices[0]!.logprobs!.content!, text, await recorded(devnet(), last.x_receipt.query_id, text));
  });

  test('a private answer has them, as its read key opens it', async () => {
    const { choices, x_receipt } = (await client().chat.completions.create({
      ...asked,
      x_private: true,
    } as Loose)) as Loose;
    assert.deepEqual(x_receipt.logprobs, ['recorded']);
    const { content } = choices[0].logprobs;
    assert.ok(content.length > 1);
    assert.equal(
      Buffer.concat(content.map(({ bytes }: Loose) => Buffer.from(bytes))).toString(),
      choices[0].message.content,
    );
  });
}

/** What the receipt on the chain has of the answer with this text. */
async function recorded(devnet: Devnet, queryId: string, text: string): Promise<GeneratedSegment> {
  const { stdout, stderr } = await runSynod(['receipt', queryId, '--rpc', devnet.url()]);
  const proof = parseReceiptProof(stdout);
  assert.ok(proof.ok, stderr);
  const segments = proof.value.receipt.groups.flatMap(({ answer }) => answer.segments);
  const found = segments.find((segment) => segment.text === text);
  assert.ok(found?.kind === 'generated');
  return found;
}

function assertRecorded(content: readonly Loose[], text: string, segment: GeneratedSegment): void {
  assert.equal(Buffer.concat(content.map(({ bytes }) => Buffer.from(bytes))).toString(), text);
  assert.deepEqual(
    content.map(({ logprob }) => Math.round(-1000 * logprob)),
    [...segment.logProbabilities],
  );
  assert.ok(content.length > 1 && content.every(({ top_logprobs }) => top_logprobs.length === 0));
}
