/**
 * Who must answer a query, reckoned a second time without the market's own code (spec: market §3, §8): who may be drawn, what each weighs,
 * where the draws fall. Owns that arithmetic; payments are settlement-model.ts.
 */
import {
  type Address,
  type Expert,
  type Hash,
  listExperts,
  type QueryState,
  readExpert,
  readHead,
  readLoad,
  readParams,
  readReputation,
  type SelectionRecord,
  type StateTree,
  taggedHash,
} from '@synod/chain';
import { drawOf } from './model-draws.ts';

const million = 1_000_000n;
const heaviest = 10n ** 15n;

/** The market's selections of one block, in their order: who is drawn for one query is busier for the next. */
export class SelectionModel {
  readonly #state: StateTree;
  readonly #beacon: Hash;
  readonly #busier = new Map<Address, number>();

  /** `state` is that before the block with this beacon. */
  constructor(state: StateTree, beacon: Hash) {
    this.#state = state;
    this.#beacon = beacon;
  }

  /** Who must have been drawn for the next query of the block, and from whom. */
  next(query: QueryState): { readonly chosen: readonly Address[]; readonly selection: SelectionRecord } {
    const seed = taggedHash('synod/selection/1', Buffer.from(this.#beacon, 'hex'), Buffer.from(query.id, 'hex'));
    const all = this.#weighed(query);
    let urn = all;
    const chosen: Address[] = [];
    while (urn.length > 0 && chosen.length < query.contract.respondents) {
      let rest = drawOf(
        seed,
        chosen.length,
        urn.reduce((sum, { weight }) => sum + weight, 0n),
      );
      const hit = urn.find(({ weight }) => {
        rest -= weight;
        return rest < 0n;
      }) as Ball;
      chosen.push(hit.expert.address);
      urn = urn.filter(({ expert }) => expert.profile.operator !== hit.expert.profile.operator);
    }
    for (const expert of chosen) this.#busier.set(expert, 1 + (this.#busier.get(expert) ?? 0));
    const candidates = all.map(({ expert: { address, profile }, weight }) => ({
      expert: address,
      operator: profile.operator,
      weight,
    }));
    return { chosen, selection: { seed, candidates } };
  }

  #weighed(query: QueryState): readonly Ball[] {
    const { contract } = query;
    const height = readHead(this.#state) + 1;
    const experts = listExperts(this.#state, contract.domain)
      .map((address) => this.#expert(address))
      .filter((expert) => this.#mayAnswer(expert, query, height));
    const bytes = BigInt(promptBytes(query));
    const prices = experts.map(({ profile }) => profile.priceInPerByte * bytes + 256n * dearer(profile));
    const cheapest = prices.reduce((a, b) => (a < b ? a : b), prices[0] ?? 0n);
    const balls = experts.map((expert, i): Ball => {
      const [alpha, beta] = this.#standing(expert, contract.domain, height);
      const load = (million * BigInt(expert.profile.capacity)) / BigInt(expert.profile.capacity + expert.active);
      const own = prices[i] ?? 0n;
      const ratio = own === 0n ? million : (million * cheapest) / own;
      const price = ratio < million / 4n ? million / 4n : ratio;
      return { expert, alpha, beta, load, price, weight: this.#weight(alpha, beta, load, price) };
    });
    return balls.map((ball) => ({ ...ball, weight: this.#shared(ball, balls) }));
  }

  #expert(address: Address): Expert {
    const expert = readExpert(this.#state, address) as Expert;
    return { ...expert, active: expert.active + (this.#busier.get(address) ?? 0) };
  }

  /** Masks by operator, price, pause and breaker. */
  #mayAnswer(expert: Expert, { requester, contract }: QueryState, height: number): boolean {
    const { profile, breaker } = expert;
    if (contract.expert !== null && contract.expert !== expert.address) return false;
    for (const party of [contract.coordinator, requester]) {
      const theirs = readExpert(this.#state, party)?.profile.operator;
      if ([expert.address, profile.operator].includes(party) || theirs === profile.operator) return false;
    }
    if (expert.status !== 'active') return false;
    if (breaker.openUntil > 0 && (height <= breaker.openUntil || expert.active > 0)) return false;
    const { priceInPerByte, priceOutPerByte, priceQuotePerByte } = profile;
    const byte = priceQuotePerByte < priceOutPerByte ? priceQuotePerByte : priceOutPerByte;
    const least = priceInPerByte * BigInt(promptBytes({ contract })) + byte;
    const factors = BigInt(readLoad(this.#state, contract.domain).factor) * (million + BigInt(contract.difficulty));
    return (least * factors) / million ** 2n <= contract.maxFee / BigInt(contract.respondents);
  }

  /** α and β at that height, idle spells counted off one bit of their number at a time. */
  #standing(expert: Expert, domain: string, height: number): readonly [bigint, bigint] {
    const { market } = readParams(this.#state);
    const { alpha, beta, answers, updatedAt } = readReputation(this.#state, expert.address, domain);
    const spells = answers === 0 || height <= updatedAt ? 0 : Math.floor((height - updatedAt) / market.idleHeights);
    const fine = million * million;
    let left = fine;
    for (let bit = 0, factor = BigInt(market.idleForgetting) * million; 2 ** bit <= spells; bit++) {
      if (Math.floor(spells / 2 ** bit) % 2 === 1) left = (left * factor) / fine;
      factor = (factor * factor) / fine;
    }
    const faded = (value: number) => million + ((BigInt(value) - million) * left) / fine;
    return spells === 0 ? [BigInt(alpha), BigInt(beta)] : [faded(alpha), faded(beta)];
  }

  #weight(alpha: bigint, beta: bigint, load: bigint, price: bigint): bigint {
    const { exploration, sharpness } = readParams(this.#state).market;
    const total = alpha + beta;
    let quality = 0n;
    if (total > 0n) {
      const spread = rootOf((alpha * beta * million ** 3n) / (total ** 2n * (total + million)));
      quality = (alpha * million) / total + (BigInt(exploration) * spread) / million;
    }
    quality = quality < 1n ? 1n : quality > million ? million : quality;
    const sharp = Array.from({ length: sharpness }).reduce<bigint>((sum) => (sum * quality) / million, heaviest);
    const weight = (((sharp * load) / million) * price) / million;
    return weight > 0n ? weight : 1n;
  }

  /** Experts of one operator divide what one with all their experience would weigh, and no more than the best of them does. */
  #shared(ball: Ball, balls: readonly Ball[]): bigint {
    const family = balls.filter(({ expert }) => expert.profile.operator === ball.expert.profile.operator);
    if (family.length < 2) return ball.weight;
    const sum = (of: (one: Ball) => bigint) => family.reduce((total, one) => total + of(one), 0n);
    const most = (of: (one: Ball) => bigint) => family.map(of).reduce((a, b) => (a > b ? a : b));
    const extra = BigInt(family.length - 1) * million;
    const [alpha, beta] = [sum((one) => one.alpha) - extra, sum((one) => one.beta) - extra];
    const pooled = this.#weight(
      alpha > 0n ? alpha : 0n,
      beta > 0n ? beta : 0n,
      most(({ load }) => load),
      most(({ price }) => price),
    );
    const best = most(({ weight }) => weight);
    const share = (ball.weight * (pooled < best ? pooled : best)) / sum(({ weight }) => weight);
    return share > 0n ? share : 1n;
  }
}

type Ball = {
  readonly expert: Expert;
  readonly alpha: bigint;
  readonly beta: bigint;
  readonly load: bigint;
  readonly price: bigint;
  readonly weight: bigint;
};

function promptBytes({ contract }: Pick<QueryState, 'contract'>): number {
  return contract.privacy?.promptBytes ?? Buffer.byteLength(contract.prompt);
}

function dearer({ priceOutPerByte, priceQuotePerByte }: Expert['profile']): bigint {
  return priceOutPerByte > priceQuotePerByte ? priceOutPerByte : priceQuotePerByte;
}

/** Largest whole number whose square is not above, found bit by bit. */
function rootOf(value: bigint): bigint {
  let root = 0n;
  for (let bit = 1n << 64n; bit > 0n; bit >>= 1n) if ((root + bit) * (root + bit) <= value) root += bit;
  return root;
}
