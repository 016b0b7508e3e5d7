/** The web page in a real browser against a real devnet with the tiny model: every page, a question's whole course, keys, health. */
import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { hasChromium, type Look, launch, overflow, screenshot, seriousFindings, type Visit, visit } from './browser.ts';
import { Devnet, root } from './devnet-process.ts';

/** The page may have, compressed, in all. */
const PAGE_BYTES_MAX = 150 * 1024;
const FIRST_PAINT_MS_MAX = 1_000;
const NARROW = 360;
/** For what a block or several must come first. */
const CHAIN_MS = 60_000;

/** Every page: its name in screenshots, its address, and what tells that it is there. Addresses of what exists only later are made from the devnet. */
const pages: readonly {
  readonly name: string;
  readonly path: string | (() => Promise<string>);
  readonly shows: string;
}[] = [
  { name: 'ask', path: '/ask', shows: 'text=Ask a council of experts' },
  { name: 'network', path: '/network', shows: 'h2:has-text("Validators")' },
  { name: 'experts', path: '/experts', shows: '.data-table tbody tr' },
  {
    name: 'expert',
    path: async () => `/expert/${await first('expert_list', 'address')}`,
    shows: 'h2:has-text("Model card")',
  },
  { name: 'validators', path: '/validators', shows: '.data-table tbody tr' },
  {
    name: 'validator',
    path: async () => `/validator/${await first('staking_validators', 'operator')}`,
    shows: '.uptime-grid',
  },
  { name: 'learning', path: '/learning', shows: 'text=/Nobody has taught .* anything yet/' },
  { name: 'explorer', path: '/explorer', shows: '.data-table tbody tr' },
  { name: 'block', path: '/block/1', shows: 'h2:has-text("Who signed")' },
  { name: 'block-unknown', path: '/block/999999999', shows: '.failure' },
  {
    name: 'account',
    path: async () => `/account/${await first('staking_validators', 'operator')}`,
    shows: 'h2:has-text("What it is")',
  },
  { name: 'rewards', path: '/rewards', shows: 'text=/No epoch has ended yet|Scorers by dividend/' },
  { name: 'devnet', path: '/devnet', shows: 'h2:has-text("Nodes")' },
  { name: 'nowhere', path: '/nowhere', shows: 'text=No such page' },
];

let devnet: Devnet;
let browser: Browser;
const visits: Visit[] = [];

/** A field of the first item of a list. */
async function first(method: string, field: string): Promise<string> {
  const { items } = await devnet.rpc<{ items: readonly Readonly<Record<string, string>>[] }>(method);
  return items[0]?.[field] ?? '';
}

async function open(path: string, look: Look = {}, index = 0): Promise<Visit> {
  const opened = await visit(browser, look);
  visits.push(opened);
  await opened.page.goto(`${devnet.url(index)}/ui/#${path}`);
  await opened.page.waitForSelector('.strip__numbers', { timeout: CHAIN_MS });
  return opened;
}

async function ask(page: Page, question: string): Promise<void> {
  await page.fill('textarea', question);
  await page.click('button[type="submit"]:has-text("Ask")');
}

const article = (question: string): string => `article[aria-label^="Question: ${question}"]`;

if (!hasChromium) {
  console.log('web: Chromium is not installed here (apt-get install chromium), so the page was not driven.');
} else {
  before(async () => {
    [devnet, browser] = await Promise.all([Devnet.start(), launch()]);
  });

  // A page that is open goes on asking its node.
  afterEach(async () => {
    await Promise.all(visits.map(({ context }) => context.close()));
  });

  after(async () => {
    await browser?.close();
    await devnet?.remove();
  });

  for (const { name, path, shows } of pages) {
    test(`${name}: in both themes and at ${NARROW} px, without a serious finding, an error or a breach of the policy`, async () => {
      const address = typeof path === 'string' ? path : await path();
      // At the same time: each is a visitor of its own, and one alone leaves half of two cores idle.
      await Promise.all([
        ...(['light', 'dark'] as const).map(async (scheme) => {
          const { page, complaints, context } = await open(address, { scheme });
          await page.waitForSelector(shows, { timeout: CHAIN_MS });
          assert.deepEqual(await seriousFindings(page), [], `${name} ${scheme}`);
          assert.equal(await overflow(page), 0);
          await screenshot(page, `${name}-${scheme}`);
          assert.deepEqual(complaints, []);
          await context.close();
        }),
        (async () => {
          const { page, complaints, context } = await open(address, { width: NARROW, height: 740 });
          await page.waitForSelector(shows, { timeout: CHAIN_MS });
          assert.equal(await overflow(page), 0, 'it scrolls sideways');
          await screenshot(page, `${name}-${NARROW}`);
          assert.deepEqual(complaints, []);
          await context.close();
        })(),
      ]);
    });
  }

  test('a question: price before sending, text while it comes, receipt, who answered, feedback in a block', async () => {
    const { page, complaints } = await open('/ask');
    const question = 'What is the capital of France?';
    await page.fill('textarea', question);
    await page.waitForSelector('.quote strong');
    assert.match((await page.textContent('.quote')) ?? '', /about [\d.]+ SYN, at most [\d.]+ SYN/);
    await page.click('button[type="submit"]:has-text("Ask")');
    await page.waitForSelector(`${article(question)} .answer--provisional`, { timeout: CHAIN_MS });
    await screenshot(page, 'ask-streaming-light');
    await page.waitForSelector(`${article(question)} .answer--final`, { timeout: CHAIN_MS });
    const ledger = (await page.textContent(`${article(question)} .ledger`)) ?? '';
    assert.match(ledger, /cost[\d.<]+ SYN/);
    assert.match(ledger, /finalized inblock \d+/);
    assert.equal(await page.locator(`${article(question)} .council tbody tr`).count(), 2);

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('[aria-label="Download the receipt"]'),
    ]);
    const receipt = JSON.parse(readFileSync(await download.path(), 'utf8')) as Record<string, unknown>;
    assert.ok('receipt' in receipt && 'path' in receipt && 'trail' in receipt, Object.keys(receipt).join());

    await page.click('text=Correct it');
    await page.click('text=Send the correction');
    assert.match((await page.textContent('.correction')) ?? '', /Write what would have been right/);
    assert.deepEqual(await seriousFindings(page), []);
    await page.fill('.correction textarea', 'Paris');
    await page.click('text=Send the correction');
    await page.waitForSelector('.feedback--given', { timeout: CHAIN_MS });
    assert.match((await page.textContent('.feedback--given')) ?? '', /Recorded in block \d+/);
    await screenshot(page, 'ask-answered-light');

    await page.reload();
    await page.waitForSelector(`${article(question)} .answer--final`);
    assert.deepEqual(complaints, []);
  });

  test('stop ends a question early, says so, and says what became of the money', async (t) => {
    const { page, complaints } = await open('/ask');
    const question = 'Tell me a very long story.';
    t.after(() => devnet.rpc('dev_heal'));
    await devnet.rpc('dev_setFault', { fault: 'slow', delayMs: 40_000 });
    await ask(page, question);
    await page
      .locator(`${article(question)} button:has-text("Stop")`)
      .dispatchEvent('click', {}, { timeout: CHAIN_MS });
    await page.waitForSelector(`${article(question)} .ledger`, { timeout: CHAIN_MS });
    assert.match(
      (await page.textContent(article(question))) ?? '',
      /Stopped\. What had been delivered was settled|You stopped it\./,
    );
    assert.deepEqual(complaints, []);
  });

  test('controls of the devnet: money, blocks, a node that is paused, an expert at fault, a snapshot', async () => {
    const { page, complaints } = await open('/devnet');
    const done = (text: string) =>
      page.waitForSelector(`.record__entry--done:has-text("${text}")`, { timeout: CHAIN_MS });
    const { address } = devnet.info.accounts.find(({ name }) => name === 'bob')!;
    await page.fill('input[placeholder="alice, or syn1…"]', 'bob');
    await page.fill('label:has-text("SYN") + input', '12.5');
    await page.click('button:has-text("Send")');
    // On a machine too busy for a block in ten seconds it says that it waits for one.
    await done('SYN for bob');
    assert.match((await page.textContent('.record__entry--done')) ?? '', /in block \d+|waits for a block/);
    const balance = async () => (await devnet.rpc<{ balance: string }>('state_getAccount', { address })).balance;
    for (const until = Date.now() + CHAIN_MS; (await balance()) !== '10012500000000' && Date.now() < until; )
      await page.waitForTimeout(100);
    assert.equal(await balance(), '10012500000000');
    await page.click('button:has-text("Make 5")');
    await done('from ');
    await page.click('[aria-label="pause val-3"]');
    await done('paused');
    await page.waitForSelector('tr:has-text("val-3") >> text=paused');
    await page.click('[aria-label="resume val-3"]');
    await done('goes on');
    const [expert] = await page.locator('[aria-label^="Behaviour of "]').all();
    await expert!.selectOption('lie');
    await done('set');
    const faults = await devnet.rpc<{ experts: readonly { fault: string }[] }>('dev_getStatus');
    assert.equal(faults.experts.filter(({ fault }) => fault === 'lie').length, 1);
    await page.click('button:has-text("Heal all")');
    await done('no cut');
    await screenshot(page, 'devnet-used-light');
    assert.deepEqual(complaints, []);
  });

  test('a private question leaves nothing in the storage that lasts', async () => {
    const { page } = await open('/ask');
    const question = 'What ails the patient?';
    await page.check('text=Private');
    await ask(page, question);
    await page.waitForSelector(`${article(question)} .answer--final`, { timeout: CHAIN_MS });
    const stored = await page.evaluate<string[]>('[JSON.stringify(localStorage), JSON.stringify(sessionStorage)]');
    assert.doesNotMatch(stored[0] ?? '', /patient|readKey":"0x/);
    assert.match(stored[1] ?? '', /patient/);
  });

  test('what cannot be asked is said before anything is sent', async () => {
    const { page, requests } = await open('/ask');
    await page.click('button[type="submit"]:has-text("Ask")');
    assert.match((await page.textContent('.composer__warning')) ?? '', /Write a question first/);
    await page.fill('textarea', 'ä'.repeat(100_000));
    await page.waitForSelector('text=/The question has 200000 bytes; at most \\d+ fit/');
    await page.fill('textarea', 'short');
    await page.click('text=Options');
    await page.fill('input[inputmode="decimal"]', 'a lot');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=An amount in SYN, such as 0.01');
    assert.equal(await page.locator('article').count(), 0);
    assert.ok(requests.length > 0);
  });

  test('a price above the own limit is told before sending, and refused by the node in words when it is sent', async () => {
    const { page } = await open('/ask');
    await page.fill('textarea', 'What is the capital of Peru?');
    await page.click('text=Options');
    await page.fill('input[inputmode="decimal"]', '0.000000001');
    await page.waitForSelector('text=/Above your limit/');
    await page.click('button[type="submit"]:has-text("Ask")');
    await page.waitForSelector('article .failure', { timeout: CHAIN_MS });
    assert.match((await page.textContent('article .failure')) ?? '', /MAX_COST_TOO_LOW|MAX_FEE_TOO_LOW/);
  });

  test('by keyboard alone: skip link, a question, another page, help, theme', async () => {
    const { page, complaints } = await open('/ask');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.className'), 'skip');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'main');
    for (let presses = 0; presses < 20; presses++) {
      if (await page.evaluate<boolean>("document.activeElement.tagName === 'TEXTAREA'")) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.type('What is the capital of Spain?');
    await page.keyboard.press('Enter');
    await page.waitForSelector('article');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open] >> text=Shortcuts');
    assert.deepEqual(await seriousFindings(page), []);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog:not([open])', { state: 'attached' });
    await page.keyboard.press('g');
    await page.keyboard.press('n');
    await page.waitForSelector('h1:has-text("Network")');
    assert.equal(await page.title(), 'Network · Synod');
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.waitForSelector('article .answer--final', { timeout: CHAIN_MS });
    assert.deepEqual(complaints, []);
  });

  test('the theme follows the system until it is chosen, and the choice lasts', async () => {
    const { page } = await open('/network', { scheme: 'light' });
    const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await ground();
    assert.notEqual(dark, light);
    await page.keyboard.press('t');
    assert.equal(await ground(), light, 'light was chosen');
    await page.keyboard.press('t');
    await page.emulateMedia({ colorScheme: 'light' });
    assert.equal(await ground(), dark, 'dark was chosen');
    await page.reload();
    await page.waitForSelector('.strip__numbers');
    assert.equal(await ground(), dark, 'and lasts');
  });

  test('nothing moves for those who asked for less motion', async () => {
    const { page } = await open('/network', { reducedMotion: true });
    const moving = await page.evaluate<number>('document.getAnimations().length');
    assert.equal(moving, 0);
  });

  test(`first paint within ${FIRST_PAINT_MS_MAX} ms, and at most ${PAGE_BYTES_MAX / 1024} KB in all`, async () => {
    const paints: number[] = [];
    for (let round = 0; round < 3; round++) {
      const { page, context } = await open('/ask');
      paints.push(
        await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN),
      );
      await context.close();
    }
    const dist = join(root, 'packages/web/dist');
    const bytes = globSync('**/*.br', { cwd: dist }).reduce((sum, file) => sum + statSync(join(dist, file)).size, 0);
    console.log(
      `web: first paint ${paints.map(Math.round).join(', ')} ms; ${(bytes / 1024).toFixed(1)} KB compressed in all`,
    );
    assert.ok(Math.min(...paints) <= FIRST_PAINT_MS_MAX, paints.join());
    assert.ok(bytes > 10_000 && bytes <= PAGE_BYTES_MAX, String(bytes));
  });

  test('a stalled network is told with its reason, and a node that is gone too', async () => {
    const { page } = await open('/network');
    await page.waitForSelector('.strip--good, .strip--slow');
    for (const node of devnet.info.nodes.slice(2)) process.kill(node.pid, 'SIGKILL');
    await page.waitForSelector('.strip--bad', { timeout: CHAIN_MS });
    assert.match((await page.textContent('.strip__verdict')) ?? '', /Stalled/);
    await page.waitForSelector('text=Stalled because 2 of 4 validators are offline (need 3).', { timeout: CHAIN_MS });
    assert.deepEqual(await seriousFindings(page), []);
    await screenshot(page, 'stalled-light');
    process.kill(devnet.info.nodes[0]!.pid, 'SIGKILL');
    await page.waitForSelector('text=The node that served this page does not answer.', { timeout: CHAIN_MS });
    await screenshot(page, 'no-answer-light');
  });

  test('no page ever asked another origin for anything', () => {
    const origins = new Set(visits.flatMap(({ requests }) => requests.map((address) => new URL(address).host)));
    const own = new Set(devnet.info.nodes.map(({ rpc }) => new URL(rpc).host));
    assert.ok(visits.length > 5);
    assert.deepEqual(
      [...origins].filter((origin) => origin !== '' && !own.has(origin)),
      [],
    );
  });
}
