/**
 * Learning on a real devnet with the real model: corrections of facts in two domains, asked again in other words once their version is stable, with
 * old questions before and after: node bench/learning/live.ts [--model default|tiny] [--corrections 20] [--wordings 3] [--old 40] [--idle 120].
 * Or, on an idle machine, one round over feedback of four accounts, with its minutes phase by phase, its processes' memory and the blocks beside it
 * (live-round.ts): node bench/learning/live.ts --corrections 0 [--items 64]. Not both: that round's devnet opens none with fewer items. `--idle` is
 * the blocks measured before. Writes bench/results/learning-live.json, the round's figures as soon as it is over.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { contains } from '../../packages/experts/src/questions/scoring.ts';
import { Devnet, runSynod } from '../../test/e2e/devnet-process.ts';
import { loadRecordings } from '../market/replay.ts';
import { type Row, report } from '../table.ts';
import { feedbackRound, intervals, ROUND_ACCOUNTS, type RoundFigures, roundFlags, roundRows } from './live-round.ts';
import { say } from './progress.ts';
import { type Version, type WatchedRound, watchOneRound } from './round-watch.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'default' },
    corrections: { type: 'string', default: '20' },
    wordings: { type: 'string', default: '3' },
    old: { type: 'string', default: '40' },
    items: { type: 'string' },
    idle: { type: 'string', default: '120' },
  },
});

/** Items of the one round; 0 where corrections are taught. */
const roundItems = Number(values.items ?? (Number(values.corrections) === 0 ? 64 : 0));
if (roundItems > 0 && Number(values.corrections) > 0)
  throw new Error('Corrections or one round of items: give --corrections 0 or --items 0.');
const GOALS = { static: 0.1, taught: 0.8, oldPoints: 2 };
const ACCOUNTS = ['alice', 'bob', 'carol'] as const;
const ANSWER_MS = 120_000;
const VERSION_MS = 30 * 60_000;
const IDLE_MS = 10 * 60_000;

type Correction = {
  readonly domain: string;
  readonly kind: 'new' | 'changed';
  readonly prompt: string;
  readonly text: string;
  readonly gold: string;
  readonly asked: readonly string[];
};
type Asked = { readonly queryId: string; readonly text: string };
type Line = { readonly stable: number; readonly last: number; readonly canary: unknown };
type Lineage = { readonly line: Line; readonly items: readonly Version[] };

const allCorrections = readFileSync(fileURLToPath(new URL('corrections.jsonl', import.meta.url)), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Correction);
const corrections = allCorrections.slice(0, Number(values.corrections));
const domains = [...new Set((corrections.length === 0 ? allCorrections : corrections).map(({ domain }) => domain))];

async function ask(devnet: Devnet, prompt: string, domain: string, account: number): Promise<Asked> {
  const from = ACCOUNTS[account % ACCOUNTS.length]!;
  const { queryId } = await devnet.rpc<{ queryId: string }>('query_submit', { prompt, domain, from });
  let text = '';
  await devnet.until(`an answer to ${prompt}`, ANSWER_MS, async () => {
    const query = await devnet.rpc<{ phase: string; answer: string | null }>('query_get', { queryId });
    text = query.answer ?? '';
    return query.phase === 'settled';
  });
  return { queryId, text };
}

const states = (text: string, gold: readonly string[]): boolean =>
  contains(text, { question: '', subject: '', gold, caseSensitive: false });

/** Share of the corrections' other wordings that are answered with what was taught. */
async function askTaught(devnet: Devnet): Promise<number> {
  const all = corrections.flatMap((one) =>
    one.asked.slice(0, Number(values.wordings)).map((question) => ({ one, question })),
  );
  let right = 0;
  for (const [i, { one, question }] of all.entries())
    if (states((await ask(devnet, question, one.domain, i)).text, [one.gold])) right++;
  return right / all.length;
}

const old = loadRecordings()
  .questions.filter(({ domain }) => domains.includes(domain))
  .slice(0, Number(values.old));

async function askOld(devnet: Devnet): Promise<number> {
  let right = 0;
  for (const [i, question] of old.entries())
    if (contains((await ask(devnet, question.question, question.domain, i)).text, question)) right++;
  return right / old.length;
}

const lineage = (devnet: Devnet, domain: string): Promise<Lineage> => devnet.rpc<Lineage>('model_lineage', { domain });

/** Until the last version made after `before` is stable, or was not adopted. */
async function nextVersion(devnet: Devnet, domain: string, before: number): Promise<Version> {
  let found: Version | undefined;
  await devnet.until(`a version of ${domain}`, VERSION_MS, async () => {
    const { line, items } = await lineage(devnet, domain);
    found = items.find(({ version }) => version > before && version === line.last);
    return found !== undefined && line.canary === null;
  });
  return found!;
}

async function teach(
  devnet: Devnet,
): Promise<{ readonly versions: readonly Version[]; readonly rounds: readonly WatchedRound[] }> {
  const given: { readonly queryId: string; readonly one: Correction; readonly from: string }[] = [];
  for (const [i, one] of corrections.entries()) {
    const { queryId } = await ask(devnet, one.prompt, one.domain, i);
    given.push({ queryId, one, from: ACCOUNTS[i % ACCOUNTS.length]! });
    // Against what is published one account's word is not enough (learning §7.3): a second one says the same.
    if (one.kind !== 'changed') continue;
    const second = await ask(devnet, one.prompt, one.domain, i + 1);
    given.push({ queryId: second.queryId, one, from: ACCOUNTS[(i + 1) % ACCOUNTS.length]! });
  }
  for (const { queryId, one, from } of given)
    await devnet.rpc('feedback_submit', { queryId, rating: 'correct', correction: one.text, from, waitFor: 'mempool' });
  const rounds = await Promise.all(domains.map((domain) => watchOneRound(devnet, domain, VERSION_MS)));
  const versions = await Promise.all(domains.map((domain) => nextVersion(devnet, domain, 0)));
  return { versions, rounds };
}

/** Whether the version, made anew in an empty folder from the first one on, has the chain's hashes. */
async function isRebuilt(devnet: Devnet, { version }: Version, domain: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'synod-rebuilt-'));
  const flags = [
    '--version',
    String(version),
    '--rpc',
    devnet.url(),
    '--out',
    folder,
    '--model',
    values.model,
    '--json',
  ];
  const { code, stderr } = await runSynod(['model', 'rebuild', domain, ...flags]);
  if (code !== 0) say(stderr);
  rmSync(folder, { recursive: true });
  return code === 0;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The corrections: asked before, taught, rebuilt, asked after. */
async function taughtRows(devnet: Devnet): Promise<{ readonly rows: Row[]; readonly rounds: readonly WatchedRound[] }> {
  const staticShare = await askTaught(devnet);
  const oldBefore = await askOld(devnet);
  say(`static: taught ${percent(staticShare)}, old ${percent(oldBefore)}`);
  const { versions, rounds } = await teach(devnet);
  say(`versions: ${JSON.stringify(versions)}`);
  for (const { domain, minutes } of rounds) say(`round of ${domain}: ${minutes.toFixed(1)} minutes`);
  const rebuilt = await Promise.all(rounds.map(({ domain, version }) => isRebuilt(devnet, version, domain)));
  const taught = await askTaught(devnet);
  const lost = 100 * (oldBefore - (await askOld(devnet)));
  say(`after one round: taught ${percent(taught)}, old questions ${lost.toFixed(1)} points lower`);
  const rows = [
    {
      figure: 'taught facts in new words, before',
      value: percent(staticShare),
      goal: '≤ 10 %',
      met: staticShare <= GOALS.static,
    },
    { figure: 'after one round', value: percent(taught), goal: '≥ 80 %', met: taught >= GOALS.taught },
    {
      figure: `${old.length} old questions, points lost`,
      value: `${lost.toFixed(1)} (${percent(oldBefore)} before)`,
      goal: '≤ 2',
      met: lost <= GOALS.oldPoints,
    },
    {
      figure: 'versions rebuilt from genesis with the same hash',
      value: `${rebuilt.filter(Boolean).length} of ${rebuilt.length}`,
      goal: 'all',
      met: rebuilt.every(Boolean),
    },
  ];
  return { rows, rounds };
}

/** The table and the file, made anew with whatever has been measured since. */
function write(rows: readonly Row[], details: object): void {
  report('learning-live', rows, { model: values.model, ...details });
}

async function measure(devnet: Devnet): Promise<void> {
  const start = await devnet.height();
  const idleBlocks = Number(values.idle);
  say(`idle blocks ${start} … ${start + idleBlocks}`);
  await devnet.until('idle blocks', IDLE_MS, async () => (await devnet.height()) > start + idleBlocks);
  const idle = await intervals(devnet, start, start + idleBlocks);
  const taught = corrections.length > 0 ? await taughtRows(devnet) : { rows: [], rounds: [] };
  const minutes = taught.rounds.map(({ domain, items, minutes }): Row => {
    return {
      figure: `round of ${domain}, ${items} items`,
      value: `${minutes.toFixed(1)} minutes`,
      goal: '–',
      met: null,
    };
  });
  const rows = [...taught.rows, ...minutes];
  if (roundItems === 0) return write(rows, { rounds: taught.rounds, idle });
  const onClosed = (figures: RoundFigures): void =>
    write([...rows, ...roundRows(figures, idle)], { rounds: taught.rounds, idle, figures });
  onClosed(await feedbackRound(devnet, { domain: domains[0]!, items: roundItems, onClosed }));
}

async function main(): Promise<void> {
  const items = roundItems;
  if (items % ROUND_ACCOUNTS.length !== 0) throw new Error(`--items must be a multiple of ${ROUND_ACCOUNTS.length}`);
  say('starting the devnet');
  const devnet = await Devnet.start({ model: values.model, flags: items === 0 ? [] : roundFlags(items) });
  // Ctrl-C reaches the devnet, too; what was asked of it then fails, and it is gone when this ends.
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve('interrupted'));
  });
  try {
    const ended = await Promise.race([measure(devnet), interrupted]);
    if (ended === 'interrupted') say('interrupted: the devnet is stopped');
    process.exitCode = ended === 'interrupted' ? 130 : 0;
  } finally {
    await devnet.remove();
  }
  process.exit();
}

await main();
