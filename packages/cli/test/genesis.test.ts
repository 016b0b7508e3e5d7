/** The chain of a devnet follows from its seed and flags alone; key files are for their owner alone. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { genesisHash, genesisToJson, type Hash, parseGenesis } from '@synod/chain';
import {
  readChainFile,
  requireSameKnowledge,
  requireSameModel,
  resetDirectory,
  writeChainFile,
} from '../src/devnet/chain-file.ts';
import type { DevnetDomain } from '../src/devnet/domains.ts';
import { expertPlans } from '../src/devnet/experts.ts';
import { devnetGenesis } from '../src/devnet/genesis.ts';
import { devnetKeys, expertKey } from '../src/devnet/keys.ts';
import { layoutOf } from '../src/devnet/layout.ts';
import { CHAIN_DEFAULTS, type ChainChoice } from '../src/devnet/options.ts';
import { createSecretJson } from '../src/files/write-file.ts';
import { readKeyFile } from '../src/keys/key-file.ts';
import { readNodeHome, writeNodeHome } from '../src/node-home.ts';

const geography: DevnetDomain = {
  name: 'geography',
  knowledge: '/knowledge/geography',
  root: '12'.repeat(32) as Hash,
  size: 3,
  adapter: null,
};
const plansFor = (validators: number, domains: readonly DevnetDomain[]) =>
  Array.from({ length: validators }, (_, index) => expertPlans(index, domains, true));
const genesisOf = (changes: Partial<ChainChoice> = {}, modelHash = 'ab'.repeat(32), domains = [geography]) => {
  const choice = { ...CHAIN_DEFAULTS, ...changes };
  const plans = plansFor(choice.validators, domains);
  return devnetGenesis(choice, devnetKeys(choice.seed, choice.validators), {
    modelHash,
    modelName: 'test',
    plans,
    lines: [],
  });
};
const hashOf = (...args: Parameters<typeof genesisOf>) => genesisHash(genesisOf(...args));

function temporary(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'synod-cli-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('the same seed and flags give the same genesis, anything else another', () => {
  assert.equal(hashOf(), hashOf());
  const others = [
    hashOf({ seed: '7' }),
    hashOf({ validators: 3 }),
    hashOf({ blockTimeMs: 501 }),
    hashOf({ verifiedPercent: 11 }),
    hashOf({}, 'cd'.repeat(32)),
    hashOf({}, 'ab'.repeat(32), []),
    hashOf({}, 'ab'.repeat(32), [{ ...geography, root: '34'.repeat(32) as Hash }]),
    hashOf({}, 'ab'.repeat(32), [{ ...geography, adapter: { file: '/a', hash: '56'.repeat(32) as Hash } }]),
  ];
  assert.equal(new Set([hashOf(), ...others]).size, 9);
  assert.equal(genesisOf({ seed: 'My.Net' }).chainId, 'synod-dev-my-net');
});

test('the genesis survives its document, for every number of validators', () => {
  for (const validators of [1, 4, 16]) {
    const genesis = genesisOf({ validators });
    const parsed = parseGenesis(JSON.parse(JSON.stringify(genesisToJson(genesis))));
    assert.ok(parsed.ok);
    assert.equal(genesisHash(parsed.value), genesisHash(genesis));
  }
});

test('more validators leave the keys of the first as they are, and no key is used twice', () => {
  assert.deepEqual(devnetKeys('42', 5).validators.slice(0, 4), devnetKeys('42', 4).validators);
  assert.notDeepEqual(
    devnetKeys('43', 1).validators[0]?.consensusSeed,
    devnetKeys('42', 1).validators[0]?.consensusSeed,
  );
  const { accounts, validators } = devnetKeys('42', 16);
  const seeds = [
    ...accounts.map(({ seed }) => seed),
    ...validators.flatMap((one) => [one.operatorSeed, one.consensusSeed, one.vrfSeed, one.networkSeed]),
    ...validators.flatMap((_, index) =>
      ['general', 'geography', 'chemistry'].map((domain) => expertKey('42', index, domain).seed),
    ),
  ];
  assert.equal(new Set(seeds.map((seed) => Buffer.from(seed).toString('hex'))).size, 3 + 16 * 7);
});

test('a key file that others may read is refused, and none is overwritten', (context) => {
  const file = join(temporary(context), 'key.json');
  createSecretJson(file, { privateKey: `0x${'11'.repeat(32)}` });
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(readKeyFile(file).address, /^syn1/);
  assert.throws(() => createSecretJson(file, {}), { code: 'FILE_EXISTS' });
  for (const mode of [0o640, 0o604, 0o660]) {
    chmodSync(file, mode);
    assert.throws(() => readKeyFile(file), { code: 'KEY_FILE_OPEN', message: /chmod 600/ });
  }
  chmodSync(file, 0o600);
  writeFileSync(file, '{"privateKey":"0x12"}');
  assert.throws(() => readKeyFile(file), { code: 'KEY_FILE_INVALID' });
  assert.throws(() => readKeyFile(`${file}.none`), { code: 'KEY_FILE_MISSING' });
});

test('a node’s home comes back as it was written; its keys are closed and no error shows one', (context) => {
  const home = temporary(context);
  const { operator, consensusSeed, vrfSeed, networkSeed } = devnetKeys('42', 1).validators[0]!;
  const { seed } = expertKey('42', 0, 'geography');
  const node = {
    formatVersion: 1 as const,
    name: 'val-0',
    rpc: { host: '127.0.0.1', port: 9545 },
    p2p: { listen: '/ip4/127.0.0.1/tcp/9546', bootstrap: [] },
    modelDirectory: '/models/x',
    knowledge: { geography: '/knowledge/geography' },
  };
  const experts = expertPlans(0, [geography], true).map(({ setup }) => ({ seed, ...setup }));
  const rotated = [{ consensusSeed: seed, vrfSeed: networkSeed }];
  const keys = { operator, consensusSeed, vrfSeed, rotated, networkSeed, experts, devAccounts: [] };
  writeNodeHome(home, node, keys);
  const read = readNodeHome(home);
  assert.deepEqual({ node: read.node, keys: read.keys }, { node, keys });
  const file = join(home, 'keys.json');
  chmodSync(file, 0o644);
  assert.throws(() => readNodeHome(home), { code: 'KEY_FILE_OPEN' });
  chmodSync(file, 0o600);
  const secret = Buffer.from(vrfSeed).toString('hex');
  writeFileSync(file, readFileSync(file, 'utf8').replace(secret, `${secret}ff`));
  assert.throws(
    () => readNodeHome(home),
    (error: Error) => /vrfSeed/.test(error.message) && !error.message.includes(secret),
  );
});

test('a folder of another format or model is refused; --reset deletes only what is its own', (context) => {
  const layout = layoutOf(temporary(context));
  assert.equal(readChainFile(layout), null);
  const file = {
    ...CHAIN_DEFAULTS,
    chainId: 'c',
    genesisHash: 'h',
    modelHash: 'm',
    knowledgeRoots: { geography: geography.root },
  };
  writeChainFile(layout, file);
  assert.equal(readChainFile(layout)?.seed, '42');
  requireSameModel(readChainFile(layout), 'm');
  assert.throws(() => requireSameModel(readChainFile(layout), 'other'), { code: 'MODEL_CHANGED' });
  requireSameKnowledge(readChainFile(layout), [geography]);
  const other = { ...geography, root: '34'.repeat(32) };
  assert.throws(() => requireSameKnowledge(readChainFile(layout), [other]), { code: 'KNOWLEDGE_CHANGED' });
  resetDirectory(layout);
  assert.equal(readChainFile(layout), null);
  writeFileSync(layout.chain, '{"stateFormat":99,"version":"9.9.9"}');
  assert.throws(() => readChainFile(layout), { code: 'STATE_FORMAT', message: /9\.9\.9/ });
  writeFileSync(layout.chain, '{"stateF');
  assert.throws(() => readChainFile(layout), { code: 'FILE_DAMAGED', message: /--reset/ });
  writeFileSync(join(layout.directory, 'mine.txt'), '');
  assert.throws(() => resetDirectory(layout), { code: 'DATA_DIR_FOREIGN', message: /mine\.txt/ });
});
