/**
 * A second set of books of stake on its way (spec: staking §5, §6.1), kept entry by entry from events alone: every slash cuts every entry
 * by itself. Owns that arithmetic; the chain's shares must come to the same but for the nano that rounding takes.
 */
import assert from 'node:assert/strict';
import {
  type Address,
  type ChainEvent,
  PPM,
  readParams,
  readPool,
  readRedelegations,
  readSupply,
  readUnbonding,
  readUnbondingPool,
  type StateTree,
  stakeOf,
  unbondingWorth,
} from '../../src/index.ts';

type Leaving = { operator: Address; delegator: Address; maturesAt: number; amount: bigint };
type Moved = { from: Address; to: Address; delegator: Address; maturesAt: number; amount: bigint };

/** Nano that one entry may be off by: each slash and each neighbour that comes or goes takes or leaves one at most. */
const OFF_MAX = 100n;

export class StakeBooks {
  #leaving: Leaving[] = [];
  #moved: Moved[] = [];
  readonly #barred = new Map<Address, number>();
  /** What the rules were seen to do, by name. */
  readonly seen: (what: string) => void;

  constructor(seen: (what: string) => void) {
    this.seen = seen;
  }

  /** Called once for each block, in order. */
  check(before: StateTree, after: StateTree, height: number, events: readonly ChainEvent[]): void {
    const tokens = new Map<Address, bigint>();
    const burnt: ChainEvent[] = [];
    const paid: ChainEvent[] = [];
    for (const event of events) {
      if (event.type === 'validator.slashed') this.#slash(before, event, tokens);
      else if (event.type === 'stake.undelegated') this.#leaving.push({ ...event, operator: event.validator });
      else if (event.type === 'stake.redelegated') this.#move(before, event, height);
      else if (event.type === 'validator.exited') this.#exit(before, after, event.validator, height);
      else if (event.type === 'stake.burnt') burnt.push(event);
      else if (event.type === 'stake.paid') paid.push(event);
    }
    this.#mature(after, height, { burnt, paid });
    this.#compare(after);
  }

  /** The part of everything that backs the validator now; of what waits, entry by entry. */
  #slash(before: StateTree, event: ChainEvent & { type: 'validator.slashed' }, tokens: Map<Address, bigint>): void {
    const { validator, amount, reason } = event;
    const { doubleSignSlash, revealMismatchSlash, downtimeSlash } = readParams(before).staking;
    const isBarring = reason === 'doubleSign' || reason === 'lightAttack';
    // Downtime is counted after transactions moved the stake: its amount is another test's.
    if (reason === 'downtime') return void assert.ok(downtimeSlash > 0 || amount === 0n);
    const part = BigInt(isBarring ? doubleSignSlash : revealMismatchSlash);
    const bonded = tokens.get(validator) ?? readPool(before, validator)!.tokens;
    const cut = (of: bigint): bigint => (of * part) / BigInt(PPM);
    tokens.set(validator, bonded - cut(bonded));
    let sum = cut(bonded);
    for (const entry of this.#leaving) {
      if (entry.operator !== validator) continue;
      sum += cut(entry.amount);
      entry.amount -= cut(entry.amount);
      this.seen(`unbonding stake slashed: ${reason}`);
    }
    assert.ok(near(sum, amount), `${amount} burnt for ${reason}, due ${sum}`);
    if (isBarring) this.#barred.set(validator, Number(part));
  }

  #move(before: StateTree, event: ChainEvent & { type: 'stake.redelegated' }, height: number): void {
    const { from, to, delegator, amount } = event;
    assert.ok(
      !this.#moved.some((each) => each.to === from && each.delegator === delegator),
      'it still answers elsewhere',
    );
    if (this.#barred.has(from)) return;
    const maturesAt = height + readParams(before).staking.unbondingHeights;
    const known = this.#moved.find(
      (each) => each.from === from && each.to === to && each.delegator === delegator && each.maturesAt === maturesAt,
    );
    if (known === undefined) this.#moved.push({ from, to, delegator, maturesAt, amount });
    else known.amount += amount;
  }

  /** The event does not say how much it takes out: what the state has for it, less what is written down here already. */
  #exit(before: StateTree, after: StateTree, operator: Address, height: number): void {
    const maturesAt = height + readParams(before).staking.unbondingHeights;
    const all = worths(after, operator, operator).get(maturesAt) ?? 0n;
    const amount = all - (this.#sums(operator, operator).get(maturesAt) ?? 0n);
    if (amount > 0n) this.#leaving.push({ operator, delegator: operator, maturesAt, amount });
  }

  #mature(after: StateTree, height: number, told: { burnt: ChainEvent[]; paid: ChainEvent[] }): void {
    const due = [...this.#leaving, ...this.#moved.map(({ to, ...rest }) => ({ ...rest, operator: to }))];
    const places = new Set(
      due.filter(({ maturesAt }) => maturesAt === height).map(({ operator, delegator }) => `${operator} ${delegator}`),
    );
    for (const place of places) {
      const [operator, delegator] = place.split(' ') as [Address, Address];
      // What is owed may be taken out of what is paid at the same moment.
      const taken = this.#collect(after, { operator, delegator, height }, told.burnt);
      const ripe = this.#leaving.filter(
        (each) => each.operator === operator && each.delegator === delegator && each.maturesAt <= height,
      );
      const sum = ripe.reduce((all, { amount }) => all + amount, 0n);
      const paid = told.paid.reduce(
        (all, event) =>
          event.type === 'stake.paid' && event.validator === operator && event.delegator === delegator
            ? all + event.amount
            : all,
        0n,
      );
      const isPaid = near(sum, paid) || (paid < sum && sum - paid <= taken + OFF_MAX);
      assert.ok(isPaid, `${paid} paid at ${height}, due ${sum} less at most ${taken}`);
      this.#leaving = this.#leaving.filter((each) => !ripe.includes(each));
    }
    this.#moved = this.#moved.filter(({ maturesAt }) => maturesAt > height);
  }

  /** What came from barred validators pays its part, all of it unless nothing is left. */
  #collect(
    after: StateTree,
    { operator, delegator, height }: { operator: Address; delegator: Address; height: number },
    burnt: readonly ChainEvent[],
  ): bigint {
    let taken = 0n;
    const own = this.#moved.filter((each) => each.to === operator && each.delegator === delegator);
    for (const { from, amount } of own) {
      const part = this.#barred.get(from);
      if (part === undefined) continue;
      const due = (amount * BigInt(part)) / BigInt(PPM);
      const event = burnt.find(
        (each) =>
          each.type === 'stake.burnt' &&
          each.from === from &&
          each.validator === operator &&
          each.delegator === delegator &&
          each.amount <= due,
      );
      assert.ok(event?.type === 'stake.burnt', `nothing burnt of ${due} owed at ${height}`);
      this.seen('redelegated stake slashed');
      taken += event.amount;
      const left = [...worths(after, operator, delegator).values()].reduce((sum, each) => sum + each, 0n);
      // Rewards of the same block's end may come after it.
      if (event.amount < due) assert.ok(left <= OFF_MAX && stakeOf(after, operator, delegator) <= OFF_MAX);
      // From which entries it was taken, another test asks.
      const known = worths(after, operator, delegator);
      for (const entry of this.#leaving)
        if (entry.operator === operator && entry.delegator === delegator && entry.maturesAt > height)
          entry.amount = known.get(entry.maturesAt) ?? 0n;
    }
    this.#moved = this.#moved.filter((each) => !own.includes(each) || !this.#barred.has(each.from));
    return taken;
  }

  #sums(operator: Address, delegator: Address): Map<number, bigint> {
    const sums = new Map<number, bigint>();
    for (const { maturesAt, amount, ...each } of this.#leaving)
      if (each.operator === operator && each.delegator === delegator)
        sums.set(maturesAt, (sums.get(maturesAt) ?? 0n) + amount);
    return sums;
  }

  #compare(after: StateTree): void {
    for (const { operator, delegator } of this.#leaving) {
      const [sums, state] = [this.#sums(operator, delegator), worths(after, operator, delegator)];
      assert.deepEqual([...sums.keys()].sort(byNumber), [...state.keys()].sort(byNumber));
      for (const [maturesAt, sum] of sums)
        assert.ok(near(sum, state.get(maturesAt)!), `${sum}, ${state.get(maturesAt)}`);
    }
    const all = this.#leaving.reduce((sum, { amount }) => sum + amount, 0n);
    const { unbonding } = readSupply(after);
    assert.ok(near(all, unbonding), `${unbonding} unbonding, due ${all}`);
    for (const { to, delegator } of this.#moved) {
      const due = this.#moved.filter((each) => each.to === to && each.delegator === delegator);
      assert.deepEqual(
        readRedelegations(after, to, delegator),
        due.map(({ from, maturesAt, amount }) => ({ from, maturesAt, amount })),
      );
    }
  }
}

function worths(state: StateTree, operator: Address, delegator: Address): Map<number, bigint> {
  const sum = readUnbondingPool(state, operator);
  const worthsOf = new Map<number, bigint>();
  for (const entry of readUnbonding(state, operator, delegator))
    worthsOf.set(entry.maturesAt, (worthsOf.get(entry.maturesAt) ?? 0n) + unbondingWorth(sum, entry));
  return worthsOf;
}

function near(a: bigint, b: bigint): boolean {
  return a - b <= OFF_MAX && b - a <= OFF_MAX;
}

function byNumber(a: number, b: number): number {
  return a - b;
}
