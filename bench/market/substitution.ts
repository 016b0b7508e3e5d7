/**
 * How well a verifier tells answers of the claimed model from others: rates of true and false positives by kind of swap, and what a check
 * costs beside writing. Owns the halves: tolerances are looked for on one half of the prompts, rates are measured on the other.
 * By default a child process writes and this one checks. `--write FILE` alone writes claims, `--read FILE --dump FILE` checks them, and
 * `--tell FILE`, several times, tells of what was checked in parts.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tolerance } from '../../packages/inference/src/answering/tolerance.ts';
import { verify } from '../../packages/inference/src/answering/verify.ts';
import type { SegmentCheck } from '../../packages/inference/src/client/protocol.ts';
import { loadEngine } from '../../packages/inference/src/engine/engine.ts';
import type { ReadReview } from '../../packages/inference/src/engine/review.ts';
import { createLibrary } from '../../packages/inference/src/knowledge/library.ts';
import { vectorsDirectory } from '../../packages/inference/src/knowledge/vectors-file.ts';
import { resolveModel } from '../../packages/inference/src/models/index.ts';
import { control } from '../domains/load.ts';
import { quantile, type Row, report } from '../table.ts';
import { type Claim, type Written, writeClaims } from './claims.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'default' },
    phrasings: { type: 'string', default: '40' },
    open: { type: 'string', default: '48' },
    write: { type: 'string' },
    read: { type: 'string' },
    dump: { type: 'string' },
    tell: { type: 'string', multiple: true },
  },
});
const cacheDir = join(vectorsDirectory(), '..', 'models');
const { directory } = await resolveModel({ model: values.model, cacheDir });

type Checked = { readonly claim: Claim; readonly check: SegmentCheck; readonly review: ReadReview | null };

/** In a process of its own, so that nothing of the writing is known here. */
function writtenElsewhere(): Written {
  if (values.read !== undefined) return JSON.parse(readFileSync(values.read, 'utf8')) as Written;
  const folder = mkdtempSync(join(tmpdir(), 'synod-claims-'));
  const file = join(folder, 'claims.json');
  const { model, phrasings, open } = values;
  const options = ['--write', file, '--model', model, '--phrasings', phrasings, '--open', open];
  try {
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...options], { stdio: 'inherit' });
    return JSON.parse(readFileSync(file, 'utf8')) as Written;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(): Promise<void> {
  const written = writtenElsewhere();
  const engine = await loadEngine(directory);
  let review: ReadReview | null = null;
  const watched: typeof engine = {
    ...engine,
    review: async (request, jobControl) => {
      const found = await engine.review(request, jobControl);
      review = found.kind === 'read' ? found : null;
      return found;
    },
  };
  const tools = { engine: watched, library: createLibrary({ embed: engine.embed }) };
  const cpuMs = { phrasing: 0, open: 0, refusal: 0 };
  const checked: Checked[] = [];
  for (const claim of written.claims) {
    review = null;
    const before = process.cpuUsage();
    const { prompt, expert, segments, path } = claim;
    const messages = [{ role: 'user', content: prompt }] as const;
    const [check] = await verify(tools, { messages, expert, segments }, control);
    const { user, system } = process.cpuUsage(before);
    const isAlone =
      claim.kind === 'honest' && claim.variant === 'alone' && (path === 'phrasing' || expert.adapter === null);
    if (isAlone) cpuMs[path] += (user + system) / 1000;
    checked.push({ claim, check: check!, review });
  }
  await engine.close();
  const done: Done = { checked, cost: { written: written.cpuMs, checked: cpuMs } };
  if (values.dump === undefined) tell(done);
  else writeFileSync(values.dump, JSON.stringify(done));
}

/** Prompts, not claims, are parted: one prompt's claims resemble each other. */
const isTuning = ({ claim }: Checked): boolean =>
  createHash('sha256').update(`half ${claim.prompt}`).digest()[0]! % 2 === 0;

const isCaught = ({ check }: Checked): boolean => check.verdict === 'mismatch';
const share = (list: readonly Checked[], is: (one: Checked) => boolean): number =>
  list.length === 0 ? Number.NaN : list.filter(is).length / list.length;
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** Who cheated so that it shows: a swap under which the claimed model would have written the very same is told apart. */
const isHonest = ({ claim }: Checked): boolean => claim.kind === 'honest';
const isVisible = ({ claim }: Checked): boolean => claim.kind !== 'honest' && !claim.isSameText;

type Cost = { readonly written: Written['cpuMs']; readonly checked: Readonly<Record<'phrasing' | 'open', number>> };

type Done = { readonly checked: readonly Checked[]; readonly cost: Cost };

/** Parts of one writing: their checks follow each other, and so do their times. */
function joined(parts: readonly Done[]): Done {
  const sum = (path: 'phrasing' | 'open') => parts.reduce((all, { cost }) => all + cost.checked[path], 0);
  const { written } = parts[0]!.cost;
  return {
    checked: parts.flatMap(({ checked }) => checked),
    cost: { written, checked: { phrasing: sum('phrasing'), open: sum('open') } },
  };
}

function tell({ checked, cost }: Done): void {
  const measured = checked.filter((one) => !isTuning(one));
  printKinds(measured);
  printTuning(checked.filter(isTuning));
  const falsePositives = share(measured.filter(isHonest), isCaught);
  const truePositives = share(measured.filter(isVisible), isCaught);
  const ratio = (path: 'phrasing' | 'open') => cost.checked[path] / cost.written[path];
  const count = (list: readonly Checked[]): string => `of ${list.length}`;
  const rows: Row[] = [
    {
      figure: 'swaps that changed the text and were caught',
      value: `${percent(truePositives)} ${count(measured.filter(isVisible))}`,
      goal: '≥ 99 %',
      met: truePositives >= 0.99,
    },
    ...(['adapter', 'base', 'truncated', 'prefilled'] as const).map((kind): Row => {
      const own = measured.filter((one) => one.claim.kind === kind && isVisible(one));
      return {
        figure: `  ${kind}`,
        value: `${percent(share(own, isCaught))} ${count(own)}`,
        goal: '≥ 99 %',
        met: share(own, isCaught) >= 0.99,
      };
    }),
    {
      figure: 'honest answers that were taken for swaps',
      value: `${percent(falsePositives)} ${count(measured.filter(isHonest))}`,
      goal: '≤ 1 %',
      met: falsePositives <= 0.01,
    },
    ...(['adapter', 'base'] as const).map((kind): Row => {
      const own = measured.filter(({ claim }) => claim.kind === kind && claim.isSameText);
      return {
        figure: `${kind} swapped, same text: caught`,
        value: `${percent(share(own, isCaught))} ${count(own)}`,
        goal: '–',
        met: null,
      };
    }),
    {
      figure: 'processor time of a check beside writing: phrasing, open',
      value: `${percent(ratio('phrasing'))}, ${percent(ratio('open'))}`,
      goal: '–',
      met: null,
    },
  ];
  report('market-substitution', rows, { tolerance, cost, kinds: kindTable(measured), claims: checked.length });
}

function kindTable(list: readonly Checked[]) {
  const byKind = Map.groupBy(list, ({ claim }) => `${claim.kind} / ${claim.variant} / ${claim.path}`);
  return [...byKind].map(([name, own]) => {
    const differing = own.filter(({ claim }) => claim.kind === 'honest' || !claim.isSameText);
    const alike = own.filter((one) => !differing.includes(one));
    return {
      name,
      claims: differing.length,
      caught: share(differing, isCaught),
      sameText: alike.length,
      sameTextCaught: share(alike, isCaught),
      gapMilli: [0.5, 0.99].map((q) =>
        quantile(
          differing.map(({ check }) => check.gapMilli),
          q,
        ),
      ),
      distanceMilli: [0.5, 0.99].map((q) =>
        quantile(
          differing.map(({ check }) => check.distanceMilli),
          q,
        ),
      ),
    };
  });
}

function printKinds(list: readonly Checked[]): void {
  console.log('\nby kind: claims, caught; the same text: claims, caught; gap and distance (median, 99 %)');
  for (const { name, claims, caught, sameText, sameTextCaught, gapMilli, distanceMilli } of kindTable(list)) {
    const cells = [
      claims,
      percent(caught),
      sameText,
      percent(sameTextCaught),
      gapMilli.join(' '),
      distanceMilli.join(' '),
    ];
    console.log(`  ${name.padEnd(44)} ${cells.map((cell) => String(cell).padStart(9)).join(' ')}`);
  }
}

/** What other tolerances would do on the tuning half. */
function printTuning(tuning: readonly Checked[]): void {
  const isOtherwiseWrong = ({ check }: Checked) => ['shape', 'length', 'tokens', 'text'].includes(check.fault ?? '');
  console.log('\ntuning half: gap (thousandths of a nat), distance → caught, falsely');
  for (const gap of [200, 300, 400, 500, 700]) {
    const cells = [60, 90, 120, 150, 200, 250].map((distance) => {
      const is = (one: Checked) =>
        isOtherwiseWrong(one) || one.check.gapMilli > gap || one.check.distanceMilli > distance;
      return `${distance}: ${percent(share(tuning.filter(isVisible), is))} ${percent(share(tuning.filter(isHonest), is))}`;
    });
    console.log(`  ${gap}  ${cells.join('   ')}`);
  }
}

if (values.tell !== undefined) tell(joined(values.tell.map((path) => JSON.parse(readFileSync(path, 'utf8')) as Done)));
else if (values.write === undefined) await measure();
else {
  const counts = { phrasings: Number(values.phrasings), open: Number(values.open) };
  const note = (text: string) => process.stderr.write(`${text}\n`);
  writeFileSync(values.write, JSON.stringify(await writeClaims(directory, counts, note)));
}
