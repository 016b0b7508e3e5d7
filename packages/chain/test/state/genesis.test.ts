/** The genesis document and the state it makes (state §2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkSupply,
  createGenesisState,
  defaultChainParams,
  genesisHash,
  genesisToJson,
  listExperts,
  listLines,
  paramsProblem,
  parseGenesis,
  readBeacon,
  readHead,
  readLine,
  readParams,
  readSupply,
  readVersion,
} from '../../src/index.ts';
import { SYN, TestChain } from '../test-chain.ts';

// biome-ignore lint/suspicious/noExplicitAny: the test breaks fields of any kind on purpose.
type Json = Record<string, any>;

function documentOf(change: (json: Json) => void): unknown {
  const json = structuredClone(genesisToJson(new TestChain().genesis)) as Json;
  change(json);
  return json;
}

function reasonOf(change: (json: Json) => void): string {
  const parsed = parseGenesis(documentOf(change));
  return parsed.ok ? 'good' : parsed.reason;
}

test('state §2: a document survives its JSON text, and its hash with it', () => {
  const { genesis } = new TestChain();
  const text = JSON.stringify(genesisToJson(genesis));
  const parsed = parseGenesis(JSON.parse(text));
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value, genesis);
  assert.equal(genesisHash(parsed.value), genesisHash(genesis));
  assert.match(text, /"expertBondMin":"10000000000"/);
  const reordered = Object.fromEntries(Object.entries(genesis).reverse()) as typeof genesis;
  assert.equal(genesisHash(reordered), genesisHash(genesis));
  assert.notEqual(genesisHash({ ...genesis, time: genesis.time + 1 }), genesisHash(genesis));
});

test('state §2.1: each fault is named', () => {
  assert.equal(
    reasonOf(() => undefined),
    'good',
  );
  assert.match(
    reasonOf((json) => delete json['time']),
    /^time must be given/,
  );
  assert.match(
    reasonOf((json) => (json['extra'] = 1)),
    /^extra must be left out/,
  );
  assert.match(
    reasonOf((json) => (json['accounts'][0].balance = 5)),
    /^accounts\[0\]\.balance must be a decimal string/,
  );
  assert.match(
    reasonOf((json) => (json['accounts'][0].address = 'syn1x')),
    /^accounts\[0\]\.address must be an address/,
  );
  assert.match(
    reasonOf((json) => json['validators'].reverse()),
    /validators must be sorted by operator/,
  );
  assert.match(
    reasonOf((json) => json['accounts'].push(json['accounts'].at(-1))),
    /accounts must be sorted by address, each once/,
  );
  assert.match(
    reasonOf((json) => (json['validators'][0].vrfKey = json['validators'][1].vrfKey)),
    /must not share keys/,
  );
  assert.match(
    reasonOf((json) => (json['validators'][0].power = '0')),
    /power of at least 1/,
  );
  assert.match(
    reasonOf((json) => (json['validators'] = [])),
    /at least one entry/,
  );
  assert.match(
    reasonOf((json) => (json['experts'][1].bond = '1')),
    /experts\[1\]\.bond must be at least/,
  );
  assert.match(
    reasonOf((json) => (json['experts'][1].profile.domain = 'Two Words')),
    /profile\.domain is out of bounds/,
  );
  assert.match(
    reasonOf((json) => (json['accounts'][0].balance = '18446744073709551615')),
    /exceeds 2\^64 - 1/,
  );
  assert.match(
    reasonOf((json) => (json['chainId'] = 'Big')),
    /^chainId must be/,
  );
  assert.match(
    reasonOf((json) => (json['protocolVersion'] = 2)),
    /^protocolVersion must be 1/,
  );
  assert.match(
    reasonOf((json) => (json['params'].thresholdMax = 1_000_001)),
    /^params\.thresholdMax must be/,
  );
  for (const json of [null, [], 'genesis', 5]) assert.equal(parseGenesis(json).ok, false);
});

test('state §2.4: parameters are checked, defaults are good', () => {
  assert.equal(paramsProblem(defaultChainParams()), null);
  assert.match(paramsProblem(defaultChainParams({ timeouts: { proposeDeltaMs: 0 } })) ?? '', /proposeDeltaMs/);
  assert.match(paramsProblem(defaultChainParams({ baseFeePerByteMin: 0n })) ?? '', /baseFeePerByteMin/);
  assert.equal(defaultChainParams({ timeouts: { blockIntervalMs: 50 } }).timeouts.proposeMs, 400);
});

test('staking §8: no vote can make the next one impossible', () => {
  const good = { voting: { depositMin: 10n ** 15n, quorum: 666_666 }, baseFeePerByteMin: 1_000_000n };
  assert.equal(paramsProblem(defaultChainParams(good)), null);
  assert.match(paramsProblem(defaultChainParams({ baseFeePerByteMin: 1_000_001n })) ?? '', /baseFeePerByteMin/);
  assert.match(paramsProblem(defaultChainParams({ voting: { depositMin: 10n ** 15n + 1n } })) ?? '', /depositMin/);
  assert.match(paramsProblem(defaultChainParams({ voting: { quorum: 666_667 } })) ?? '', /quorum/);
});

test('staking §1.1: unbonding time, evidence age and trusting period stand in this order, in heights and in time', () => {
  const problem = (staking: object, rest: object = {}) =>
    paramsProblem(defaultChainParams({ ...rest, staking })) ?? 'good';
  const ages = { evidenceAgeHeights: 100, evidenceAgeMs: 50_000, trustingPeriodMs: 39_999 };
  assert.equal(problem(ages), 'good');
  assert.match(problem({ ...ages, trustingPeriodMs: 40_000 }), /trustingPeriodMs must be less than 40000/);
  assert.match(problem({ ...ages, evidenceAgeHeights: 99 }), /trustingPeriodMs must be less than 39500/);
  assert.match(problem(ages, { clockDriftMsMax: 10_001 }), /trustingPeriodMs must be less than 39999/);
  assert.equal(problem({ evidenceAgeMs: 4_999_999 }), 'good');
  assert.match(problem({ evidenceAgeMs: 5_000_000 }), /evidenceAgeMs must be less than 5000000/);
  assert.match(problem({ unbondingHeights: 1024 + 60 + 64 }), /unbondingHeights must be more than 1148/);
  for (const blockIntervalMs of [50, 250, 60_000]) assert.equal(problem({}, { timeouts: { blockIntervalMs } }), 'good');
});

test('state §2: the state holds what the document says, and stake counts as issued', () => {
  const { genesis, state } = new TestChain();
  assert.equal(readHead(state), 0);
  assert.deepEqual(readParams(state), genesis.params);
  assert.deepEqual(readSupply(state), {
    issued: 5080n * SYN,
    burnt: 0n,
    escrowed: 0n,
    bonded: 40n * SYN,
    staked: 40n * SYN,
    unbonding: 0n,
  });
  assert.equal(checkSupply(state).ok, true);
  assert.equal(listExperts(state, 'general').length, 4);
  assert.equal(createGenesisState(genesis).root, state.root);
  const other = createGenesisState({ ...genesis, time: genesis.time + 1 });
  assert.notEqual(readBeacon(other, 0), readBeacon(state, 0));
});

test('a document that would not parse cannot make a state', () => {
  const { genesis } = new TestChain();
  assert.throws(() => createGenesisState({ ...genesis, chainId: '' }), { code: 'GENESIS_INVALID' });
});

test('state §5: checkSupply finds money that came from nowhere', () => {
  const { state } = new TestChain();
  const account = [...state.entries()].find(({ key }) => key.startsWith('account/'))!;
  const richer = Uint8Array.from(account.value);
  richer[0] = richer[0]! ^ 1;
  assert.equal(checkSupply(state.update(new Map([[account.key, richer]]))).ok, false);
});

test('state §8.4: a full block under a full commit must be encodable', () => {
  const make = (count: number) =>
    new TestChain({ powers: Array.from({ length: count }, () => 1n), params: { extensionBytesMax: 256 * 1024 } });
  assert.equal(make(11).validators.length, 11);
  assert.throws(() => make(12), {
    code: 'GENESIS_INVALID',
    message: /extensionBytesMax is too large for 12 validators/,
  });
});

test('learning §1.1: genesis may bring factors of version 0, for each domain once, ascending', () => {
  const line = { domain: 'general', factors: 'f1'.repeat(32), adapter: 'a1'.repeat(32) };
  const with_ = (lines: unknown) => parseGenesis(documentOf((json) => (json['lines'] = lines)));
  const parsed = with_([line]);
  assert.ok(parsed.ok);
  const state = createGenesisState(parsed.value);
  assert.deepEqual(listLines(state), ['general']);
  assert.deepEqual([readLine(state, 'general')?.stable, readLine(state, 'general')?.last], [0, 0]);
  const { factors, adapter, state: standing, number } = readVersion(state, 'general', 0)!;
  assert.deepEqual([factors, adapter, standing, number], [line.factors, line.adapter, 'stable', 0]);
  for (const [lines, reason] of [
    [[line, line], /^lines must be sorted by domain/],
    [[line, { ...line, domain: 'a' }], /^lines must be sorted by domain/],
    [[{ ...line, domain: 'no name' }], /^lines\[0\]\.domain is out of bounds/],
    [Array.from({ length: 257 }, (_, at) => ({ ...line, domain: `d${1000 + at}` })), /^lines must have at most 256/],
  ] as const) {
    const refused = with_(lines);
    assert.ok(!refused.ok);
    assert.match(refused.reason, reason);
  }
});
