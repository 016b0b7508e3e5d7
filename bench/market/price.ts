/**
 * Does the price follow the work? Every recorded answer that a worker computed goes alone through the chain, and its price, before quality and
 * load, is set beside the CPU time that its worker spent on it.
 * Usage: node bench/market/price.ts [--out 6000] [--quote 3000] [--in 500]. Writes bench/results/market-price.json.
 */
import { parseArgs } from 'node:util';
import { meteredFee, PPM, priceOf, promptBytesOf } from '@synod/chain';
import { mean, pearson } from '../judge/statistics.ts';
import { type Row, report } from '../table.ts';
import { MarketRun } from './market-run.ts';
import { ANSWERERS, DOMAINS } from './population.ts';
import { expertOf, loadRecordings, recordedScript, SCORERS } from './replay.ts';

/** Nano a byte, as a devnet's first expert asks (cli/src/devnet/experts.ts). */
const { values } = parseArgs({
  options: {
    in: { type: 'string', default: '500' },
    out: { type: 'string', default: '6000' },
    quote: { type: 'string', default: '3000' },
  },
});
const rates = {
  priceInPerByte: BigInt(values.in),
  priceOutPerByte: BigInt(values.out),
  priceQuotePerByte: BigInt(values.quote),
};
const GOAL = 0.9;

type Priced = { readonly expert: string; readonly grounding: string; readonly due: number; readonly cpuMs: number };

const recordings = loadRecordings();

/** All that one answerer was recorded with. */
function priced(plays: string): Priced[] {
  const experts = DOMAINS.map((domain) => ({ ...expertOf(recordings, `${domain}-${plays}`, domain), ...rates }));
  const roles = new Map(experts.map(({ name }) => [name, plays]));
  const run = new MarketRun({ seed: `price ${plays}`, scorers: SCORERS, experts }, recordedScript(recordings, roles));
  return recordings.questions.flatMap((question) => {
    const recorded = question.answers.find(({ expert, text }) => expert === plays && text !== '');
    if (recorded === undefined) return [];
    const receipt = run.ask({ prompt: question.question, domain: question.domain, respondents: 1 });
    const settled = run.chain.query(receipt.queryId);
    const [slot] = settled.respondents;
    const metered = meteredFee(slot!, { ...slot!, promptBytes: promptBytesOf(settled.contract) });
    // At the load factor of a domain as busy as it should be: what load does to the price has nothing to do with the work.
    const due = Number(priceOf(metered, { loadFactor: PPM, difficulty: settled.contract.difficulty }));
    return [{ expert: plays, grounding: recorded.grounding, due, cpuMs: recorded.cpuMs }];
  });
}

const all = ANSWERERS.flatMap(({ name }) => priced(name));
const dues = all.map(({ due }) => due);
const costs = all.map(({ cpuMs }) => cpuMs);
const overall = pearson(dues, costs);
const byGrounding = [...Map.groupBy(all, ({ grounding }) => grounding)];
const rows: Row[] = [
  { figure: 'answers', value: `${all.length}`, goal: '–', met: null },
  {
    figure: 'correlation of metered price and CPU time',
    value: overall.toFixed(3),
    goal: `≥ ${GOAL}`,
    met: overall >= GOAL,
  },
  ...byGrounding.map(([name, own]) => {
    const [due, cpuMs] = [mean(own.map((one) => one.due)), mean(own.map((one) => one.cpuMs))];
    return {
      figure: `  ${name}: answers, mean price, CPU, nano a CPU millisecond`,
      value: `${own.length}, ${Math.round(due)} nano, ${cpuMs.toFixed(0)} ms, ${Math.round(due / cpuMs)}`,
      goal: '–',
      met: null,
    };
  }),
];
const details = Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, String(rate)]));
report('market-price', rows, { rates: details, answers: all });
