/**
 * What settled queries must leave behind in experts' records, reckoned a second time (spec: market §3.8–§3.11, §8): open assignments, the
 * window of outcomes, breakers, reputations. Owns that arithmetic over one block; who is drawn is selection-model.ts.
 */
import {
  type Address,
  type ChainEvent,
  type ChainParams,
  type Expert,
  type Height,
  type Receipt,
  type Reputation,
  readExpert,
  readOutcomes,
  readParams,
  readReputation,
  type StateTree,
} from '@synod/chain';

const million = 1_000_000;

type Step = {
  readonly before: StateTree;
  readonly after: StateTree;
  readonly height: Height;
  readonly events: readonly ChainEvent[];
  readonly receipts: readonly Receipt[];
};

/** What the block's settlements did wrongly to an expert's record, or null. Assumes that experts change in no other way. */
export function outcomeProblem({ before, after, height, events, receipts }: Step): string | null {
  const params = readParams(before);
  const books = new Map<Address, { expert: Expert; reputation: Reputation }>();
  const bookOf = (address: Address, domain: string) => {
    const known = books.get(address);
    if (known !== undefined) return known;
    const expert = readExpert(before, address) as Expert;
    const made = { expert, reputation: readReputation(before, address, domain) };
    books.set(address, made);
    return made;
  };
  for (const event of events) {
    if (event.type !== 'query.selected') continue;
    for (const address of event.experts) {
      const domain = (readExpert(before, address) as Expert).profile.domain;
      const book = bookOf(address, domain);
      book.expert = { ...book.expert, active: book.expert.active + 1 };
    }
  }
  const stored = readOutcomes(before);
  // Oldest first, as letters: a second way to keep the window.
  let window = stored.silent
    .toString(2)
    .padStart(32, '0')
    .slice(32 - stored.count);
  for (const receipt of receipts) {
    const silent = receipt.respondents.map(({ group }) => group === null);
    const isCut = (index: number) => silent[index] === true && receipt.cancelledAt !== null;
    window = (window + silent.flatMap((one, index) => (isCut(index) ? [] : [Number(one)])).join('')).slice(-32);
    const ones = [...window].filter((bit) => bit === '1').length;
    const isOutage = window.length >= 8 && ones >= window.length - ones;
    for (const [index, respondent] of receipt.respondents.entries()) {
      const book = bookOf(respondent.expert, receipt.domain);
      book.expert = { ...book.expert, active: book.expert.active - 1 };
      if (isCut(index) || (silent[index] === true && isOutage)) continue;
      book.expert = { ...book.expert, breaker: breakerAfter(book.expert, silent[index] === true, height, params) };
      const isRefuted = respondent.verdict === 'mismatch' || respondent.verdict === 'error';
      const y = silent[index] === true || isRefuted ? 0 : respondent.score;
      if (y !== null) book.reputation = observed(book.reputation, y, height, params);
    }
  }
  for (const [address, { expert, reputation }] of books) {
    const now = readExpert(after, address) as Expert;
    const due = [expert.active, expert.breaker.failures, expert.breaker.openUntil];
    const found = [now.active, now.breaker.failures, now.breaker.openUntil];
    if (due.join() !== found.join()) return `${address} has activity and breaker ${found}, due ${due}`;
    const standing = readReputation(after, address, expert.profile.domain);
    if (JSON.stringify(standing) !== JSON.stringify(reputation))
      return `${address} has the reputation ${JSON.stringify(standing)}, due ${JSON.stringify(reputation)}`;
  }
  const now = readOutcomes(after);
  const found = now.silent
    .toString(2)
    .padStart(32, '0')
    .slice(32 - now.count);
  return found === window ? null : `the last outcomes are ${found}, due ${window}`;
}

function breakerAfter(
  { breaker }: Expert,
  isSilent: boolean,
  height: Height,
  { market }: ChainParams,
): Expert['breaker'] {
  if (!isSilent) return { failures: 0, openUntil: 0 };
  if (breaker.openUntil >= height) return breaker;
  const failures = breaker.failures + 1;
  const beyond = failures - market.breakerFailures;
  if (beyond < 0) return { failures, openUntil: 0 };
  let heights = market.breakerHeights;
  for (let probe = 0; probe < beyond && heights < market.breakerHeightsMax; probe++) heights *= 2;
  return { failures, openUntil: height + Math.min(heights, market.breakerHeightsMax) };
}

function observed(known: Reputation, y: number, height: Height, params: ChainParams): Reputation {
  const spells = known.answers === 0 ? 0 : Math.floor((height - known.updatedAt) / params.market.idleHeights);
  const fine = 10n ** 12n;
  let left = fine;
  for (let bit = 0, factor = BigInt(params.market.idleForgetting) * 10n ** 6n; 2 ** bit <= spells; bit++) {
    if (Math.floor(spells / 2 ** bit) % 2 === 1) left = (left * factor) / fine;
    factor = (factor * factor) / fine;
  }
  const kept = (value: number) => {
    const faded = BigInt(million) + ((BigInt(value) - BigInt(million)) * left) / fine;
    return Number((faded * BigInt(params.reputationForgetting)) / BigInt(million));
  };
  const answers = known.answers + 1;
  return { alpha: kept(known.alpha) + y, beta: kept(known.beta) + million - y, answers, updatedAt: height };
}
