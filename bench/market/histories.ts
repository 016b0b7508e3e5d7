/**
 * Random histories of the market through the production state transition, with a recount of all money after every block. Owns playing one
 * history and what is counted; the actions are history-actions.ts.
 */
import { listOpenQueries, type Receipt, type Transaction } from '@synod/chain';
import fc from 'fast-check';
import {
  ACCOUNTS,
  type Action,
  EXPERT_PLANS,
  itemsOf,
  KINDS,
  SCORER_NAMES,
  transactionsOf,
} from './history-actions.ts';
import { MarketChain } from './market-chain.ts';

/** Short times, so that histories see epochs, releases and idleness; everything is verified that can be. */
const PARAMS = {
  clockDriftMsMax: 100,
  staking: {
    epochHeights: 4,
    evidenceAgeHeights: 6,
    evidenceAgeMs: 10_000,
    trustingPeriodMs: 1_000,
    unbondingHeights: 80,
  },
  market: {
    cancelGrace: 2,
    expertReleaseHeights: 6,
    breakerFailures: 1,
    breakerHeights: 3,
    idleHeights: 5,
    verificationShare: 1_000_000,
    calibrationHeights: 20,
  },
} as const;
/** Blocks within which whatever is open settles by itself: all windows of three rounds. */
const DRAIN_MAX = 60;

export type Tally = {
  histories: number;
  blocks: number;
  /** Nano by which any recount was off, without sign. */
  lost: bigint;
  readonly outcomes: Map<string, number>;
  readonly codes: Map<string, number>;
};

export const newTally = (): Tally => ({ histories: 0, blocks: 0, lost: 0n, outcomes: new Map(), codes: new Map() });

const number = fc.nat(65_535);
const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom(...KINDS),
  who: number,
  what: number,
  how: number,
});

/** Blocks of up to five actions each. */
export const history: fc.Arbitrary<Action[][]> = fc.array(fc.array(action, { maxLength: 5 }), {
  minLength: 6,
  maxLength: 16,
});

/** A chain at height 2 that histories fork from. */
export function startOfHistories(): MarketChain {
  const scorers = SCORER_NAMES.map((name, index) => ({ name, power: 7n + 3n * BigInt(index) }));
  const chain = MarketChain.start({
    seed: 'histories',
    scorers,
    experts: EXPERT_PLANS,
    accounts: ACCOUNTS,
    params: PARAMS,
  });
  chain.next();
  chain.next();
  return chain;
}

/** Plays the history to its end and until nothing is open. Throws with what is wrong, so that fast-check can shrink it. */
export function playHistory(
  start: MarketChain,
  blocks: readonly (readonly Action[])[],
  seed: string,
  tally: Tally,
): void {
  const chain = start.fork(seed);
  let before: Transaction[] = [];
  for (const actions of blocks) {
    const fresh = actions.flatMap((one) => transactionsOf(chain, one));
    const isRepeated = actions.some(({ kind }) => kind === 'repeat');
    const absent = new Set(
      actions
        .filter(({ kind }) => kind === 'absent')
        .map(({ who }) => SCORER_NAMES[who % 4]!)
        .slice(0, 1),
    );
    step(
      chain,
      { transactions: isRepeated ? [...fresh, ...fresh, ...before] : fresh, items: itemsOf(chain, actions), absent },
      tally,
    );
    before = fresh;
  }
  for (let i = 0; i < DRAIN_MAX && listOpenQueries(chain.state).length > 0; i++) step(chain, {}, tally);
  if (listOpenQueries(chain.state).length > 0)
    throw new Error(`a query is still open ${DRAIN_MAX} blocks after the last action`);
  tally.histories += 1;
}

function step(chain: MarketChain, content: Parameters<MarketChain['next']>[0], tally: Tally): void {
  const { codes, refused, receipts } = chain.next(content);
  tally.blocks += 1;
  for (const code of [...codes, ...refused]) tally.codes.set(code, (tally.codes.get(code) ?? 0) + 1);
  for (const receipt of receipts) {
    tally.outcomes.set(receipt.outcome, (tally.outcomes.get(receipt.outcome) ?? 0) + 1);
    requireSum(receipt);
  }
  const { ok, supply, balances, bonded, escrowed, staked, unbonding } = chain.state.supply();
  const off = supply.issued - balances - bonded - escrowed - staked - unbonding - supply.burnt;
  tally.lost += off < 0n ? -off : off;
  if (!ok || off !== 0n) throw new Error(`money does not add up at height ${chain.height}: ${off} nano off`);
}

/** What a receipt says was paid and given back is what was escrowed. */
function requireSum({ queryId, contract, respondents, scorersPaid, coordinatorPaid, cost, refund }: Receipt): void {
  const parts = [...respondents, ...scorersPaid].reduce((sum, { paid }) => sum + paid, coordinatorPaid);
  if (parts !== cost || cost + refund !== contract.maxFee) {
    throw new Error(
      `the receipt of ${queryId} does not add up: ${parts} paid, cost ${cost}, refund ${refund} of ${contract.maxFee}`,
    );
  }
}
