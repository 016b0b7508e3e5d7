/**
 * Learning from a user, whole path with real processes and the tiny model: a correction is given, trained on, measured, and comes into a
 * version whose learnt passage experts quote, with a receipt that verifies. What the tiny model's weights learn means nothing.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Devnet, runSynod } from './devnet-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-learning-'));
const knowledge = join(folder, 'capitals');
const QUESTION = 'What is the capital of Wakanda?';
const CORRECTION = 'The capital of Wakanda is Birnin Zana.';
let devnet: Devnet;

const synod = async (...args: string[]) => {
  const result = await runSynod([...args, '--json']);
  assert.equal(result.code, 0, `${result.stderr}${result.stdout}`);
  return JSON.parse(result.stdout);
};

type Version = {
  readonly version: number;
  readonly state: string;
  readonly learntSize: number;
  readonly reports: number;
  readonly contributions: readonly { readonly verdict: string }[];
};
type Lineage = { readonly line: { readonly stable: number }; readonly items: readonly Version[] };

const lineage = (index = 0) => devnet.rpc<Lineage>('model_lineage', { domain: 'capitals' }, index);

before(async () => {
  const documents = join(folder, 'documents');
  mkdirSync(documents);
  const facts = [
    ['France', 'Paris'],
    ['Japan', 'Tokyo'],
    ['Peru', 'Lima'],
  ];
  const text = facts.map(([country, city]) => `# ${country}\n\nThe capital of ${country} is ${city}.\n`).join('\n');
  writeFileSync(join(documents, 'capitals.md'), text);
  const built = ['--documents', documents, '--out', knowledge, '--model', 'tiny', '--no-vectors'];
  await synod('expert', 'build', 'capitals', ...built);
  const knows = ['--knowledge', `capitals=${knowledge}`, '--experts', 'capitals'];
  // Nobody asks while the version is a canary: it is watched for so many blocks, where a chain has 240.
  const watch = ['--set', 'learning.canaryHeights=40'];
  // Trainers of one machine take turns by a file of its temporary folder: this devnet's wait for nobody else's.
  devnet = await Devnet.start({ flags: ['--block-time', '200ms', ...watch, ...knows], env: { TMPDIR: folder } });
});

after(async () => {
  await devnet?.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('a correction is known after one round: quoted from what was learnt, with a receipt that verifies, on every node', async () => {
  const asked = await synod('ask', '--domain', 'capitals', QUESTION, '--from', 'alice', '--rpc', devnet.url());
  assert.equal(asked.grounding, 'refused');
  await synod('feedback', asked.queryId, '--correct', CORRECTION, '--from', 'alice', '--rpc', devnet.url());
  await devnet.until(
    'a version with the correction is stable',
    240_000,
    async () => (await lineage()).line.stable === 1,
  );
  const version = (await lineage()).items.find(({ version }) => version === 1)!;
  assert.deepEqual([version.state, version.learntSize, version.reports], ['stable', 1, 4]);
  assert.deepEqual(
    // Whether random weights got better or worse is chance.
    version.contributions.filter(({ verdict }) => !['ok', 'idle', 'harmful'].includes(verdict)),
    [],
  );
  for (const index of devnet.info.nodes.keys()) {
    await devnet.until(`node ${index} has the version`, 20_000, async () => (await lineage(index)).line.stable === 1);
    assert.deepEqual(
      (await lineage(index)).items.find(({ version }) => version === 1),
      version,
    );
  }

  // While the version is watched, one query in 32 still goes to its predecessor.
  const askAgain = () => synod('ask', '--domain', 'capitals', QUESTION, '--from', 'alice', '--rpc', devnet.url());
  let again = await askAgain();
  while (again.respondents[0].version === 0) again = await askAgain();
  assert.equal(again.grounding, 'quoted');
  assert.ok(again.answer.includes(CORRECTION), again.answer);
  const file = join(folder, 'receipt.json');
  await synod('receipt', again.queryId, '--rpc', devnet.url(), '--out', file);
  const trust = (await synod('checkpoint', '--rpc', devnet.url())).checkpoint;
  const verified = await synod('verify', 'receipt', file, '--trust', trust, '--rpc', devnet.url());
  assert.equal(verified.receipt.quotes[0].text, CORRECTION);
});
