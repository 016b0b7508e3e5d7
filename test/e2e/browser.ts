/**
 * A headless Chromium for tests of the web page (Debian's, driven by playwright-core): pages that record every request, every console
 * error and every breach of the page's policy. Owns the browser it started. Screenshots go to the folder that SYNOD_SCREENSHOTS names.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';
export const hasChromium: boolean = existsSync(CHROMIUM);

/** Longest wait for anything: the machine may have much else to do. */
const WAIT_MS = 60_000;
const POLL_MS = 50;

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screenshots = process.env['SYNOD_SCREENSHOTS'];

export type Look = {
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** True by default: what moves for ever costs a machine without a graphics card most of what it has. */
  readonly reducedMotion?: boolean;
};

/** One visitor: an own profile, and everything that went wrong or left the page on the way. */
export type Visit = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors, uncaught errors and breaches of the CSP. */
  readonly complaints: string[];
  /** Every URL that was asked for, WebSockets included. */
  readonly requests: string[];
};

/** Starts a browser; end it by `close()`. */
export async function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: flags });
}

export async function visit(browser: Browser, look: Look = {}): Promise<Visit> {
  const { scheme = 'light', width = 1280, height = 800, reducedMotion = true } = look;
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height },
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    acceptDownloads: true,
  });
  context.setDefaultTimeout(WAIT_MS);
  context.setDefaultNavigationTimeout(WAIT_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  await page.addInitScript(
    "addEventListener('securitypolicyviolation', (event) => console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI))",
  );
  return { page, context, complaints, requests };
}

export type Finding = { readonly id: string; readonly impact: string; readonly where: readonly string[] };

/** What axe finds serious or critical on the page as it is now. */
export async function seriousFindings(page: Page): Promise<readonly Finding[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    type Result = { violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] };
    const { axe } = globalThis as unknown as { axe: { run(): Promise<Result> } };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, impact, nodes }) => ({
        id,
        impact,
        where: nodes
          .slice(0, 4)
          .map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary.slice(0, 200)}`),
      }));
  });
}

/** Pixels by which the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate<number>(
    'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)',
  );
}

/**
 * Waits until an expression is true in the page. Playwright's own waitForFunction looks once and then from the page's frames, where its policy
 * forbids what is evaluated from text: it throws whenever the first look comes too early.
 */
export async function comesTrue(page: Page, expression: string, waitMs = WAIT_MS): Promise<void> {
  const end = Date.now() + waitMs;
  while (!(await page.evaluate<boolean>(`Boolean(${expression})`))) {
    if (Date.now() > end) throw new Error(`not true in the page after ${waitMs} ms: ${expression}`);
    await sleep(POLL_MS);
  }
}

/** Nothing where SYNOD_SCREENSHOTS is not set. */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (screenshots === undefined || screenshots === '') return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}
