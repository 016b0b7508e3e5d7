/**
 * Stake kept a second time (spec: staking §3.4, §5, §6): what is on its way out of every pool, entry by entry, what still answers for
 * another pool, what a punishment burns, what is paid when its time is over, and which heights everybody missed. Everything follows from events and last
 * commits; the chain's shares and bits must come to the same.
 */
import {
  type Address,
  type ChainEvent,
  countMissed,
  type Height,
  missedHeights,
  readMissed,
  readParams,
  readPool,
  readRedelegations,
  readUnbonding,
  readUnbondingPool,
  readValidatorsAt,
  type StateTree,
  stakeOf,
  unbondingWorth,
} from '@synod/chain';
import type { AppliedStep } from './ledger-model.ts';

type Leaving = { operator: Address; delegator: Address; maturesAt: Height; amount: bigint };
type Moved = { from: Address; to: Address; delegator: Address; maturesAt: Height; amount: bigint };
type Slashed = Extract<ChainEvent, { type: 'validator.slashed' }>;

/** Nano that rounding may move between entries of one pool. */
const OFF_MAX = 100n;

export class StakeModel {
  #leaving: Leaving[] = [];
  #moved: Moved[] = [];
  readonly #barred = new Set<Address>();
  readonly #missed = new Map<Address, Set<Height>>();

  /** What is wrong with a block, or null. Called once for each, in order. */
  problem(step: AppliedStep): string | null {
    const bonded = new Map<Address, bigint>();
    for (const event of step.events) {
      const problem = this.#take(step, event, bonded);
      if (problem !== null) return problem;
    }
    const free = step.events.find(
      (event) =>
        event.type === 'score.misrevealed' && !this.#barred.has(event.validator) && !bonded.has(event.validator),
    );
    if (free !== undefined) return 'scores are opened wrongly, and nobody pays for it';
    return (
      this.#owedProblem(step) ??
      this.#paidProblem(step) ??
      this.#leavingProblem(step.after) ??
      this.#movedProblem(step.after) ??
      this.#missedProblem(step)
    );
  }

  /** Stake that came from a pool whose validator is barred pays its part when its time is over, or before anything of it is paid. */
  #owedProblem({ before, block, events }: AppliedStep): string | null {
    const { height } = block.header;
    const { doubleSignSlash } = readParams(before).staking;
    const isEnding = ({ to, delegator, maturesAt }: Moved) =>
      maturesAt === height ||
      this.#leaving.some((one) => one.operator === to && one.delegator === delegator && one.maturesAt === height);
    const owing = this.#moved.filter((each) => this.#barred.has(each.from) && isEnding(each));
    const due = owing.map(({ from, to, delegator, amount }) => [
      from,
      to,
      delegator,
      (amount * BigInt(doubleSignSlash)) / 1_000_000n,
    ]);
    const is = events.flatMap((event) =>
      event.type === 'stake.burnt' ? [[event.from, event.validator, event.delegator, event.amount]] : [],
    );
    this.#moved = this.#moved.filter((each) => each.maturesAt > height && !owing.includes(each));
    return is.join(';') === due.join(';')
      ? null
      : `stake burnt for barred validators: ${is.join(';')}, due ${due.join(';')}`;
  }

  /** All that is left of what was taken out, at the end of its very height. */
  #paidProblem({ block, events }: AppliedStep): string | null {
    const { height } = block.header;
    const paid = events.flatMap((event) => (event.type === 'stake.paid' ? [event] : []));
    const due = this.#leaving.filter(({ maturesAt }) => maturesAt === height);
    for (const { operator, delegator, amount } of due) {
      const own = paid.filter((event) => event.validator === operator && event.delegator === delegator);
      if (
        !isNear(
          own.reduce((sum, event) => sum + event.amount, 0n),
          amount,
        )
      )
        return `${delegator} is paid less or more than ${amount}`;
    }
    this.#leaving = this.#leaving.filter((each) => !due.includes(each));
    const isDue = paid.every((event) =>
      due.some((one) => one.operator === event.validator && one.delegator === event.delegator),
    );
    return isDue ? null : `stake is paid at ${height} before its time`;
  }

  #take(step: AppliedStep, event: ChainEvent, bonded: Map<Address, bigint>): string | null {
    const { before, after, block } = step;
    const maturesAt = block.header.height + readParams(before).staking.unbondingHeights;
    if (event.type === 'validator.slashed') return this.#slashProblem(before, event, bonded);
    if (event.type === 'stake.undelegated') {
      const { validator: operator, delegator, amount } = event;
      this.#leaving.push({ operator, delegator, maturesAt, amount });
    } else if (event.type === 'validator.exited') {
      // How much that was no event says: it was all there was, so nothing may be left.
      const operator = event.validator;
      if (stakeOf(after, operator, operator) > 0n) return `${operator} has left and not its stake`;
      const amount = worthOf(after, operator, operator) - this.#sumOf(operator, operator);
      this.#leaving.push({ operator, delegator: operator, maturesAt, amount });
    } else if (event.type === 'stake.redelegated') {
      const { from, to, delegator, amount } = event;
      if (this.#moved.some((each) => each.to === from && each.delegator === delegator))
        return `${delegator} moves stake on from ${from} that still answers for another pool`;
      if (!this.#barred.has(from)) this.#moved.push({ from, to, delegator, maturesAt, amount });
    }
    return null;
  }

  /** The part of the rules of everything in the pool and on its way out, once where it bars. */
  #slashProblem(
    before: StateTree,
    { validator, amount, reason }: Slashed,
    bonded: Map<Address, bigint>,
  ): string | null {
    if (this.#barred.has(validator)) return `${validator} is barred and pays again`;
    const { doubleSignSlash, revealMismatchSlash, downtimeSlash } = readParams(before).staking;
    if (reason === 'downtime') {
      const due = ((readPool(before, validator)?.tokens ?? 0n) * BigInt(downtimeSlash)) / 1_000_000n;
      return due === amount ? null : `${amount} of ${validator} is burnt for downtime, due ${due}`;
    }
    const isBarring = reason !== 'misreveal';
    const part = BigInt(isBarring ? doubleSignSlash : revealMismatchSlash);
    const tokens = bonded.get(validator) ?? readPool(before, validator)?.tokens ?? 0n;
    let due = (tokens * part) / 1_000_000n;
    bonded.set(validator, tokens - due);
    for (const entry of this.#leaving) {
      const cut = entry.operator === validator ? (entry.amount * part) / 1_000_000n : 0n;
      entry.amount -= cut;
      due += cut;
    }
    if (isBarring) this.#barred.add(validator);
    return isNear(due, amount) ? null : `${amount} of ${validator} is burnt, due ${due}`;
  }

  #leavingProblem(after: StateTree): string | null {
    for (const { operator, delegator, maturesAt } of this.#leaving) {
      const [due, is] = [this.#sumOf(operator, delegator), worthOf(after, operator, delegator)];
      if (!isNear(due, is)) return `${is} of ${delegator} leaves ${operator}, due ${due}`;
      const isTimely = readUnbonding(after, operator, delegator).some((entry) => entry.maturesAt === maturesAt);
      if (!isTimely) return `nothing of ${delegator} leaves ${operator} at ${maturesAt}`;
    }
    return null;
  }

  #movedProblem(after: StateTree): string | null {
    for (const { to, delegator } of this.#moved) {
      const due = this.#moved.filter((each) => each.to === to && each.delegator === delegator);
      const is = readRedelegations(after, to, delegator);
      const isKept = due.every(({ from, maturesAt, amount }) => {
        const kept = is.filter((entry) => entry.from === from && entry.maturesAt === maturesAt);
        const same = due.filter((each) => each.from === from && each.maturesAt === maturesAt);
        return (
          kept.length === 1 && kept[0]!.amount === same.reduce((sum, each) => sum + each.amount, 0n) && amount > 0n
        );
      });
      if (!isKept) return `stake of ${delegator} in ${to} does not answer for where it came from`;
    }
    return null;
  }

  /** Members whose precommit a block lacks have missed the height below it, as long as they are active; too many of them are punished. */
  #missedProblem({ before, after, block, events }: AppliedStep): string | null {
    const { height } = block.header;
    const { downtimeWindow, downtimeMissedMax } = readParams(before).staking;
    const members = readValidatorsAt(before, height - 1) ?? [];
    const signers = new Set(block.lastCommit?.precommits.map(({ validator }) => validator) ?? []);
    const down = new Set(
      events.flatMap((event) =>
        event.type === 'validator.slashed' && event.reason === 'downtime' ? event.validator : [],
      ),
    );
    for (const event of events) if (event.type === 'validator.unjailed') this.#missed.delete(event.validator);
    const oldest = height - downtimeWindow;
    for (const [index, { operator }] of height === 1 ? [] : members.entries()) {
      const pool = readPool(after, operator);
      const known = this.#missed.get(operator) ?? new Set();
      if (!signers.has(index) && (pool?.status === 'active' || down.has(operator)))
        this.#missed.set(operator, known.add(height - 1));
      const due = [...(this.#missed.get(operator) ?? [])].filter((each) => each >= oldest);
      const isDown = due.length > downtimeMissedMax;
      if (isDown !== down.delete(operator))
        return `${operator} missed ${due} and is ${isDown ? 'not ' : ''}punished for it`;
      if (isDown && (pool?.status !== 'jailed' || pool.jailedAt !== height))
        return `${operator} is down and not jailed`;
      if (isDown) this.#missed.delete(operator);
      const is = missedHeights(readMissed(after, operator), Math.max(1, oldest));
      const left = isDown ? [] : due;
      if (is.join() !== left.join()) return `${operator} missed ${is}, due ${left}`;
      if (countMissed(readMissed(after, operator), Math.max(1, oldest)) !== left.length)
        return `${operator} missed ${left.length} heights`;
    }
    return down.size === 0 ? null : `${[...down].join()} is punished for downtime and was there`;
  }

  #sumOf(operator: Address, delegator: Address): bigint {
    const own = this.#leaving.filter((each) => each.operator === operator && each.delegator === delegator);
    return own.reduce((sum, { amount }) => sum + amount, 0n);
  }
}

function worthOf(state: StateTree, operator: Address, delegator: Address): bigint {
  const pool = readUnbondingPool(state, operator);
  return readUnbonding(state, operator, delegator).reduce((sum, entry) => sum + unbondingWorth(pool, entry), 0n);
}

function isNear(a: bigint, b: bigint): boolean {
  return a - b <= OFF_MAX && b - a <= OFF_MAX;
}
