/**
 * Who decides and who proposes, reckoned a second time (spec: state §7.2–§7.4, staking §4): the set two heights ahead from pools, punishments and
 * the bound on a change, and the rotation's priorities from the set. Owns that arithmetic; nothing of the chain's is used but its records.
 */
import {
  type Address,
  type ChainEvent,
  type ChainParams,
  type Height,
  listValidatorCandidates,
  proposerAt,
  readParams,
  readPool,
  readShares,
  readValidatorRecord,
  readValidatorsAt,
  type StateTree,
  type Validator,
} from '@synod/chain';
import type { AppliedStep } from './ledger-model.ts';

const nanoPerPower = 1_000_000_000n;
const roundsMax = 1024;
const failedHeights = 1000;

type Entry = { operator: Address; power: bigint; priority: bigint; lastSigned: Height; lastFailed: Height };

export class TurnsModel {
  #queue: readonly Validator[] = [];

  /** What is wrong with sets and turns after a block, or null. Called once for each, in order. */
  problem(step: AppliedStep): string | null {
    const { before, after, block } = step;
    const { height } = block.header;
    const params = readParams(before);
    const next = readValidatorsAt(before, height + 1) ?? [];
    this.#removePunished(step.events, after);
    if (height % params.staking.epochHeights === 0) this.#wish(after, next, params);
    const { set, waiting } = changedSet(next, this.#queue);
    this.#queue = waiting;
    const is = readValidatorsAt(after, height + 2) ?? [];
    if (textOf(is) !== textOf(set)) return `the set of ${height + 2} is ${textOf(is)}, due ${textOf(set)}`;
    if (textOf(readValidatorsAt(after, height + 1) ?? []) !== textOf(next))
      return `the set of ${height + 1} has changed`;
    const gone = listValidatorCandidates(after).find(
      (each) => !/^(active|jailed)$/.test(readPool(after, each)?.status ?? ''),
    );
    return gone === undefined ? turnsProblem(step, next) : `${gone} has left and keeps its seat`;
  }

  /** Who is barred or jailed leaves without waiting for the epoch. */
  #removePunished(events: readonly ChainEvent[], after: StateTree): void {
    for (const event of events) {
      if (event.type !== 'validator.slashed' || event.reason === 'misreveal') continue;
      const pool = readPool(after, event.validator);
      const others = this.#queue.filter(({ operator }) => operator !== event.validator);
      if (pool === null) continue;
      const { operator, publicKey, vrfKey } = pool;
      this.#queue = sorted([...others, { operator, publicKey, vrfKey, power: 0n }]);
    }
  }

  /** The end of an epoch: what leads from the newest set to the one wanted. */
  #wish(after: StateTree, next: readonly Validator[], { staking }: ChainParams): void {
    const wanted = listValidatorCandidates(after).flatMap((operator): readonly Validator[] => {
      const pool = readPool(after, operator);
      if (pool?.status !== 'active' || pool.tokens < nanoPerPower) return [];
      const own = pool.shares === 0n ? 0n : (readShares(after, operator, operator) * pool.tokens) / pool.shares;
      if (own < staking.selfBondMin) return [];
      return [{ operator, publicKey: pool.publicKey, vrfKey: pool.vrfKey, power: pool.tokens / nanoPerPower }];
    });
    if (wanted.length === 0) return;
    const gone = next.filter(({ operator }) => !wanted.some((one) => one.operator === operator));
    const changed = wanted.filter((one) => !next.some((member) => isSame(member, one)));
    this.#queue = sorted([...gone.map((member) => ({ ...member, power: 0n })), ...changed]);
  }
}

/** Staking §4.4, one unit of the bound after the other. */
function changedSet(next: readonly Validator[], queue: readonly Validator[]) {
  const members = new Map(next.map((member) => [member.operator, { ...member }]));
  const powerOf = (operator: Address) => members.get(operator)?.power ?? 0n;
  const total = next.reduce((sum, { power }) => sum + power, 0n);
  const bound = total < 3n ? 1n : total / 3n;
  const rising = queue.filter(({ operator, power }) => power > powerOf(operator));
  const falling = queue.filter(({ operator, power }) => power < powerOf(operator));
  const risen = rising.reduce((sum, { operator, power }) => sum + power - powerOf(operator), 0n);
  const kept = min(risen, bound - bound / 2n);
  const lower = (room: bigint): bigint => {
    let left = room;
    for (const { operator, power } of falling) {
      const by = min(left, powerOf(operator) - power);
      const isLast = by === powerOf(operator) && members.size === 1;
      if (by <= 0n || isLast) continue;
      left -= by;
      members.get(operator)!.power -= by;
      if (powerOf(operator) === 0n) members.delete(operator);
    }
    return left;
  };
  let left = kept + lower(bound - kept);
  for (const { operator, power, publicKey, vrfKey } of queue) {
    const member = members.get(operator);
    const isNew = member !== undefined && power > 0n && (member.publicKey !== publicKey || member.vrfKey !== vrfKey);
    if (!isNew || (member.power > left && left < bound)) continue;
    left -= min(left, member.power);
    members.set(operator, { operator, publicKey, vrfKey, power: member.power });
  }
  for (const update of rising) {
    const by = min(left, update.power - powerOf(update.operator));
    if (by <= 0n) continue;
    left -= by;
    const member = members.get(update.operator) ?? update;
    members.set(update.operator, { ...member, power: powerOf(update.operator) + by });
  }
  lower(left);
  const set = sorted([...members.values()]);
  const isMade = (update: Validator) =>
    update.power === 0n ? !members.has(update.operator) : set.some((member) => isSame(member, update));
  return { set, waiting: queue.filter((update) => !isMade(update)) };
}

/** Rounds whose proposer is compared with the chain's. */
const roundsCompared = 3;

function turnsProblem({ before, after, block }: AppliedStep, next: readonly Validator[]): string | null {
  const { height, proposer } = block.header;
  const params = readParams(before);
  const entries = entriesOf(before);
  let turns = entries;
  let first: readonly Entry[] = entries;
  const order: Address[] = [];
  for (let round = 0; round < roundsMax && (round < roundsCompared || !order.includes(proposer)); round++) {
    const taken = takeTurn(turns, height, params);
    turns = taken.entries;
    if (round === 0) first = turns;
    order.push(taken.chosen);
  }
  const record = readValidatorRecord(before);
  for (let round = 0; round < roundsCompared; round++) {
    const is = proposerAt(record, params, height, round);
    if (is !== order[round]) return `round ${round} of height ${height} is ${is}'s, due ${order[round]}`;
  }
  const turn = order.indexOf(proposer);
  const failed = new Set(turn === -1 ? [] : order.slice(0, turn));
  const members = readValidatorsAt(before, height - 1) ?? [];
  const signers = new Set(block.lastCommit?.precommits.map(({ validator }) => members[validator]?.operator) ?? []);
  const known = new Map(
    first.map((entry): [Address, Entry] => {
      const lastSigned = signers.has(entry.operator) ? height - 1 : entry.lastSigned;
      const lastFailed = failed.has(entry.operator) ? height : entry.operator === proposer ? 0 : entry.lastFailed;
      return [entry.operator, { ...entry, lastSigned, lastFailed }];
    }),
  );
  const total = next.reduce((sum, { power }) => sum + power, 0n);
  const due = next.map(({ operator, power }): Entry => {
    const entry = known.get(operator) ?? {
      operator,
      priority: -(total + total / 8n),
      lastSigned: height,
      lastFailed: 0,
    };
    return { ...entry, operator, power };
  });
  const [is, wanted] = [describe(entriesOf(after)), describe(due)];
  return is === wanted ? null : `the rotation after ${height} is ${is}, due ${wanted}`;
}

function entriesOf(state: StateTree): readonly Entry[] {
  const { rotation, validators } = readValidatorRecord(state);
  return rotation.map(({ operator, priority, lastSignedHeight: lastSigned, lastFailedHeight: lastFailed }) => ({
    ...{ operator, priority, lastSigned, lastFailed },
    power: validators.find((member) => member.operator === operator)?.power ?? 0n,
  }));
}

/** State §7.2. */
function takeTurn(entries: readonly Entry[], height: Height, { absenceHeights }: ChainParams) {
  const weights = entries.map(({ power, lastSigned, lastFailed }) => {
    const isAbsent = height - 2 - lastSigned >= absenceHeights;
    const hasFailed = lastFailed > 0 && lastFailed + failedHeights >= height;
    return !isAbsent && !hasFailed ? power : power < 8n ? 1n : power / 8n;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  let priorities = entries.map(({ priority }) => priority);
  const spread = priorities.reduce(max) - priorities.reduce(min);
  const window = 2n * total;
  if (spread > window) priorities = priorities.map((priority) => priority / ((spread + window - 1n) / window));
  const mean = priorities.reduce((sum, priority) => sum + priority, 0n) / BigInt(priorities.length);
  priorities = priorities.map((priority, index) => priority - mean + weights[index]!);
  const most = priorities.reduce(max);
  const [chosen] = entries.flatMap(({ operator }, index) => (priorities[index] === most ? operator : [])).sort();
  const after = entries.map((entry, index) => {
    const priority = priorities[index]!;
    return { ...entry, priority: entry.operator === chosen ? priority - total : priority };
  });
  return { entries: after, chosen: chosen as Address };
}

function isSame(one: Validator, other: Validator): boolean {
  return textOf([one]) === textOf([other]);
}

function textOf(set: readonly Validator[]): string {
  return set.map(({ operator, power, publicKey, vrfKey }) => [operator, power, publicKey, vrfKey].join(' ')).join('; ');
}

function describe(entries: readonly Entry[]): string {
  return entries
    .map(({ operator, priority, lastSigned, lastFailed }) => [operator, priority, lastSigned, lastFailed].join(' '))
    .join('; ');
}

function sorted(set: readonly Validator[]): readonly Validator[] {
  return [...set].sort((a, b) => (a.operator < b.operator ? -1 : 1));
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
