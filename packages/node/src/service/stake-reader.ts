/**
 * What stake looks like to operators and delegators: every pool with its place in the sets, and what somebody has where
 * (spec: staking). Owns joining the records; the words are validator-standing.ts.
 */
import {
  type Address,
  type Amount,
  type ChainEvent,
  countMissed,
  type Height,
  type Power,
  type PublicKey,
  readHead,
  readMissed,
  readParams,
  readPool,
  readRedelegations,
  readShares,
  readUnbonding,
  readUnbondingPool,
  readValidatorRecord,
  readValidatorsAt,
  type StakePool,
  type StakingParams,
  type StateTree,
  unbondingWorth,
  type Validator,
  wantedSet,
  worthOf,
} from '@synod/chain';
import { epochActs, HEIGHTS_TO_ACT, type Standing, standingOf } from './validator-standing.ts';

export type ValidatorView = {
  readonly operator: Address;
  /** The keys it signs with now; those of its pool where it is not in the set. */
  readonly publicKey: PublicKey;
  readonly vrfKey: PublicKey;
  readonly pool: StakePool;
  /** What the operator's own part is worth. */
  readonly selfBond: Amount;
  /** In the set of the next block; 0 outside. */
  readonly power: Power;
  /** In the set after that. */
  readonly powerNext: Power;
  /** What the next epoch's end would give it as things are. */
  readonly powerWanted: Power;
  /** Heights missed among the last `downtimeWindow`. */
  readonly missed: number;
  /** 0 when it never signed, or is not in the set. */
  readonly lastSignedHeight: Height;
  readonly priority: bigint;
  /** Keys given that do not sign yet, and the first height in which they do as things are; null where there are none. */
  readonly rotation: Rotation | null;
  readonly standing: Standing;
};

export type Rotation = { readonly publicKey: PublicKey; readonly actsFrom: Height };

export type DelegationView = { readonly validator: Address; readonly shares: Amount; readonly amount: Amount };

/** `redelegation`: the stake is at work elsewhere and still answers for where it came from. */
export type UnbondingView = {
  readonly kind: 'unbonding' | 'redelegation';
  readonly validator: Address;
  readonly to: Address | null;
  readonly amount: Amount;
  readonly maturesAt: Height;
};

const POOL_PREFIX = 'pool/';

export class StakeReader {
  readonly #state: () => StateTree;
  /** State has no list of the pools that have ended: read once and kept up by events. */
  #operators: ReadonlySet<Address>;
  #height: Height;

  constructor(state: () => StateTree) {
    this.#state = state;
    this.#height = readHead(state());
    this.#operators = operatorsIn(state());
  }

  /** Every new head, with the events of its block. A head that does not follow the last one means that all is read again. */
  onHead(height: Height, events: readonly ChainEvent[]): void {
    const created = events.flatMap((event) => (event.type === 'validator.created' ? [event.validator] : []));
    if (height !== this.#height + 1) this.#operators = operatorsIn(this.#state());
    else if (created.length > 0) this.#operators = new Set([...this.#operators, ...created]);
    this.#height = height;
  }

  /** Every pool that ever was, by operator. */
  validators(): readonly ValidatorView[] {
    const state = this.#state();
    const context = contextOf(state);
    return [...this.#operators].sort().flatMap((operator) => {
      const pool = readPool(state, operator);
      return pool === null ? [] : [viewOf(state, pool, context)];
    });
  }

  delegations(delegator: Address): readonly DelegationView[] {
    const state = this.#state();
    return [...this.#operators].sort().flatMap((validator) => {
      const shares = readShares(state, validator, delegator);
      const pool = shares === 0n ? null : readPool(state, validator);
      return pool === null ? [] : [{ validator, shares, amount: worthOf(pool, shares) }];
    });
  }

  /** What leaves or has moved and still answers for its pool, the first to mature first. */
  unbonding(delegator: Address): readonly UnbondingView[] {
    const state = this.#state();
    const views = [...this.#operators].sort().flatMap((operator): UnbondingView[] => {
      const pool = readUnbondingPool(state, operator);
      const leaving = readUnbonding(state, operator, delegator).map((entry): UnbondingView => {
        const amount = unbondingWorth(pool, entry);
        return { kind: 'unbonding', validator: operator, to: null, amount, maturesAt: entry.maturesAt };
      });
      const moved = readRedelegations(state, operator, delegator).map(
        ({ from, amount, maturesAt }): UnbondingView => ({
          kind: 'redelegation',
          validator: from,
          to: operator,
          amount,
          maturesAt,
        }),
      );
      return [...leaving, ...moved];
    });
    return views.sort((a, b) => a.maturesAt - b.maturesAt);
  }
}

/** What all pools share at one head. */
function contextOf(state: StateTree) {
  const head = readHead(state);
  const params = readParams(state);
  const { validators, rotation } = readValidatorRecord(state);
  const byOperator = <T extends { readonly operator: Address }>(items: readonly T[]) =>
    new Map(items.map((item) => [item.operator, item]));
  return {
    head,
    params,
    members: byOperator(validators),
    next: byOperator(readValidatorsAt(state, head + 2) ?? validators),
    wanted: byOperator(wantedSet(state, params)),
    rotation: byOperator(rotation),
  };
}

function viewOf(state: StateTree, pool: StakePool, context: ReturnType<typeof contextOf>): ValidatorView {
  const { operator } = pool;
  const { head, params, members, next, wanted, rotation } = context;
  const member = members.get(operator);
  const entry = rotation.get(operator);
  const keys = rotationOf(pool, { member, next: next.get(operator), head, staking: params.staking });
  const facts = {
    pool,
    selfBond: worthOf(pool, readShares(state, operator, operator)),
    power: member?.power ?? 0n,
    powerNext: next.get(operator)?.power ?? 0n,
    powerWanted: wanted.get(operator)?.power ?? 0n,
    lastSignedHeight: entry?.lastSignedHeight ?? 0,
    missed: countMissed(readMissed(state, operator), head + 1 - params.staking.downtimeWindow),
    rotation: keys,
  };
  return {
    operator,
    publicKey: member?.publicKey ?? pool.publicKey,
    vrfKey: member?.vrfKey ?? pool.vrfKey,
    ...facts,
    priority: entry?.priority ?? 0n,
    standing: standingOf({ ...facts, head, staking: params.staking }),
  };
}

/** The change at the end of the epoch, or that of the next set, which is made already (staking §4.7). */
function rotationOf(
  pool: StakePool,
  at: {
    readonly member: Validator | undefined;
    readonly next: Validator | undefined;
    readonly head: Height;
    readonly staking: StakingParams;
  },
): Rotation | null {
  const { member, next, head, staking } = at;
  if (member === undefined || member.publicKey === pool.publicKey || pool.status !== 'active') return null;
  const actsFrom = next?.publicKey === pool.publicKey ? head + HEIGHTS_TO_ACT : epochActs(head, staking);
  return { publicKey: pool.publicKey, actsFrom };
}

function operatorsIn(state: StateTree): ReadonlySet<Address> {
  const operators = new Set<Address>();
  for (const { key } of state.entries()) {
    if (key.startsWith(POOL_PREFIX)) operators.add(key.slice(POOL_PREFIX.length) as Address);
  }
  return operators;
}
