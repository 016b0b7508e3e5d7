/**
 * What an answer costs as complexity and load change, by the chain's own pricing functions (spec: market §11). Owns the synthetic demand; prices and
 * the load factor's moves are the chain's.
 */
import {
  type Amount,
  CHAIN_LIMITS,
  defaultChainParams,
  meteredFee,
  nextFactor,
  PPM,
  priceOf,
  utilisation,
} from '@synod/chain';
import { linePlot } from './plot.ts';
import { markdownTable, type Report } from './write-report.ts';

export type PricingOptions = { readonly seed: number; readonly quick: boolean };

/** Complexity as contracts state it, in millionths on top of the plain price. */
const LEVELS: readonly { readonly name: string; readonly difficulty: number }[] = [
  { name: 'plain', difficulty: 0 },
  { name: 'moderate', difficulty: 250_000 },
  { name: 'hard', difficulty: 500_000 },
  { name: 'hardest', difficulty: 1_000_000 },
];
/** Rates in nano a byte, and one question with its answer. */
const RATES = { priceInPerByte: 1_000n, priceOutPerByte: 20_000n, priceQuotePerByte: 2_000n };
const METER = { promptBytes: 120, rounds: 1, generatedBytes: 300, quotedBytes: 200 };
const NANO_PER_COIN = 1e9;
/** Answers that the domain's experts work on side by side. */
const CAPACITY = 8;

type Epoch = {
  readonly epoch: number;
  readonly phase: string;
  readonly asked: number;
  readonly answered: number;
  readonly use: number;
  readonly factor: number;
  /** By level, in coins. */
  readonly prices: readonly number[];
};

/** The report. No model runs. */
export function dynamicPricing({ seed, quick }: PricingOptions): Report {
  const metered = meteredFee(RATES, METER);
  const epochs = playEpochs({ metered, seed, length: quick ? 40 : 160 });
  const loads = Array.from({ length: 32 }, (_, i) => ((i + 1) * 8) / 32);
  const byLoad = LEVELS.map(({ name, difficulty }) => ({
    name,
    points: loads.map(
      (load) => [load, coins(priceOf(metered, { loadFactor: Math.round(load * PPM), difficulty }))] as const,
    ),
  }));
  const course = LEVELS.map(({ name }, level) => ({
    name,
    points: epochs.map(({ epoch, prices }) => [epoch, prices[level]!] as const),
  }));
  const plots = {
    'price-by-load.svg': linePlot({ title: 'Price of one answer', x: 'load factor', y: 'coins' }, byLoad),
    'price-over-time.svg': linePlot({ title: 'Price while demand changes', x: 'epoch', y: 'coins' }, course),
    'load-over-time.svg': linePlot({ title: 'Load', x: 'epoch', y: 'share, factor' }, [
      { name: 'use of capacity', points: epochs.map(({ epoch, use }) => [epoch, use / PPM] as const) },
      { name: 'load factor', points: epochs.map(({ epoch, factor }) => [epoch, factor / PPM] as const) },
    ]),
  };
  return {
    name: 'dynamic-pricing',
    markdown: markdownOf(epochs, seed),
    plots,
    data: { rates: textOf(RATES), meter: METER, levels: LEVELS, epochs },
  };
}

/** Quiet, then four times the demand, then quiet; half of those who ask leave where the price has doubled. */
const PHASES: readonly { readonly name: string; readonly demand: number }[] = [
  { name: 'quiet', demand: 0.25 },
  { name: 'busy', demand: 0.6 },
  { name: 'rush', demand: 2.5 },
  { name: 'quiet again', demand: 0.25 },
];

function playEpochs({ metered, seed, length }: { metered: Amount; seed: number; length: number }): Epoch[] {
  const { staking, market } = defaultChainParams();
  const full = (CAPACITY * staking.epochHeights) / CHAIN_LIMITS.assignmentHeights;
  const random = noise(seed);
  let factor: number = PPM;
  return Array.from({ length }, (_, epoch) => {
    const { name: phase, demand } = PHASES[Math.floor((epoch * PHASES.length) / length)]!;
    const prices = LEVELS.map(({ difficulty }) => coins(priceOf(metered, { loadFactor: factor, difficulty })));
    const asked = Math.round(full * demand * (0.9 + 0.2 * random()));
    const answered = Math.round(asked / Math.max(1, factor / PPM));
    const use = utilisation(answered, CAPACITY, staking.epochHeights);
    const at = { epoch, phase, asked, answered, use, factor, prices };
    factor = nextFactor(factor, use, market.loadTarget);
    return at;
  });
}

function markdownOf(epochs: readonly Epoch[], seed: number): string {
  const rows = PHASES.map(({ name }) => {
    const last = epochs.findLast(({ phase }) => phase === name)!;
    const prices = last.prices.map((price) => price.toFixed(4));
    return [name, `${(last.use / 10_000).toFixed(0)} %`, (last.factor / PPM).toFixed(2), ...prices];
  });
  return `# Dynamic pricing

What an answer costs at set levels of complexity while a domain's load changes. Prices, use and load factor come from the chain's own functions
(\`priceOf\`, \`utilisation\`, \`nextFactor\`; spec: market §11). Simulated: the demand (seed ${seed}) and how askers react to the price.

At the end of each phase, price in coins of an answer of ${METER.generatedBytes} written and ${METER.quotedBytes} quoted bytes:

${markdownTable(['phase', 'use', 'load factor', ...LEVELS.map(({ name }) => name)], rows)}

![Price by load](price-by-load.svg)

![Price over time](price-over-time.svg)

![Load over time](load-over-time.svg)
`;
}

const coins = (amount: Amount): number => Number(amount) / NANO_PER_COIN;

const textOf = (rates: Readonly<Record<string, Amount>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, rate.toString()]));

/** 0 … 1, the same for the same seed (mulberry32). */
export function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
