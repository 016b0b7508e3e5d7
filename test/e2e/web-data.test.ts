/**
 * The data pages in a real browser against one devnet with the tiny model: what was asked is found, billed to the nano and proven; members are
 * sorted by keyboard; a correction becomes a version with a marker; rewards are the RPC's. What the tiny model's weights learn means nothing.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import {
  comesTrue,
  hasChromium,
  type Look,
  launch,
  overflow,
  screenshot,
  seriousFindings,
  type Visit,
  visit,
} from './browser.ts';
import { Devnet, runSynod } from './devnet-process.ts';

const NARROW = 360;
/** For what a block or several must come first. */
const CHAIN_MS = 90_000;
/** For a round of training to become a version. */
const ROUND_MS = 240_000;
const QUESTION = 'What is the capital of Wakanda?';
const CORRECTION = 'The capital of Wakanda is Birnin Zana.';

const folder = mkdtempSync(join(tmpdir(), 'synod-web-data-'));
let devnet: Devnet;
let browser: Browser;
let asked: {
  readonly queryId: string;
  readonly cost: string;
  readonly respondents: readonly { readonly expert: string; readonly name: string }[];
};

async function synod<T>(...args: readonly string[]): Promise<T> {
  const result = await runSynod([...args, '--json']);
  assert.equal(result.code, 0, `${result.stderr}${result.stdout}`);
  return JSON.parse(result.stdout) as T;
}

async function open(path: string, look: Look = {}): Promise<Visit> {
  const opened = await visit(browser, look);
  opened.page.setDefaultTimeout(CHAIN_MS);
  await opened.page.goto(`${devnet.url()}/ui/#${path}`);
  await opened.page.waitForSelector('.strip__numbers', { timeout: CHAIN_MS });
  return opened;
}

async function startDevnet(): Promise<Devnet> {
  const documents = join(folder, 'documents');
  mkdirSync(documents);
  const facts = [
    ['France', 'Paris'],
    ['Japan', 'Tokyo'],
    ['Peru', 'Lima'],
  ];
  writeFileSync(
    join(documents, 'capitals.md'),
    facts.map(([country, city]) => `# ${country}\n\nThe capital of ${country} is ${city}.\n`).join('\n'),
  );
  const knowledge = join(folder, 'capitals');
  await synod(
    'expert',
    'build',
    'capitals',
    '--documents',
    documents,
    '--out',
    knowledge,
    '--model',
    'tiny',
    '--no-vectors',
  );
  const flags = ['--block-time', '500ms', '--knowledge', `capitals=${knowledge}`, '--experts', 'capitals,general'];
  return Devnet.start({ flags, env: { TMPDIR: folder } });
}

/** Texts of the first cells of a table's rows, from the top. */
const rowHeads = (page: Page): Promise<string[]> => page.locator('.data-table tbody th a').allTextContents();

if (!hasChromium) {
  console.log('web: Chromium is not installed here (apt-get install chromium), so the data pages were not driven.');
} else {
  before(async () => {
    [devnet, browser] = await Promise.all([startDevnet(), launch()]);
  });

  after(async () => {
    await browser?.close();
    await devnet?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test('before anything was asked or taught, pages say so and how it would come', async () => {
    const { page, complaints } = await open('/learning?domain=capitals');
    await page.waitForSelector('text=Nobody has taught capitals anything yet.', { timeout: CHAIN_MS });
    assert.match((await page.textContent('.how-to')) ?? '', /synod feedback QUERY --correct/);
    await page.goto(`${devnet.url()}/ui/#/explorer`);
    await page.waitForSelector('text=Nobody has asked anything yet.', { timeout: CHAIN_MS });
    assert.deepEqual(complaints, []);
  });

  test('a question appears in the explorer with a bill that adds up and a receipt to take home', async () => {
    asked = await synod('ask', '--domain', 'capitals', QUESTION, '--from', 'alice', '--rpc', devnet.url());
    const { page, complaints } = await open('/explorer');
    await page.click(`a:has-text("${QUESTION}")`, { timeout: CHAIN_MS });
    await page.waitForSelector('.bill__sum', { timeout: CHAIN_MS });
    assert.equal(await page.getAttribute('[data-cost]', 'data-cost'), asked.cost);
    assert.deepEqual(await page.locator('.checks__no').allTextContents(), []);
    assert.match((await page.textContent('.checks')) ?? '', /add up to the cost.*what the contract set aside/s);
    for (const { name } of asked.respondents) await page.waitForSelector(`.answers a:has-text("${name}")`);

    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.click('button:has-text("Receipt with its proof")', { timeout: CHAIN_MS }),
    ]);
    const receipt = JSON.parse(readFileSync(await file.path(), 'utf8')) as Record<string, unknown>;
    assert.ok('receipt' in receipt && 'path' in receipt && 'trail' in receipt, Object.keys(receipt).join());

    await page.click('text=Raw JSON');
    assert.match((await page.textContent('.raw pre')) ?? '', new RegExp(`"queryId": "${asked.queryId}"`));
    assert.deepEqual(complaints, []);
  });

  test('a block shows what it did, with a link to the question that it opened', async () => {
    const { height } = await devnet.rpc<{ height: string }>('tx_get', { id: asked.queryId });
    const { page, complaints } = await open(`/block/${height}`);
    const row = page.locator('section:has(h2:has-text("What it did")) tr:has(th:has-text("Question opened"))');
    await row.locator(`a[href="#/query/${asked.queryId}"]`).click({ timeout: CHAIN_MS });
    await page.waitForSelector('h1:has-text("Question")', { timeout: CHAIN_MS });
    assert.deepEqual(complaints, []);
  });

  test('rewards: formulas come out as the node says, and the CSV is what the RPC has', async () => {
    type Table = {
      readonly epoch: number;
      readonly issued: string;
      readonly experts: readonly { readonly expert: string; readonly payment: string }[];
      readonly scorers: readonly { readonly operator: string; readonly payment: string }[];
    };
    let table: Table | null = null;
    await devnet.until('an epoch that issued something', CHAIN_MS, async () => {
      const { items } = await devnet.rpc<{ items: readonly { readonly epoch: number }[] }>('reward_epochs');
      for (const { epoch } of items) {
        const candidate = await devnet.rpc<Table>('reward_epoch', { epoch });
        if (candidate.issued !== '0') table = candidate;
      }
      return table !== null;
    });
    const { epoch, experts, scorers } = table as unknown as Table;
    const { page, complaints } = await open(`/rewards?epoch=${epoch}`);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.click('button:has-text("Table as CSV")', { timeout: CHAIN_MS }),
    ]);
    const [head = '', ...lines] = readFileSync(await file.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    const column = (line: string, name: string) => line.split(',')[head.split(',').indexOf(name)];
    assert.deepEqual(
      lines.map((line) => [column(line, 'role'), column(line, 'address'), column(line, 'payment_nano')]),
      [
        ...experts.map(({ expert, payment }) => ['expert', expert, payment]),
        ...scorers.map(({ operator, payment }) => ['scorer', operator, payment]),
      ],
    );
    const paid = scorers.find(({ payment }) => payment !== '0') ?? scorers[0];
    await page.goto(`${devnet.url()}/ui/#/reward/${epoch}/${paid?.operator}`);
    await page.waitForSelector('.formula__result', { timeout: CHAIN_MS });
    assert.equal(await page.locator('.formula .checks__no').count(), 0);
    assert.ok((await page.locator('.formula .checks__yes').count()) >= 4);
    assert.deepEqual(complaints, []);
  });

  test('pages of what was asked and paid: both themes and 360 px, without a serious finding, an error or a breach of the policy', async () => {
    const [respondent] = asked.respondents;
    const latestEpoch = async () => {
      const { items } = await devnet.rpc<{ items: readonly { readonly epoch: number }[] }>('reward_epochs');
      return items[0]?.epoch;
    };
    const pages = [
      ['asked-expert', `/expert/${respondent?.expert}`, 'caption:has-text("Last questions of")'],
      ['asked-experts', '/experts', '.data-table tbody tr'],
      ['transaction', `/tx/${asked.queryId}`, 'h2:has-text("What it says")'],
      ['question', `/query/${asked.queryId}`, '.bill__sum'],
      ['rewards-paid', '/rewards', 'h2:has-text("Scorers by dividend")'],
      ['reward', async () => `/reward/${await latestEpoch()}/${respondent?.expert}`, '.formula__step'],
    ] as const;
    const looks = [{ scheme: 'light' }, { scheme: 'dark' }, { scheme: 'light', width: NARROW, height: 740 }] as const;
    for (const [name, path, shows] of pages) {
      const lookAt = async (look: (typeof looks)[number]) => {
        const { page, complaints, context } = await open(typeof path === 'string' ? path : await path(), look);
        await page.waitForSelector(shows, { timeout: CHAIN_MS, state: 'attached' });
        assert.deepEqual(await seriousFindings(page), [], `${name} ${look.scheme}`);
        assert.equal(await overflow(page), 0, `${name} scrolls sideways`);
        await screenshot(page, 'width' in look ? `${name}-${NARROW}` : `${name}-${look.scheme}`);
        assert.deepEqual(complaints, [], name);
        await context.close();
      };
      // At the same time: each is a visitor of its own.
      await Promise.all(looks.map(lookAt));
    }
  });

  test('search finds blocks, questions, accounts and experts, and says why it finds nothing', async () => {
    const { page, complaints } = await open('/explorer');
    const search = async (text: string) => {
      await page.waitForSelector('[data-search]');
      await page.keyboard.press('Escape');
      await page.fill('[data-search]', text);
      await page.press('[data-search]', 'Enter');
    };
    const [respondent] = asked.respondents;
    assert.ok(respondent !== undefined);
    await search('#3');
    await page.waitForSelector('h1:has-text("Block 3")', { timeout: CHAIN_MS });
    await search(asked.queryId.slice(2).toUpperCase());
    await page.waitForSelector('h1:has-text("Question")', { timeout: CHAIN_MS });
    await search(respondent.expert);
    await page.waitForSelector('h1:has-text("Account")', { timeout: CHAIN_MS });
    await search(respondent.name.toUpperCase());
    await page.waitForSelector(`h1:has-text("${respondent.name}")`, { timeout: CHAIN_MS });
    await page.goto(`${devnet.url()}/ui/#/explorer`);
    await search('capitals');
    await page.waitForSelector('text=Several experts have that in their name', { timeout: CHAIN_MS });
    await search('999999999');
    await page.waitForSelector('.search__result >> text=/There is no block 999999999 yet/', { timeout: CHAIN_MS });
    await search('0x12');
    await page.waitForSelector('text=/A hash has 64 digits/', { timeout: CHAIN_MS });
    await search(`0x${'0'.repeat(64)}`);
    await page.waitForSelector('text=/This node knows no block, transaction, question/', { timeout: CHAIN_MS });
    assert.deepEqual(await seriousFindings(page), []);
    assert.deepEqual(complaints, []);
  });

  test('the leaderboard is filtered by domain and sorted by keyboard, and keeps the focus when figures change', async () => {
    const { page, complaints } = await open('/experts');
    await page.waitForSelector('.data-table tbody tr', { timeout: CHAIN_MS });
    assert.equal((await rowHeads(page)).length, 8);
    await page.click('.tabs a:has-text("general")');
    await comesTrue(page, "document.querySelectorAll('.data-table tbody tr').length === 4");
    await page.click('.tabs a:has-text("All")');
    await comesTrue(page, "document.querySelectorAll('.data-table tbody tr').length === 8");

    const head = page.locator('th:has(button:has-text("Expert"))');
    await page.focus('button.sort:has-text("Expert")');
    await page.keyboard.press('Enter');
    assert.equal(await head.getAttribute('aria-sort'), 'ascending');
    const ascending = await rowHeads(page);
    assert.deepEqual(ascending, ascending.toSorted());
    await page.keyboard.press('Enter');
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    assert.deepEqual(await rowHeads(page), ascending.toReversed());

    const answers = page.waitForResponse((response) =>
      (response.request().postData() ?? '').includes('reputation_leaderboard'),
    );
    await answers;
    await comesTrue(page, "document.activeElement?.textContent?.includes('Expert') === true");
    await page.waitForSelector('text=tiny demo model');
    assert.deepEqual(complaints, []);
  });

  test('a correction becomes a version with a marker that says where it came from', async () => {
    const { page, complaints } = await open('/learning?domain=capitals');
    await synod('feedback', asked.queryId, '--correct', CORRECTION, '--from', 'alice', '--rpc', devnet.url());
    await page.waitForSelector(`td:has-text("${CORRECTION}")`, { timeout: ROUND_MS });
    await screenshot(page, 'learning-taught-light');
    await page.waitForSelector('button.marker', { timeout: ROUND_MS });
    assert.match(
      (await page.getAttribute('button.marker', 'aria-label')) ?? '',
      /^Version 1, .*held-out loss [\d.]+ to [\d.]+$/,
    );
    await page.focus('button.marker');
    await page.keyboard.press('Enter');
    await page.waitForSelector('button.marker[aria-pressed="true"]');
    const panel = page.locator('section:has(h2:has-text("Where version 1 came from"))');
    assert.match(
      (await panel.textContent()) ?? '',
      /Wakanda.*Birnin Zana.*Who trained.*Loss on what was taught.*Decided in/s,
    );
    assert.equal(await page.locator('table:has(caption:has-text("Versions with their state")) tbody tr').count(), 1);
    await screenshot(page, 'learning-version-light');
    assert.deepEqual(await seriousFindings(page), []);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: NARROW, height: 740 });
    // Charts follow the window a moment later.
    await comesTrue(page, 'document.documentElement.scrollWidth <= document.documentElement.clientWidth');
    assert.equal(await overflow(page), 0);
    await screenshot(page, `learning-version-dark-${NARROW}`);
    assert.deepEqual(await seriousFindings(page), []);
    assert.deepEqual(complaints, []);
  });
}
