/**
 * Questions written before their author had read any relation, phrase or other question of the project, so that relations and styles are a stranger's too; facts from
 * general knowledge, invented entities and unlikely relations among them. A hash of the question puts each in a half: `dev` may be read for mending, of `blind` only
 * figures are ever told. Usage: node bench/domains/blind.ts [--domains a,b] [--dev] [--failures] (of dev alone). Writes bench/results/domains-blind.json.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { contains } from '../../packages/experts/src/questions/scoring.ts';
import { rank, shippedCoefficients } from '../../packages/inference/src/retrieval/rank.ts';
import { type Row, report } from '../table.ts';
import { control, type Domain, loadDomains, openEngine } from './load.ts';

type Half = 'dev' | 'blind';
type Asked = {
  readonly domain: string;
  readonly half: Half;
  readonly question: string;
  /** Why it must be refused; then there is no gold. */
  readonly refuse?: 'entity' | 'relation';
  readonly gold?: readonly string[];
  /** Numbers that answer too, each with the share by which one may be off: sources differ in years and rounding. */
  readonly near?: readonly (readonly [number, number])[];
};
type Outcome = 'right' | 'wrong' | 'refused';
type Found = Asked & { readonly outcome: Outcome; readonly probability: number; readonly best: string };

const { values } = parseArgs({
  options: {
    domains: { type: 'string', default: '' },
    dev: { type: 'boolean', default: false },
    failures: { type: 'boolean', default: false },
  },
});

const percent = (part: number, of: number) => `${((100 * part) / of).toFixed(1)} % of ${of}`;

const MULTIPLES: Readonly<Record<string, number>> = { thousand: 1e3, million: 1e6, billion: 1e9 };

/** Numbers in a sentence, with "1.4 million" as one. */
function numbersIn(text: string): number[] {
  const plain = text.replace(/(\d),(?=\d{3})/g, '$1').replace(/[−–](?=\d)/g, '-');
  return Array.from(
    plain.matchAll(/(?<![\d.])(-?\d+(?:\.\d+)?)(?:\s+(thousand|million|billion))?/g),
    ([, digits, multiple]) => Number(digits) * (MULTIPLES[multiple ?? ''] ?? 1),
  );
}

/** Letters from which on a gold may be the beginning of a word: "dermatolog" means doctor and field. */
const STEM_LETTERS_MIN = 6;

/** Whether a gold stands in the text on its own, also inside a code: "89" in "CWE-89", "J18" in "J18.9". */
function standsIn(text: string, gold: string): boolean {
  const escaped = gold.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const end = gold.length >= STEM_LETTERS_MIN && /^\p{L}+$/u.test(gold) ? '' : '(?![\\p{L}\\d])';
  return new RegExp(`(?<![\\p{L}\\d])${escaped}${end}`, 'iu').test(text);
}

function isAnswered(text: string, { question, gold = [], near = [] }: Asked): boolean {
  if (contains(text, { question, subject: '', gold, caseSensitive: false })) return true;
  if (gold.some((one) => standsIn(text, one))) return true;
  const said = numbersIn(text);
  return near.some(([number, share]) => said.some((one) => Math.abs(one - number) <= share * Math.abs(number)));
}

async function ask(one: Asked, domain: Domain): Promise<Found> {
  const { retriever, passages } = domain.knowledge;
  const candidates = await retriever.candidates(one.question, control);
  const [first] = rank(candidates, shippedCoefficients);
  const best = first === undefined ? '' : passages[candidates[first.row]!.index]!.text;
  const probability = first?.probability ?? 0;
  const outcome = probability < shippedCoefficients.threshold ? 'refused' : isAnswered(best, one) ? 'right' : 'wrong';
  return { ...one, outcome, probability, best };
}

function rowsOf(name: string, own: readonly Found[]): Row[] {
  const known = own.filter(({ refuse }) => refuse === undefined);
  const count = (list: readonly Found[], outcome: Outcome) => list.filter((one) => one.outcome === outcome).length;
  const [right, refused] = [count(known, 'right'), count(known, 'refused')];
  const answered = known.length - refused;
  const rows: Row[] = [
    { figure: `${name}: right, of all`, value: percent(right, known.length), goal: '–', met: null },
    { figure: '  of those answered', value: percent(right, answered), goal: '≥ 92 %', met: right >= 0.92 * answered },
    {
      figure: '  refused',
      value: percent(refused, known.length),
      goal: '≤ 12 %',
      met: refused <= 0.12 * known.length,
    },
  ];
  for (const refuse of ['entity', 'relation'] as const) {
    const unknown = own.filter((one) => one.refuse === refuse);
    const said = count(unknown, 'refused');
    rows.push({
      figure: `  unknown ${refuse} refused`,
      value: percent(said, unknown.length),
      goal: '≥ 85 %',
      met: said >= 0.85 * unknown.length,
    });
  }
  return rows;
}

const only = values.domains.split(',').filter(Boolean);
const asked = readFileSync(join(import.meta.dirname, 'blind.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Asked)
  .filter(({ half }) => !values.dev || half === 'dev')
  .filter(({ domain }) => only.length === 0 || only.includes(domain));
const engine = await openEngine();
const domains = await loadDomains(engine, { data: undefined, only });
const found: Found[] = [];
for (const one of asked) found.push(await ask(one, domains.find(({ name }) => name === one.domain)!));
await engine.close();
if (values.failures) {
  for (const { half, refuse, outcome, probability, domain, question, best } of found) {
    if (half !== 'dev' || outcome === (refuse === undefined ? 'right' : 'refused')) continue;
    console.log(`${outcome.padEnd(8)} ${probability.toFixed(2)} ${domain} ${refuse ?? ''} ${question} → ${best}`);
  }
}
const halves = ['dev', 'blind'] as const;
const rows = halves
  .filter((half) => half === 'dev' || !values.dev)
  .flatMap((half) => {
    const own = found.filter((one) => one.half === half);
    const byDomain = [...Map.groupBy(own, ({ domain }) => domain)];
    return [...rowsOf(half, own), ...byDomain.flatMap(([domain, list]) => rowsOf(`${half}, ${domain}`, list))];
  });
report('domains-blind', rows, { dev: found.filter(({ half }) => half === 'dev') });
