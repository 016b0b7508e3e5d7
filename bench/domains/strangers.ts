/**
 * Questions written in one go by somebody who had read neither the other questions nor the phrases, only the names of the relations: what an expert
 * makes of how strangers ask. Nothing was ever fitted or decided on them; some ways to say an answer were added after its passage had been read. Usage: node bench/domains/strangers.ts. Writes bench/results/domains-strangers.json.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contains } from '../../packages/experts/src/questions/scoring.ts';
import { rank, shippedCoefficients } from '../../packages/inference/src/retrieval/rank.ts';
import { type Row, report } from '../table.ts';
import { control, loadDomains, openEngine } from './load.ts';

type Asked = {
  readonly set: number;
  readonly domain: string;
  readonly question: string;
  readonly gold: readonly string[];
};
type Found = Asked & {
  readonly outcome: 'right' | 'wrong' | 'refused';
  readonly probability: number;
  readonly best: string;
};

const file = join(import.meta.dirname, 'strangers.jsonl');
const asked = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Asked);
const engine = await openEngine();
const domains = await loadDomains(engine, { data: undefined, only: [] });
const found: Found[] = [];
for (const one of asked) {
  const { retriever, passages } = domains.find(({ name }) => name === one.domain)!.knowledge;
  const candidates = await retriever.candidates(one.question, control);
  const [first] = rank(candidates, shippedCoefficients);
  const best = first === undefined ? '' : passages[candidates[first.row]!.index]!.text;
  const probability = first?.probability ?? 0;
  const isRight = contains(best, { question: one.question, subject: '', gold: one.gold, caseSensitive: false });
  const outcome = probability < shippedCoefficients.threshold ? 'refused' : isRight ? 'right' : 'wrong';
  found.push({ ...one, outcome, probability, best });
  if (outcome !== 'right') console.log(`${outcome.padEnd(8)} ${probability.toFixed(2)} ${one.question} → ${best}`);
}
await engine.close();
const percent = (part: number, of: number) => `${((100 * part) / of).toFixed(1)} % of ${of}`;

/** The second set was written after the first had been asked and a rule made of what it showed. */
function rowsOf(set: number): Row[] {
  const own = found.filter((one) => one.set === set);
  const count = (outcome: Found['outcome']) => own.filter((one) => one.outcome === outcome).length;
  const [right, refused] = [count('right'), count('refused')];
  const answered = own.length - refused;
  return [
    { figure: `set ${set}: right and cited, of all`, value: percent(right, own.length), goal: '–', met: null },
    { figure: '  of those answered', value: percent(right, answered), goal: '≥ 92 %', met: right >= 0.92 * answered },
    { figure: '  refused', value: percent(refused, own.length), goal: '≤ 12 %', met: refused <= 0.12 * own.length },
  ];
}

report('domains-strangers', [...rowsOf(1), ...rowsOf(2)], { found });
