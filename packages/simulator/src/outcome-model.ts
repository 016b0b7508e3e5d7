/**
 * What settled queries must leave behind in experts' records, reckoned a second time (spec: market §3.8–§3.11, §8): open assignments, the
 * window of outcomes, breakers, reputations, bonds. Owns that arithmetic over one block; who is drawn is selection-model.ts, what gold brings
 * calibration-model.ts.
 */
import {
  type Accuracy,
  type Address,
  addressOf,
  type CalibrationReveal,
  type ChainParams,
  type Expert,
  type Height,
  type Receipt,
  type Reputation,
  readAccuracy,
  readExpert,
  readOutcomes,
  readParams,
  readQuery,
  readReputation,
  type StateTree,
} from '@synod/chain';
import { accuracyAfter, isVoid, truthsOf } from './calibration-model.ts';
import type { AppliedStep } from './ledger-model.ts';

const million = 1_000_000;

type Entry = { readonly domain: string; expert: Expert; reputation: Reputation };

/** What the block did wrongly to an expert's record, or null. */
export function outcomeProblem(step: AppliedStep): string | null {
  const books = new OutcomeBooks(step);
  books.applySelections();
  books.applyTransactions();
  books.applyDisclosures();
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
  readonly #accuracies = new Map<Address, Accuracy>();
  #wrong: string | null = null;

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
      if (results.transactions[index]?.code !== 'OK') continue;
      if (payload.type === 'calibration.reveal') this.#calibrate(payload, addressOf(body.sender));
      if (!/^expert\.(update|pause|retire)$/.test(payload.type)) continue;
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

  /** Experts are observed twice, scorers by what they said of each answer. */
  #calibrate(payload: CalibrationReveal, calibrator: Address): void {
    const query = readQuery(this.#step.before, payload.queryId);
    if (query === null) return;
    const truths = truthsOf(query, payload.gold);
    const due = { isVoid: isVoid(query, truths), truths };
    const told = this.#step.events.find((event) => event.type === 'query.calibrated' && event.queryId === query.id);
    if (told?.type !== 'query.calibrated' || told.isVoid !== due.isVoid || told.truths.join() !== truths.join())
      this.#wrong ??= `the gold of ${query.id} is taken otherwise than ${JSON.stringify(due)}`;
    if (due.isVoid) return;
    for (const { expert, operator, group, registeredAt } of query.respondents) {
      const record = readExpert(this.#step.before, expert);
      if (record === null) continue;
      const entry = this.#entryOf(expert);
      const isSame = record.registeredAt === registeredAt && record.status !== 'retired';
      if (group === null || operator === calibrator || !isSame) continue;
      for (let time = 0; time < 2; time++)
        entry.reputation = observed(entry.reputation, truths[group] ?? 0, this.#height, this.#params);
    }
    for (const { operator, scores } of query.scorers) {
      const before = this.#accuracies.get(operator) ?? readAccuracy(this.#step.before, operator);
      const own = operator === calibrator ? [] : (scores ?? []);
      this.#accuracies.set(operator, accuracyAfter(before, own, truths, this.#params.reputationForgetting));
    }
  }

  /** What a bond loses to the findings of verifiers, and what is left of it when it is too small. */
  #slash({ groups, respondents }: Receipt): void {
    for (const { expert, group, verdict, answerHash, slashed } of respondents) {
      const isGuilty = group !== null && verdict === 'mismatch' && groups[group]?.answerHash === answerHash;
      const entry = this.#entryOf(expert);
      const part = isGuilty ? cut(entry.expert.bond, this.#params.market.substitutionSlash) : 0n;
      if (slashed !== part) this.#wrong ??= `${expert} loses ${slashed} of its bond, due ${part}`;
      this.#cut(entry, part);
    }
  }

  #cut(entry: Entry, part: bigint): void {
    const bond = entry.expert.bond - part;
    const isShort = part > 0n && bond < this.#params.expertBondMin && entry.expert.status === 'active';
    entry.expert = { ...entry.expert, bond, status: isShort ? 'paused' : entry.expert.status };
  }

  /** What was wrong with a private answer costs its author as much (privacy §4). */
  applyDisclosures(): void {
    for (const event of this.#step.events) {
      if (event.type !== 'query.disclosed') continue;
      const entry = this.#entryOf(event.expert);
      const part = event.problem === null ? 0n : cut(entry.expert.bond, this.#params.market.substitutionSlash);
      if (event.slashed !== part)
        this.#wrong ??= `${event.expert} loses ${event.slashed} for ${event.problem}, due ${part}`;
      this.#cut(entry, part);
    }
  }

  settle(receipt: Receipt): void {
    this.#slash(receipt);
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
    if (this.#wrong !== null) return this.#wrong;
    for (const [operator, accuracy] of this.#accuracies) {
      const is = readAccuracy(after, operator);
      if (JSON.stringify(is) !== JSON.stringify(accuracy))
        return `${operator} has the accuracy ${JSON.stringify(is)}, due ${JSON.stringify(accuracy)}`;
    }
    for (const [address, { domain, expert, reputation }] of this.#entries) {
      const now = readExpert(after, address);
      if (now === null) {
        const isPaid = events.some(
          (event) => event.type === 'expert.released' && event.expert === address && event.bond === expert.bond,
        );
        if (isPaid) continue;
        return `${address} is gone`;
      }
      const due = [expert.active, expert.breaker.failures, expert.breaker.openUntil, expert.status, expert.bond];
      const found = [now.active, now.breaker.failures, now.breaker.openUntil, now.status, now.bond];
      if (due.join() !== found.join()) return `${address} has activity, breaker, status and bond ${found}, due ${due}`;
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

function cut(bond: bigint, part: number): bigint {
  return (bond * BigInt(part)) / BigInt(million);
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
