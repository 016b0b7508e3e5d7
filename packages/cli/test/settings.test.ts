/** Amounts, durations, numbers, ports, and which setting wins. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDevnetOptions, requirePortRange } from '../src/devnet/options.ts';
import { formatSyn, parseSyn } from '../src/settings/amounts.ts';
import { parseDurationMs } from '../src/settings/durations.ts';
import { parseRatio } from '../src/settings/ratios.ts';
import { dataDirectory, portBase, rpcUrl, rpcUrls } from '../src/settings/settings.ts';

test('amounts: what is written is what is read, exactly', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (nano) => {
      assert.equal(parseSyn(formatSyn(nano)), nano);
    }),
  );
  assert.equal(parseSyn('0.000000001'), 1n);
  assert.equal(parseSyn('10,000 SYN'), 10_000_000_000_000n);
  assert.equal(formatSyn(1_500_000_000n), '1.5 SYN');
});

test('amounts that are none are refused', () => {
  for (const text of ['', '-1', '1e3', '.5', '1.', '1,00', '0.0000000001', '18446744074', 'x', '1 2', '٣']) {
    assert.throws(() => parseSyn(text), { code: 'AMOUNT_INVALID' }, text);
  }
});

test('parts are of one whole, in percent or as a decimal, to the millionth', () => {
  const read = (text: string) => parseRatio(text, '--commission');
  for (const [text, ppm] of [
    ['5%', 50_000],
    ['5 %', 50_000],
    ['0.05', 50_000],
    ['0.000001', 1],
    ['0.0001%', 1],
    ['100%', 1_000_000],
    ['1', 1_000_000],
    ['0', 0],
  ] as const)
    assert.equal(read(text), ppm, text);
  for (const text of ['100.0001%', '101%', '1.000001', '5', '0.0000001', '0.00001%', '-1%', '', '%', 'x'])
    assert.throws(() => read(text), { code: 'NUMBER_INVALID', message: /--commission/ }, text);
});

test('durations have a unit and a range', () => {
  const range = { minMs: 50, maxMs: 120_000 };
  assert.equal(parseDurationMs('500ms', range), 500);
  assert.equal(parseDurationMs('1.5s', range), 1500);
  assert.equal(parseDurationMs('2m', range), 120_000);
  for (const text of ['500', '49ms', '121s', '1.0005s', '-1s', '1h', '', 'NaNms']) {
    assert.throws(() => parseDurationMs(text, range), { code: 'DURATION_INVALID' }, text);
  }
});

test('flags win over the environment, and that over the defaults', () => {
  assert.equal(dataDirectory('/flag', { SYNOD_DATA_DIR: '/env' }), '/flag');
  assert.equal(dataDirectory(undefined, { SYNOD_DATA_DIR: '/env' }), '/env');
  assert.equal(dataDirectory(undefined, { XDG_DATA_HOME: '/xdg', SYNOD_DATA_DIR: '' }), '/xdg/synod/devnet/local');
  assert.match(dataDirectory(undefined, { XDG_DATA_HOME: 'relative' }), /\.local\/share\/synod\/devnet\/local$/);
  assert.equal(portBase('2000', { SYNOD_PORT_BASE: '3000' }), 2000);
  assert.equal(portBase(undefined, { SYNOD_PORT_BASE: '3000' }), 3000);
  assert.equal(portBase(undefined, {}), 9545);
  for (const text of ['80', '65536', 'x', '-1', '9545.5']) {
    assert.throws(() => portBase(undefined, { SYNOD_PORT_BASE: text }), {
      code: 'PORT_INVALID',
      message: /SYNOD_PORT_BASE/,
    });
  }
});

test('the address of the node follows what was named', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'synod-cli-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'devnet.json'), JSON.stringify({ endpoints: ['http://127.0.0.1:7000'] }));
  const none = { XDG_DATA_HOME: join(folder, 'none') };
  const full = { SYNOD_RPC_URL: 'http://h:1/', SYNOD_DATA_DIR: folder, SYNOD_PORT_BASE: '3000' };
  assert.equal(rpcUrl({ rpc: 'http://flag:2', dataDir: folder }, full), 'http://flag:2');
  assert.equal(rpcUrl({ dataDir: folder }, { ...none, SYNOD_RPC_URL: 'http://h:1' }), 'http://127.0.0.1:7000');
  assert.equal(rpcUrl({}, full), 'http://h:1');
  assert.equal(rpcUrl({}, { ...full, SYNOD_RPC_URL: '' }), 'http://127.0.0.1:7000');
  assert.equal(rpcUrl({}, { ...none, SYNOD_PORT_BASE: '3000' }), 'http://127.0.0.1:3000');
  assert.equal(rpcUrl({}, none), 'http://127.0.0.1:9545');
  const home = { XDG_DATA_HOME: join(folder, 'home') };
  const local = join(folder, 'home', 'synod', 'devnet', 'local');
  mkdirSync(local, { recursive: true });
  writeFileSync(join(local, 'devnet.json'), JSON.stringify({ endpoints: ['http://127.0.0.1:8000'] }));
  assert.equal(rpcUrl({}, home), 'http://127.0.0.1:8000');
  assert.equal(rpcUrl({}, { ...home, SYNOD_PORT_BASE: '3000' }), 'http://127.0.0.1:3000', 'the port that was named');
  assert.throws(() => rpcUrl({ rpc: 'ftp://x' }, {}), { code: 'URL_INVALID' });
  writeFileSync(join(folder, 'devnet.json'), '{"endp');
  assert.equal(rpcUrl({}, { ...none, SYNOD_DATA_DIR: folder, SYNOD_PORT_BASE: '3000' }), 'http://127.0.0.1:3000');
});

test('several nodes: flags and environment by commas, else all of the devnet', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'synod-settings-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const endpoints = ['http://127.0.0.1:7000', 'http://127.0.0.1:7010'];
  writeFileSync(join(folder, 'devnet.json'), JSON.stringify({ endpoints }));
  const named = { SYNOD_DATA_DIR: folder };
  assert.deepEqual(rpcUrls({ rpc: ['http://a:1,http://b:2', 'http://c:3/'] }, named), [
    'http://a:1',
    'http://b:2',
    'http://c:3',
  ]);
  assert.deepEqual(rpcUrls({}, { ...named, SYNOD_RPC_URL: 'http://a:1, http://b:2' }), ['http://a:1', 'http://b:2']);
  assert.deepEqual(rpcUrls({}, named), endpoints);
  assert.deepEqual(rpcUrls({ dataDir: folder }, { SYNOD_RPC_URL: 'http://a:1' }), endpoints);
  assert.throws(() => rpcUrls({ rpc: ['http://a:1,'] }, {}), { code: 'URL_INVALID' });
});

test('devnet flags have ranges, and what is not named stays open', () => {
  const parse = (flags: object) => parseDevnetOptions({ dataDir: '/d', ...flags }, {});
  assert.deepEqual(parse({}).named, {});
  assert.deepEqual(
    parse({ validators: '16', seed: 'a-b.c_1', blockTime: '50ms', verified: '100', model: 'tiny' }).named,
    {
      validators: 16,
      seed: 'a-b.c_1',
      pace: 'interval',
      blockTimeMs: 50,
      verifiedPercent: 100,
      model: 'tiny',
    },
  );
  const wrong = [
    { validators: '0' },
    { validators: '17' },
    { validators: '4.5' },
    { seed: '' },
    { seed: 'a b' },
    { seed: 'x'.repeat(65) },
    { blockTime: '49ms' },
    { blockTime: '61s' },
    { verified: '101' },
    { verified: '1.5' },
    { timeout: '0s' },
    { portBase: '65536' },
  ];
  for (const flags of wrong) assert.throws(() => parse(flags), { name: 'SynodError' }, JSON.stringify(flags));
  requirePortRange(65_504, 4);
  assert.throws(() => requirePortRange(65_505, 4), { code: 'PORT_INVALID' });
});
