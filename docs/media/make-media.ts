/**
 * Makes the pictures of the README from a real devnet with the real model: a terminal session as SVG, and screenshots of the page. Owns
 * their drawing; nothing in them is written by hand. Run: node bootstrap.mjs run docs/media/make-media.ts [--model default|tiny]
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch, visit } from '../../test/e2e/browser.ts';
import { Devnet, runSynod } from '../../test/e2e/devnet-process.ts';

const { values } = parseArgs({ options: { model: { type: 'string', default: 'default' } } });
const QUESTION = 'What is the melting point of gold?';
const PAGE_MS = 120_000;
const look = { columns: 118, lineHeight: 19, charWidth: 8.2, margin: 20, top: 44 } as const;

const media = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

type Line = { readonly text: string; readonly isCommand: boolean };

/** Runs a command as it is shown and keeps what it prints, of both streams as a terminal shows them. */
async function typed(shown: string, args: readonly string[], devnet: Devnet): Promise<Line[]> {
  const { stdout, stderr } = await runSynod(args, {
    env: { SYNOD_DATA_DIR: devnet.dataDir, SYNOD_COMMAND: './synod', COLUMNS: String(look.columns) },
  });
  const printed = `${stderr}${stdout}`.trimEnd().split('\n');
  return [
    { text: `$ ${shown}`, isCommand: true },
    ...printed.map((text) => ({ text: text.slice(0, look.columns), isCommand: false })),
    { text: '', isCommand: false },
  ];
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(' ', '\u00a0');

/** A terminal window with these lines. */
function drawn(lines: readonly Line[]): string {
  const width = Math.round(look.columns * look.charWidth + 2 * look.margin);
  const height = look.top + lines.length * look.lineHeight + look.margin;
  const text = lines.map(({ text: line, isCommand }, index) => {
    const y = look.top + (index + 0.8) * look.lineHeight;
    return `<text x="${look.margin}" y="${y.toFixed(1)}"${isCommand ? ' class="c"' : ''}>${escaped(line)}</text>`;
  });
  const dots = ['#e0605a', '#dfb04a', '#5fb36a'].map(
    (fill, index) => `<circle cx="${26 + 20 * index}" cy="22" r="6" fill="${fill}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A terminal session with Synod">`,
    '<style>text{font:13.5px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d7dfdb}.c{fill:#7fd8b0;font-weight:600}</style>',
    `<rect width="${width}" height="${height}" rx="10" fill="#101715"/>`,
    ...dots,
    ...text,
    '</svg>\n',
  ].join('\n');
}

async function recordSession(devnet: Devnet): Promise<void> {
  const asked = await typed(`./synod ask "${QUESTION}"`, ['ask', QUESTION], devnet);
  const cheap = await typed(
    './synod ask --max-cost 0.0000001 "Why is the sky blue?"',
    ['ask', '--max-cost', '0.0000001', 'Why is the sky blue?'],
    devnet,
  );
  const status = await typed('./synod status', ['status'], devnet);
  writeFileSync(media('session.svg'), drawn([...asked, ...cheap, ...status].slice(0, -1)));
}

async function takeScreenshots(devnet: Devnet): Promise<void> {
  const browser = await launch();
  try {
    const { page } = await visit(browser, { width: 1180, height: 860 });
    await page.goto(`${devnet.url()}/ui/#/ask`);
    await page.waitForSelector('textarea', { timeout: PAGE_MS });
    await page.fill('textarea', QUESTION);
    await page.waitForSelector('.quote strong', { timeout: PAGE_MS });
    await page.click('button[type="submit"]:has-text("Ask")');
    await page.waitForSelector('.answer--final', { timeout: PAGE_MS });
    await page.screenshot({ path: media('ask.png') });
    const dark = await visit(browser, { width: 1280, height: 860, scheme: 'dark' });
    await dark.page.goto(`${devnet.url()}/ui/#/experts`);
    await dark.page.waitForSelector('.data-table tbody tr', { timeout: PAGE_MS });
    await dark.page.screenshot({ path: media('experts.png') });
  } finally {
    await browser.close();
  }
}

const devnet = await Devnet.start({ model: values.model });
try {
  await recordSession(devnet);
  await takeScreenshots(devnet);
} finally {
  await devnet.remove();
}
