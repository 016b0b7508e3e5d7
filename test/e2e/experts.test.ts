/**
 * Experts with knowledge, whole path with real processes and the tiny model: documents become a domain, its experts quote them on
 * chain with proofs, and what they do not know they refuse. Routing is arithmetic on the tiny model's vectors: it runs, and means nothing.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseReceiptProof, passageLeaf, verifyInclusion } from '@synod/chain';
import { Devnet, runSynod } from './devnet-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-experts-'));
const knowledge = join(folder, 'geography');
const FACTS: readonly (readonly [string, string])[] = [
  ['France', 'Paris'],
  ['Japan', 'Tokyo'],
  ['Peru', 'Lima'],
  ['Kenya', 'Nairobi'],
  ['Norway', 'Oslo'],
  ['Fiji', 'Suva'],
];
let devnet: Devnet;

const synod = async (...args: string[]) => {
  const result = await runSynod(args);
  assert.equal(result.code, 0, result.stderr);
  return JSON.parse(result.stdout);
};
const ask = (...args: string[]) => synod('ask', ...args, '--rpc', devnet.url(), '--json');

before(async () => {
  const documents = join(folder, 'documents');
  mkdirSync(documents);
  const text = FACTS.map(([country, city]) => `# ${country}\n\nThe capital of ${country} is ${city}.\n`).join('\n');
  writeFileSync(join(documents, 'capitals.md'), text);
  const flags = ['--documents', documents, '--out', knowledge, '--model', 'tiny', '--no-vectors', '--json'];
  const built = await synod('expert', 'build', 'capitals', ...flags);
  assert.equal(built.size, FACTS.length);
  const knows = ['--knowledge', `capitals=${knowledge}`, '--experts', 'general,capitals'];
  devnet = await Devnet.start({ flags: ['--block-time', '200ms', ...knows] });
});

after(async () => {
  await devnet?.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('what an expert quotes is proved under the root it registered, and the receipt carries the quote', async () => {
  const result = await ask('--domain', 'capitals', 'What is the capital of Japan?');
  assert.deepEqual([result.domain, result.grounding, result.outcome], ['capitals', 'quoted', 'answered']);
  assert.match(result.answer, /The capital of Japan is Tokyo\./);
  const [quote] = result.segments;
  assert.equal(quote.kind, 'quote');
  assert.match(quote.source, /capitals\.md/);
  assert.equal(result.respondents.length, 2);
  assert.ok(Number(result.confidence) > 0);

  const file = join(folder, 'receipt.json');
  await synod('receipt', result.queryId, '--rpc', devnet.url(), '--out', file, '--json');
  const trust = (await synod('checkpoint', '--rpc', devnet.url(), '--json')).checkpoint;
  const verified = await synod('verify', 'receipt', file, '--trust', trust, '--rpc', devnet.url(), '--json');
  assert.deepEqual(verified.receipt.quotes, [{ text: quote.text, source: quote.source, passage: quote.passage }]);

  const proof = parseReceiptProof(readFileSync(file, 'utf8'));
  assert.ok(proof.ok);
  const { receipt } = proof.value;
  const [segment] = receipt.groups[receipt.best!]!.answer.segments;
  assert.ok(segment?.kind === 'quote');
  const card = await synod('expert', 'show', 'capitals-a', '--rpc', devnet.url(), '--json');
  const root = card.knowledgeRoot.slice(2);
  const claim = { index: segment.index, size: card.knowledgeSize, proof: segment.proof, root };
  assert.ok(verifyInclusion({ ...claim, leaf: passageLeaf(segment) }));
  assert.deepEqual([card.hosted, card.model.parameters > 0, card.knowledge.title], [true, true, 'capitals']);
});

test('what no passage answers is refused, and that is told', async () => {
  const result = await ask('--domain', 'capitals', 'What is the capital of Wakanda?');
  assert.equal(result.grounding, 'refused');
  assert.match(result.answer, /^I don't know/);
  const shown = await runSynod(['query', 'show', result.queryId, '--rpc', devnet.url()]);
  assert.match(shown.stdout, /refused: nothing that this expert knows/);
});

test('a question without a domain is routed by the node before its price is told; general answers have no source', async () => {
  const { routing, domain } = await rpc('query_quote', { prompt: 'What is the capital of Peru?' });
  assert.ok(['router', 'default'].includes(routing.by), JSON.stringify(routing));
  assert.ok(['general', 'capitals'].includes(domain));
  const result = await ask('--domain', 'general', 'Hello there, how are you?');
  assert.deepEqual([result.domain, result.grounding], ['general', 'generated']);
  const people = await runSynod(['ask', '--domain', 'general', 'Hello!', '--rpc', devnet.url()]);
  assert.match(people.stdout, /ungrounded: written by the model without a source/);
  assert.match(people.stderr, /routing {3}general \(as asked\)/);
});

test('an OpenAI client finds the domain as a model and the citation in the receipt', async () => {
  const models = (await (await fetch(`${devnet.url()}/v1/models`)).json()) as { data: { id: string }[] };
  assert.ok(models.data.some(({ id }) => id === 'synod/capitals'));
  const response = await fetch(`${devnet.url()}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'synod/capitals', messages: [{ role: 'user', content: 'Capital of Norway?' }] }),
  });
  const { choices, x_receipt } = (await response.json()) as {
    choices: [{ message: { content: string } }];
    x_receipt: { domain: string; grounding: string; citations: { text: string; source: string }[] };
  };
  assert.match(choices[0].message.content, /Oslo/);
  assert.deepEqual([x_receipt.domain, x_receipt.grounding], ['capitals', 'quoted']);
  assert.match(x_receipt.citations[0]?.source ?? '', /capitals\.md/);
});

test('an expert answers on this machine without any chain', async () => {
  const flags = ['--knowledge', knowledge, '--model', 'tiny', '--json'];
  const local = await synod('expert', 'ask', 'capitals', 'What is the capital of Fiji?', ...flags);
  assert.deepEqual([local.grounding, local.segments[0].kind], ['quote', 'quote']);
  assert.match(local.answer, /Suva/);
  const unknown = await runSynod(['expert', 'ask', 'law', 'May I?', '--model', 'tiny']);
  assert.equal(unknown.code, 4);
  assert.match(unknown.stderr, /No knowledge of "law" is shipped/);
});

test('bad input names the flag and what to do', async () => {
  const cases: [string[], RegExp][] = [
    [['--experts', 'magic'], /--experts: there is no knowledge of "magic"/],
    [['--experts', 'A B'], /--experts "A B"/],
    [['--knowledge', 'capitals'], /--knowledge "capitals" must name a domain and its folder/],
    [['--knowledge', `law=${knowledge}`], /holds knowledge of capitals, not of law/],
    [['--knowledge', `capitals=${folder}`], /is no knowledge folder/],
  ];
  for (const [flags, expected] of cases) {
    const data = join(folder, 'none');
    const result = await runSynod(['devnet', '--model', 'tiny', '--data-dir', data, '--port-base', '32345', ...flags]);
    assert.notEqual(result.code, 0);
    assert.match(result.stderr, expected);
  }
});

async function rpc(method: string, params: object) {
  const response = await fetch(devnet.url(), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return ((await response.json()) as { result: { routing: { by: string }; domain: string } }).result;
}
