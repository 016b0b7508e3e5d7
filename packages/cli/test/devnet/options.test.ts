/** The flags of `synod devnet`: what they become, and what a tired person hears. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { genesisHash } from '@synod/chain';
import { devnetGenesis } from '../../src/devnet/genesis.ts';
import { devnetKeys } from '../../src/devnet/keys.ts';
import { CHAIN_DEFAULTS, type DevnetFlags, parseDevnetOptions } from '../../src/devnet/options.ts';

const parse = (flags: DevnetFlags) => parseDevnetOptions({ dataDir: '/tmp/x', ...flags }, {});
const genesisOf = (flags: DevnetFlags) => {
  const choice = { ...CHAIN_DEFAULTS, ...parse(flags).named };
  return devnetGenesis(choice, devnetKeys(choice.seed, choice.validators, choice.accounts), null);
};

test('block times: an interval, auto, manual, and nothing else', () => {
  assert.deepEqual(parse({ blockTime: '1s' }).named, { pace: 'interval', blockTimeMs: 1_000 });
  assert.deepEqual(parse({ blockTime: 'auto' }).named, { pace: 'auto', blockTimeMs: 500 });
  assert.deepEqual(parse({ blockTime: 'manual' }).named, { pace: 'manual', blockTimeMs: 500 });
  assert.throws(() => parse({ blockTime: 'mannual' }), { code: 'USAGE', message: /auto, or manual/ });
  assert.throws(() => parse({ blockTime: '1ms' }), { code: 'DURATION_INVALID' });
  assert.throws(() => parse({ blockTime: '5' }), { code: 'DURATION_INVALID' });
});

test('parameters of genesis by flag, with units, and refused where they are unknown, out of range or do not fit', () => {
  const { params } = genesisOf({
    set: ['params.staking.epochHeights=20', 'expertBondMin=2SYN', 'timeouts.proposeMs=1s'],
  });
  assert.deepEqual(
    [params.staking.epochHeights, params.expertBondMin, params.timeouts.proposeMs],
    [20, 2_000_000_000n, 1_000],
  );
  assert.equal(genesisOf({ epochBlocks: '30' }).params.staking.epochHeights, 30);
  assert.equal(genesisOf({ set: ['voting.quorum=50%'] }).params.voting.quorum, 500_000);
  assert.notEqual(genesisHash(genesisOf({})), genesisHash(genesisOf({ epochBlocks: '30' })));
  assert.throws(() => parse({ set: ['epochHeights=20'] }), {
    code: 'PARAMETER_UNKNOWN',
    message: /staking\.epochHeights/,
  });
  assert.throws(() => parse({ set: ['staking.epochHeights'] }), { code: 'USAGE' });
  assert.throws(() => parse({ set: ['staking.epochHeights=0'] }), { code: 'NUMBER_INVALID', message: /between 1 and/ });
  assert.throws(() => parse({ set: ['staking.epochHeights=soon'] }), { code: 'NUMBER_INVALID' });
  assert.throws(() => genesisOf({ set: ['staking.unbondingHeights=1'] }), { code: 'PARAMS_REFUSED' });
});

test('accounts by count, the faucet always last; the first ones stay who they are', () => {
  const names = (count: number) => devnetKeys('42', 4, count).accounts.map(({ name }) => name);
  assert.deepEqual(names(2), ['alice', 'bob', 'faucet']);
  assert.equal(devnetKeys('42', 4, 9).accounts[1]!.address, devnetKeys('42', 4).accounts[1]!.address);
  assert.equal(parse({ accounts: '20' }).named.accounts, 20);
  assert.throws(() => parse({ accounts: '21' }), { code: 'NUMBER_INVALID' });
});

test('a host is an address of this machine', () => {
  assert.equal(parse({}).host, '127.0.0.1');
  assert.equal(parse({ host: '::1' }).host, '::1');
  assert.throws(() => parse({ host: 'example.org' }), { code: 'USAGE' });
});
