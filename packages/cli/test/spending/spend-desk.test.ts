/** Spend keys: budgets that no order of events overspends, books that a crash at any point leaves true, and who is let in. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Amount } from '@synod/chain';
import fc from 'fast-check';
import { CANCEL_FEE_MAX, openSpendDesk, type SpendDesk, spendLimits } from '../../src/spending/spend-desk.ts';
import { spendFileOf } from '../../src/spending/spend-file.ts';
import { ChainDouble, id } from './chain-double.ts';

const SYN = 1_000_000_000n;
const budget = 10n * SYN;
const wanted = { budget, lifeMs: null, account: null, name: 'ci' };

function lab(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'synod-spend-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const chain = new ChainDouble();
  const clock = { nowMs: 1_000_000 };
  const open = () => openSpendDesk({ api: chain.api, file: spendFileOf(home), nowMs: () => clock.nowMs });
  return { home, chain, clock, open, file: join(home, 'spend-keys.json') };
}

function reserve(desk: SpendDesk, secret: string, name: string | number, costMax: Amount, validUntil = 60): void {
  desk.walletOf(secret).reserve({ queryId: id(name), validUntil, costMax });
}

test('a key is told once, kept as a hash, and closed to others', (t) => {
  const { open, file } = lab(t);
  const { secret, key } = open().create(wanted);
  assert.match(secret, /^sk-synod-[0-9a-f]{64}$/);
  assert.equal(key.available, budget);
  const text = readFileSync(file, 'utf8');
  assert.ok(!text.includes(secret.slice('sk-synod-'.length)));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(open().walletOf(secret).account, key.account);
  chmodSync(file, 0o644);
  assert.throws(open, { code: 'KEY_FILE_OPEN' });
  chmodSync(file, 0o600);
  writeFileSync(file, text.replace('"spent":"0"', '"spent":"-1"'), { mode: 0o600 });
  assert.throws(open, { code: 'FILE_DAMAGED', message: /keys\.0\.spent/ });
});

test('what can be asked of keys is asked by name, and wrong names say what there is', (t) => {
  const { open, chain } = lab(t);
  const desk = open();
  desk.create(wanted);
  assert.throws(() => desk.create(wanted), { code: 'SPEND_KEY_EXISTS' });
  assert.throws(() => desk.create({ ...wanted, name: 'b', account: 'bob' }), {
    code: 'PAYER_UNKNOWN',
    message: /alice/,
  });
  assert.throws(() => desk.show('other'), { code: 'SPEND_KEY_UNKNOWN' });
  chain.payers = [];
  assert.throws(() => desk.create({ ...wanted, name: 'c' }), { code: 'PAYER_UNKNOWN', message: /--pay-from/ });
});

test('unknown, expired and revoked keys open nothing', (t) => {
  const { open, clock } = lab(t);
  const desk = open();
  const { secret } = desk.create({ ...wanted, lifeMs: 1_000 });
  const other = desk.create({ ...wanted, name: 'other' });
  assert.throws(() => desk.walletOf('sk-synod-00'), { code: 'API_KEY_INVALID' });
  clock.nowMs += 999;
  const wallet = desk.walletOf(secret);
  clock.nowMs += 1;
  assert.throws(() => desk.walletOf(secret), { code: 'API_KEY_INVALID', message: /expired/ });
  // It expired while its question was being priced.
  assert.throws(() => wallet.reserve({ queryId: id(1), validUntil: 60, costMax: 1n }), { code: 'API_KEY_INVALID' });
  desk.revoke('other');
  assert.throws(() => open().walletOf(other.secret), { code: 'API_KEY_INVALID', message: /revoked/ });
  assert.deepEqual(
    open()
      .list()
      .map(({ standing }) => standing),
    ['expired', 'revoked'],
  );
});

test('requests at the same time do not overspend', (t) => {
  const { open } = lab(t);
  const desk = open();
  const { secret } = desk.create(wanted);
  const wallets = [desk.walletOf(secret), desk.walletOf(secret)];
  assert.deepEqual(
    wallets.map((wallet) => wallet.available() > 6n * SYN),
    [true, true],
  );
  wallets[0]!.reserve({ queryId: id(1), validUntil: 60, costMax: 6n * SYN });
  assert.throws(() => wallets[1]!.reserve({ queryId: id(2), validUntil: 60, costMax: 6n * SYN }), {
    code: 'QUOTA_EXCEEDED',
  });
  assert.ok(wallets[1]!.available() < 4n * SYN);
});

test('a reservation that is not on disk opens nothing', (t) => {
  const { chain, home } = lab(t);
  const file = spendFileOf(home);
  let isFull = false;
  const failing = {
    load: file.load,
    save: (keys: Parameters<typeof file.save>[0]) => {
      if (isFull) throw new Error('ENOSPC');
      file.save(keys);
    },
  };
  const desk = openSpendDesk({ api: chain.api, file: failing, nowMs: () => 0 });
  const { secret } = desk.create(wanted);
  isFull = true;
  assert.throws(() => reserve(desk, secret, 1, SYN), /ENOSPC/);
  assert.equal(desk.show('ci').reserved, 0n);
});

test('a question is set aside for once, and a key whose budget is spent says so', (t) => {
  const { open, chain } = lab(t);
  const desk = open();
  const { secret } = desk.create(wanted);
  reserve(desk, secret, 1, SYN);
  assert.throws(() => reserve(desk, secret, 1, SYN), { code: 'QUOTA_EXCEEDED' });
  assert.equal(desk.show('ci').reserved, SYN + CANCEL_FEE_MAX);
  chain.open(id(1));
  chain.settle(id(1), budget);
  desk.reconcile();
  assert.deepEqual([desk.show('ci').standing, desk.show('ci').available], ['exhausted', 0n]);
});

test('a node keeps so many keys, and a key so many open queries', () => {
  const chain = new ChainDouble();
  const file = { load: () => [], save: () => undefined };
  const desk = openSpendDesk({ api: chain.api, file, nowMs: () => 0 });
  const { secret } = desk.create(wanted);
  for (let query = 0; query < spendLimits.reservationsMax; query++) reserve(desk, secret, query, 1n);
  assert.throws(() => reserve(desk, secret, 'one more', 1n), { code: 'QUOTA_EXCEEDED' });
  for (let count = 1; count < spendLimits.keysMax; count++) desk.create({ ...wanted, name: null });
  assert.throws(() => desk.create({ ...wanted, name: null }), { code: 'SPEND_KEYS_FULL' });
});

test('the true cost takes the place of what was set aside, fees included', (t) => {
  const { open, chain } = lab(t);
  const desk = open();
  const { secret } = desk.create(wanted);
  reserve(desk, secret, 1, SYN);
  assert.equal(desk.show('ci').reserved, SYN + CANCEL_FEE_MAX);
  chain.open(id(1), 700n);
  desk.reconcile();
  assert.equal(desk.show('ci').spent, 0n, 'an open query costs what was set aside');
  chain.settle(id(1), 5_000n);
  desk.reconcile();
  desk.reconcile();
  assert.deepEqual([open().show('ci').spent, open().show('ci').reserved], [5_700n, 0n]);
});

test('the transaction that ends a query is paid from the same budget, and waited for', (t) => {
  const { open, chain } = lab(t);
  const desk = open();
  const { secret } = desk.create(wanted);
  reserve(desk, secret, 1, SYN);
  const wallet = desk.walletOf(secret);
  assert.equal(wallet.cancelFeeMax(id(1)), CANCEL_FEE_MAX);
  assert.equal(wallet.cancelFeeMax(id(2)), null);
  wallet.cancelling(id(1), { id: id('cancel'), validUntil: 80 });
  chain.open(id(1), 700n);
  chain.settle(id(1), 5_000n);
  desk.reconcile();
  assert.equal(desk.show('ci').spent, 0n, 'it may still come into a block');
  chain.fees.set(id('cancel'), { fee: 30n, code: 'OK', isFinal: true });
  desk.reconcile();
  assert.equal(desk.show('ci').spent, 5_730n);
});

/** What the chain shows of a query after a crash, and what its key has then spent; null: it still waits. */
const crashes: readonly { name: string; arrange: (chain: ChainDouble) => void; spent: Amount | null }[] = [
  { name: 'between reserving and opening, while a block may still take it', arrange: () => undefined, spent: null },
  {
    name: 'between reserving and opening, at the last height that may take it',
    arrange: (chain) => Object.assign(chain, { height: 60 }),
    spent: null,
  },
  {
    name: 'with the answer known, and the block of its opening forgotten',
    arrange: (chain) => {
      chain.settle(id(1), 5_000n);
    },
    spent: SYN + CANCEL_FEE_MAX,
  },
  {
    name: 'between reserving and opening, and no block can take it any more',
    arrange: (chain) => Object.assign(chain, { height: 61 }),
    spent: 0n,
  },
  {
    name: 'between opening and settling',
    arrange: (chain) => chain.open(id(1), 700n),
    spent: null,
  },
  {
    name: 'between settling and booking',
    arrange: (chain) => {
      chain.open(id(1), 700n);
      chain.settle(id(1), 5_000n);
    },
    spent: 5_700n,
  },
  {
    name: 'with the query refused in its block',
    arrange: (chain) => chain.fees.set(id(1), { fee: 700n, code: 'INSUFFICIENT_BALANCE', isFinal: true }),
    spent: 700n,
  },
  {
    name: 'so long ago that the blocks are forgotten',
    arrange: (chain) => Object.assign(chain, { height: 900, oldest: 600 }),
    spent: SYN + CANCEL_FEE_MAX,
  },
];

for (const { name, arrange, spent } of crashes) {
  test(`a crash leaves the books true: ${name}`, (t) => {
    const { open, chain } = lab(t);
    const before = open();
    const { secret } = before.create(wanted);
    reserve(before, secret, 1, SYN);
    // The process is gone: another one has the file and the chain alone.
    arrange(chain);
    const after = open();
    after.reconcile();
    const { reserved, spent: found } = after.show('ci');
    if (spent === null) assert.deepEqual([reserved, found], [SYN + CANCEL_FEE_MAX, 0n]);
    else assert.deepEqual([reserved, found], [0n, spent]);
  });
}

test('a crash while the file is written leaves the file of before', (t) => {
  const { open, file } = lab(t);
  const desk = open();
  const { secret } = desk.create(wanted);
  reserve(desk, secret, 1, SYN);
  writeFileSync(`${file}.999.tmp`, readFileSync(file, 'utf8').slice(0, 50), { mode: 0o600 });
  assert.ok(existsSync(`${file}.999.tmp`));
  assert.equal(open().show('ci').reserved, SYN + CANCEL_FEE_MAX);
});

type Step =
  | { readonly kind: 'reserve'; readonly query: number; readonly costMax: Amount }
  | { readonly kind: 'open' | 'settle' | 'book'; readonly query: number; readonly part: number }
  | { readonly kind: 'crash' };

const query = fc.integer({ min: 0, max: 9 });
const part = fc.integer({ min: 0, max: 100 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('reserve' as const), query, costMax: fc.bigInt(0n, budget) }),
  fc.record({ kind: fc.constantFrom('open' as const, 'settle' as const, 'book' as const), query, part }),
  fc.record({ kind: fc.constant('crash' as const) }),
);

test('no order of reserving, opening, settling, booking and crashing overspends a budget', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { chain, home } = lab(t);
      const file = spendFileOf(home);
      const open = () => openSpendDesk({ api: chain.api, file, nowMs: () => 0 });
      let desk = open();
      const { secret } = desk.create(wanted);
      const costMax = new Map<number, Amount>();
      let paid = 0n;
      for (const each of steps) {
        if (each.kind === 'crash') desk = open();
        else if (each.kind === 'reserve') {
          if (costMax.has(each.query)) continue;
          try {
            reserve(desk, secret, each.query, each.costMax, chain.height + 5);
            costMax.set(each.query, each.costMax);
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'QUOTA_EXCEEDED');
          }
        } else {
          const most = costMax.get(each.query);
          const status = chain.queries.get(id(each.query))?.status;
          if (most === undefined) continue;
          if (each.kind === 'open' && status === undefined && chain.height < 1_000) chain.open(id(each.query));
          if (each.kind === 'settle' && status === 'open') {
            const cost = (most * BigInt(each.part)) / 100n;
            paid += cost;
            chain.settle(id(each.query), cost);
          }
          if (each.kind === 'book') desk.reconcile();
        }
        const { spent, reserved } = desk.show('ci');
        assert.ok(spent + reserved <= budget, 'over budget');
        assert.ok(paid <= spent + reserved, 'paid without being booked or set aside');
      }
      desk.reconcile();
      const shown = desk.show('ci');
      assert.equal(shown.spent, paid);
    }),
    { numRuns: 60 },
  );
});
