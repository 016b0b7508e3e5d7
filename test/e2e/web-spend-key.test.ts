/**
 * The web page on a chain that is no devnet, where it holds nobody's account: it asks for a spend key, says what is wrong with one, pays
 * from its budget, and forgets it. A real browser, real processes, the tiny model.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { hasChromium, launch, overflow, screenshot, seriousFindings, type Visit, visit } from './browser.ts';
import { PlainNetwork } from './plain-network.ts';

/** For what a block or several must come first. */
const CHAIN_MS = 120_000;
const NARROW = 360;
const FORM = 'h2:has-text("Questions cost SYN on this chain")';
const ASK = 'button[type="submit"]:has-text("Ask")';
const FORGET = 'text=Forget the spend key';

type Shown = { readonly spent: string; readonly reserved: string; readonly heldFeedback: readonly string[] };

let network: PlainNetwork;
let browser: Browser;

async function open(look: Parameters<typeof visit>[1] = {}): Promise<Visit> {
  const opened = await visit(browser, look);
  await opened.page.goto(`${network.url}/ui/#/ask`);
  await opened.page.waitForSelector(FORM, { timeout: CHAIN_MS });
  return opened;
}

async function enter({ page }: Visit, key: string): Promise<void> {
  await page.fill('.spend-key input', key);
  await page.click('button:has-text("Use this key")');
}

const stored = ({ page }: Visit): Promise<string> =>
  page.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])');

const article = (question: string): string => `article[aria-label^="Question: ${question}"]`;

async function ask({ page }: Visit, question: string): Promise<void> {
  await page.fill('.composer textarea', question);
  await page.click(`${ASK}:not([disabled])`);
}

if (!hasChromium) {
  console.log('web: Chromium is not installed here (apt-get install chromium), so the page was not driven.');
} else {
  before(async () => {
    [network, browser] = await Promise.all([PlainNetwork.start(), launch()]);
  });

  after(async () => {
    await browser?.close();
    await network?.remove();
  });

  test('without a key the page says how one is made, and asks nothing', async () => {
    const opened = await open();
    const { page, complaints, context } = opened;
    assert.match((await page.textContent('.spend-key')) ?? '', /synod spend-key new --budget 50/);
    await page.fill('.composer textarea', 'What is the capital of France?');
    assert.equal(await page.isDisabled(ASK), true);
    await page.press('.composer textarea', 'Enter');
    assert.equal(await page.locator('article').count(), 0);
    assert.equal(await page.locator('.payer__select').count(), 0, 'no account is offered');
    assert.deepEqual(await seriousFindings(page), []);
    await screenshot(page, 'spend-key-light');
    assert.deepEqual(complaints, []);
    await context.close();
    const narrow = await open({ width: NARROW, height: 740, scheme: 'dark' });
    assert.equal(await overflow(narrow.page), 0, 'it scrolls sideways');
    assert.deepEqual(await seriousFindings(narrow.page), []);
    await narrow.context.close();
  });

  test('a key that cannot be one is refused at the form, one of another node by the node, in words', async () => {
    const opened = await open();
    const { page, context } = opened;
    await enter(opened, 'hello');
    assert.match((await page.textContent('#spend-key-hint')) ?? '', /no spend key: they begin with sk-synod-/);
    assert.equal(await page.getAttribute('.spend-key input', 'aria-invalid'), 'true');
    assert.deepEqual(await seriousFindings(page), []);
    await enter(opened, `sk-synod-${'ab'.repeat(32)}`);
    await page.waitForSelector(FORGET);
    const question = 'Who would pay for this?';
    await ask(opened, question);
    await page.waitForSelector(`${article(question)} .failure`, { timeout: CHAIN_MS });
    const said = (await page.textContent(`${article(question)} .failure`)) ?? '';
    assert.match(said, /INVALID_API_KEY/);
    assert.match(said, /This node has no such spend key\. Check that it is whole/);
    await context.close();
  });

  test('a key pays for question and feedback out of its budget, stays in its tab, and is forgotten', async () => {
    const made = (await network.spendKey('new', '--budget', '5', '--name', 'page')) as { secret: string };
    const shown = async () => (await network.spendKey('show', 'page')) as unknown as Shown;
    const opened = await open();
    const { page, complaints, requests, context } = opened;
    await enter(opened, ` ${made.secret} `);
    await page.waitForSelector(FORGET);
    assert.equal(await page.locator(FORM).count(), 0);
    const question = 'What is the capital of France?';
    await ask(opened, question);
    await page.waitForSelector(`${article(question)} .answer--final`, { timeout: CHAIN_MS });
    const cost = /cost([\d.]+) SYN/.exec((await page.textContent(`${article(question)} .ledger`)) ?? '')?.[1];
    let books = await shown();
    for (let looks = 0; books.reserved !== '0' && looks < 60; looks++) books = await shown();
    assert.equal(books.reserved, '0', 'the true cost takes the place of what was set aside');
    assert.ok(Number(cost) > 0 && Number(books.spent) / 1e9 >= Number(cost), `${books.spent} of ${cost} SYN`);

    await page.click('text=Correct it');
    await page.waitForSelector('text=/A deposit and a fee come out of the spend key/');
    await page.fill('.correction textarea', 'The capital of France is Lima.');
    await page.click('text=Send the correction');
    await page.waitForSelector('.feedback--given', { timeout: CHAIN_MS });
    assert.match((await page.textContent('.feedback--given')) ?? '', /Recorded in block \d+/);
    assert.equal((await shown()).heldFeedback.length, 1);
    await screenshot(page, 'spend-key-answered-light');

    const [lasting, session] = JSON.parse(await stored(opened)) as [object, object];
    assert.ok(!JSON.stringify(lasting).includes('sk-synod-'), 'nothing lasting holds the key');
    assert.ok(JSON.stringify(session).includes(made.secret));
    await page.click(FORGET);
    await page.waitForSelector(FORM);
    assert.ok(!(await stored(opened)).includes('sk-synod-'));
    await page.fill('.composer textarea', 'And of Chile?');
    assert.equal(await page.isDisabled(ASK), true);
    await page.reload();
    await page.waitForSelector(FORM, { timeout: CHAIN_MS });
    assert.deepEqual(new Set(requests.map((address) => new URL(address).host)), new Set([new URL(network.url).host]));
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('a key that was revoked says so when it is used', async () => {
    const { secret } = (await network.spendKey('new', '--budget', '5', '--name', 'gone')) as { secret: string };
    await network.spendKey('revoke', 'gone');
    const opened = await open();
    const { page, context } = opened;
    await enter(opened, secret);
    const question = 'Does it still pay?';
    await ask(opened, question);
    await page.waitForSelector(`${article(question)} .failure`, { timeout: CHAIN_MS });
    assert.match((await page.textContent(`${article(question)} .failure`)) ?? '', /This spend key was revoked/);
    await context.close();
  });
}
