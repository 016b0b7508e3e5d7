/**
 * What settled queries must leave behind in experts' records, reckoned a second time (spec: market §3.8–§3.11, §8): open assignments, the
 * window of outcomes, breakers, reputations. Owns that arithmetic over one block; who is drawn is selection-model.ts.
 */
import {
  type Address,
  addressOf,
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
import type { AppliedStep } from './ledger-model.ts';

const million = 1_000_000;

type Entry = { readonly domain: string; expert: Expert; reputation: Reputation };

/** What the block did wrongly to an expert's record, or null. */
export function outcomeProblem(step: AppliedStep): string | null {
  const books = new OutcomeBooks(step);
  books.applySelections();
  books.applyTransactions();
  for (const receipt of step.results.receipts) books.settle(receipt);
  return books.problem();
}

class OutcomeBooks {
  readonly #step: AppliedStep;
  readonly #params: ChainParams;
  readonly #height: Height;
  readonly #entries = new Map<Address, Entry>();
  /** The last outcomes, oldest first, as letters: a second way to keep the window. */
  #window: string;

  constructor(step: AppliedStep) {
    this.#step = step;
    this.#params = readParams(step.before);
    this.#height = step.block.header.height;
    this.#window = windowOf(step.before);
  }

  applySelections(): void {
    for (const event of this.#step.events) {
      if (event.type !== 'query.selected') continue;
      for (const address of event.experts) {
        const entry = this.#entryOf(address);
        entry.expert = { ...entry.expert, active: entry.expert.active + 1 };
      }
    }
  }

  /** Another model or other knowledge halves what is known; who retires is forgotten. */
  applyTransactions(): void {
    const { block, results } = this.#step;
    for (const [index, { body }] of block.transactions.entries()) {
      const { payload } = body;
      if (results.transactions[index]?.code !== 'OK' || !payload.type.startsWith('expert.')) continue;
      const entry = this.#entryOf(addressOf(body.sender));
      if (payload.type === 'expert.update') {
        const { knowledgeRoot, modelId } = payload.expert;
        const isSame = entry.expert.profile.knowledgeRoot === knowledgeRoot && entry.expert.profile.modelId === modelId;
        if (!isSame) entry.reputation = halved(entry.reputation);
        entry.expert = { ...entry.expert, profile: payload.expert };
      } else if (payload.type === 'expert.pause') {
        entry.expert = { ...entry.expert, status: payload.paused ? 'paused' : 'active' };
      } else if (payload.type === 'expert.retire') {
        entry.expert = { ...entry.expert, status: 'retired' };
        entry.reputation = { alpha: million, beta: million, answers: 0, updatedAt: 0 };
      }
    }
  }

  settle(receipt: Receipt): void {
    const silent = receipt.respondents.map(({ group }) => group === null);
    const isCut = (index: number) => silent[index] === true && receipt.cancelledAt !== null;
    // Who was asked by name (§16) is paid, and nothing is learnt of it but that it was silent.
    const isDrawn = receipt.contract.expert === null;
    const told = isDrawn ? silent.flatMap((one, index) => (isCut(index) ? [] : [Number(one)])) : [];
    this.#window = (this.#window + told.join('')).slice(-32);
    const ones = [...this.#window].filter((bit) => bit === '1').length;
    const isOutage = this.#window.length >= 8 && ones >= this.#window.length - ones;
    for (const [index, respondent] of receipt.respondents.entries()) {
      const isSilent = silent[index] === true;
      const entry = this.#entryOf(respondent.expert);
      entry.expert = { ...entry.expert, active: entry.expert.active - 1 };
      if (isCut(index) || (isSilent && isOutage)) continue;
      entry.expert = { ...entry.expert, breaker: breakerAfter(entry.expert, isSilent, this.#height, this.#params) };
      const isRefuted = respondent.verdict === 'mismatch' || respondent.verdict === 'error';
      const y = isSilent || isRefuted ? 0 : respondent.score;
      if (isDrawn && y !== null && entry.expert.status !== 'retired')
        entry.reputation = observed(entry.reputation, y, this.#height, this.#params);
    }
  }

  problem(): string | null {
    const { after, events } = this.#step;
    for (const [address, { domain, expert, reputation }] of this.#entries) {
      const now = readExpert(after, address);
      if (now === null) {
        if (events.some((event) => event.type === 'expert.released' && event.expert === address)) continue;
        return `${address} is gone`;
      }
      const due = [expert.active, expert.breaker.failures, expert.breaker.openUntil, expert.status];
      const found = [now.active, now.breaker.failures, now.breaker.openUntil, now.status];
      if (due.join() !== found.join()) return `${address} has activity, breaker and status ${found}, due ${due}`;
      const standing = readReputation(after, address, domain);
      if (JSON.stringify(standing) !== JSON.stringify(reputation))
        return `${address} has the reputation ${JSON.stringify(standing)}, due ${JSON.stringify(reputation)}`;
    }
    const found = windowOf(after);
    return found === this.#window ? null : `the last outcomes are ${found}, due ${this.#window}`;
  }

  #entryOf(address: Address): Entry {
    const known = this.#entries.get(address);
    if (known !== undefined) return known;
    const expert = readExpert(this.#step.before, address) as Expert;
    const { domain } = expert.profile;
    const made = { domain, expert, reputation: readReputation(this.#step.before, address, domain) };
    this.#entries.set(address, made);
    return made;
  }
}

function windowOf(state: StateTree): string {
  const { silent, count } = readOutcomes(state);
  return silent
    .toString(2)
    .padStart(32, '0')
    .slice(32 - count);
}

/** Half of the way to what is known of a newcomer, a millionth at a time of one in doubt. */
function halved({ alpha, beta, ...rest }: Reputation): Reputation {
  const half = (value: number) =>
    value >= million ? million + Math.floor((value - million) / 2) : million - Math.floor((million - value) / 2);
  return { alpha: half(alpha), beta: half(beta), ...rest };
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
