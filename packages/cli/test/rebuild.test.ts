/** `synod model lineage` and `model rebuild`: what a chain recorded is shown, and adds up to the same hashes on an empty folder. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Hash, sha256, toHex, ZERO_HASH } from '@synod/chain';
import { readAdapter } from '@synod/inference/adapters';
import { readLearnt } from '@synod/inference/knowledge';
import { factorsAbout, factorsHash, fixedFromAdapter } from '@synod/inference/learning';
import { buildTinyModel } from '@synod/inference/tiny-model';
import { readManifest } from '../../inference/src/models/store/manifest-file.ts';
import { fetchLineage, lineageTold } from '../src/commands/model-lineage.ts';
import { type RebuildOptions, rebuildVersion } from '../src/learning/rebuild.ts';
import { createNodeClient } from '../src/rpc/node-client.ts';
import { synod } from './command.ts';
import { DOMAIN, type LearntChain, learnChain, serveLearnt } from './learnt-chain.ts';

const root = mkdtempSync(join(tmpdir(), 'synod-rebuild-'));
after(() => rmSync(root, { recursive: true }));
const modelDirectory = join(root, 'model');
await buildTinyModel(modelDirectory, { seed: 1 });
const manifest = await readManifest(modelDirectory);
let folders = 0;

async function rebuild(urls: readonly string[], wanted: number, more: Partial<RebuildOptions> = {}) {
  const nodes = urls.map((url) => createNodeClient(url)) as unknown as RebuildOptions['nodes'];
  const { items } = await fetchLineage(nodes[0], DOMAIN);
  return await rebuildVersion({
    nodes,
    domain: DOMAIN,
    versions: items,
    wanted,
    folder: join(root, `out-${folders++}`),
    modelDirectory,
    baseAdapter: null,
    onStep: () => undefined,
    ...more,
  });
}

const sha = (file: string) => toHex(sha256(readFileSync(file)));

test('every version is made anew from its records, on an empty folder, to the bytes of the chain', async (t) => {
  const chain = learnChain(manifest);
  const url = await serveLearnt(t, chain);
  for (const { number, factors, adapter, learntRoot } of chain.versions) {
    const made = await rebuild([url], number);
    assert.deepEqual([made.factors?.hash, made.adapter?.hash, made.learnt?.root], [factors, adapter, learntRoot]);
    assert.deepEqual([sha(made.factors!.file), sha(made.adapter!.file)], [factors, adapter]);
  }
  const whole = await rebuild([url], 3);
  assert.deepEqual([whole.path, whole.deltas, whole.fetched], [[1, 2, 3], 5, 8]);
  const learnt = await readLearnt(whole.learnt!.file);
  assert.deepEqual(
    learnt.map(({ number, text }) => [number, text]),
    [0, 2, 1].map((number) => [number, `The keeper of dock ${number} is Marta ${number}.`]),
  );
});

test('what was fetched is not fetched again, and what one node lacks or forges comes from another', async (t) => {
  const chain = learnChain(manifest);
  const whole = await serveLearnt(t, chain);
  const [content] = chain.versions[0]!.contributions.map((each) => each.content);
  const forged: LearntChain = { ...chain, blobs: new Map(chain.blobs).set(content!, new Uint8Array(40)) };
  const poor: LearntChain = { ...chain, blobs: new Map([...chain.blobs].filter(([id]) => id !== content)) };
  const [forging, lacking] = [await serveLearnt(t, forged), await serveLearnt(t, poor)];
  const folder = join(root, 'kept');
  assert.equal((await rebuild([forging, lacking, whole], 1, { folder })).factors?.hash, chain.versions[0]!.factors);
  assert.equal((await rebuild([lacking], 1, { folder })).fetched, 0);
  writeFileSync(join(folder, 'blobs', content!), 'damaged');
  assert.equal((await rebuild([whole], 1, { folder })).fetched, 1);
  await assert.rejects(rebuild([forging, lacking], 1), {
    code: 'BLOB_UNKNOWN',
    message: /gives other bytes; .*BLOB_UNKNOWN/,
  });
});

test('votes that changed the rule and the norm since do not matter; records that do not add up are named', async (t) => {
  const chain = learnChain(manifest);
  chain.inForce = { aggregator: 3, normMax: 7 };
  const url = await serveLearnt(t, chain);
  assert.equal((await rebuild([url], 3)).factors?.hash, chain.versions[2]!.factors);
  const told: string[] = [];
  await rebuild([url], 3, { onStep: (text) => told.push(text) });
  assert.deepEqual(
    told.map((text) => text.replace(/ {3}0x.*/, '')),
    ['v1   2 deltas by mean', 'v3   3 deltas by median'],
  );
  const wrong = async (change: Partial<LearntChain['versions'][number]>, message: RegExp, number = 1) => {
    const versions = chain.versions.map((each) => (each.number === number ? { ...each, ...change } : each));
    const rebuilt = rebuild([await serveLearnt(t, { ...chain, versions })], number);
    await assert.rejects(rebuilt, { code: 'REBUILD_DIFFERS', message });
  };
  await wrong({ factors: 'ab'.repeat(32) as Hash }, /factors should be 0xabab/);
  await wrong({ adapter: 'cd'.repeat(32) as Hash }, /adapter should be 0xcdcd/);
  await wrong({ learntRoot: ZERO_HASH }, /learntRoot should be 0x0000/);
  await wrong({ learnt: [0, 1] }, /learntRoot/);
  const { aggregator, normMax } = chain.versions[2]!.rule!;
  await wrong({ rule: { aggregator: 3, normMax } }, /Version 3 .*factors/, 3);
  await wrong({ rule: { aggregator, normMax: normMax - 1 } }, /Version 3 .*factors/, 3);
  await wrong({ contributions: chain.versions[0]!.contributions.slice(0, 1) }, /factors/);
  await assert.rejects(rebuild([url], 9), { code: 'VERSION_UNKNOWN' });
});

test('genesis factors are needed where the chain names some', async (t) => {
  const chain = learnChain(manifest);
  const bare = await serveLearnt(t, chain);
  const own = (await rebuild([bare], 1)).adapter!.file;
  const fixed = fixedFromAdapter(await readAdapter(own, factorsAbout(manifest)));
  assert.ok(!('problem' in fixed));
  const factors = factorsHash(fixed) as Hash;
  const genesis = {
    ...chain.versions[0]!,
    number: 0,
    round: ZERO_HASH,
    rule: null,
    contributions: [],
    learnt: [],
    factors,
  };
  const url = await serveLearnt(t, { ...chain, versions: [genesis, ...chain.versions] });
  await assert.rejects(rebuild([url], 1), {
    code: 'REBUILD_BASE_MISSING',
    message: /no adapter of it is shipped.*--base/,
  });
  const based = await rebuild([url], 0, { baseAdapter: own });
  assert.equal(based.factors?.hash, factors);
  // The versions above were made on zeros.
  await assert.rejects(rebuild([url], 1, { baseAdapter: own }), { code: 'REBUILD_DIFFERS' });
  const other = (await rebuild([bare], 3)).adapter!.file;
  await assert.rejects(rebuild([url], 1, { baseAdapter: other }), {
    code: 'REBUILD_BASE_MISSING',
    message: /is another one/,
  });
});

test('the commands tell it, with exit codes', async (t) => {
  const chain = learnChain(manifest);
  const url = await serveLearnt(t, chain);
  const out = join(root, 'told');
  const args = ['model', 'rebuild', DOMAIN, '--version', '3', '--model', modelDirectory, '--out', out];
  const ended = await synod([...args, '--rpc', url]);
  assert.equal(ended.code, 0, ended.stderr);
  assert.match(ended.stdout, /✔ v3 of harbour is what the chain says: made from 5 deltas \(8 blobs fetched\)/);
  assert.match(ended.stdout, /way {7}v1 → v2 → v3/);
  assert.ok(existsSync(join(out, 'v3.adapter')));
  const json = JSON.parse((await synod([...args, '--rpc', url, '--json'])).stdout);
  assert.deepEqual([json.isChains, json.fetched, json.factors.hash], [true, 0, chain.versions[2]!.factors]);
  const { lines } = await lineageTold(createNodeClient(url), DOMAIN);
  const text = lines.join('\n');
  assert.match(text, /harbour {3}stable v3, mean score 0\.866666 of 3 answers {3}3 feedback, 0 wait/);
  assert.match(text, /v1 .* 1\.900 → 1\.800 .*0\.010 → 0\.010 .*1 ok, 1 idle, 1 copy, 1 missing/);
  assert.match(text, /model rebuild harbour --version 3/);
  assert.equal((await synod(['model', 'lineage', 'law', '--rpc', url])).code, 4);
  assert.equal((await synod(['model', 'rebuild', DOMAIN, '--version', 'three', '--rpc', url])).code, 2);
});
