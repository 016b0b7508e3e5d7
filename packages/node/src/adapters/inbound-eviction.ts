/**
 * Who gives up a place when a newcomer finds all inbound places taken (spec: network §3.2). Owns the choice, as a pure function of what is
 * known of the peers; counting connections and closing them are the gate's and the network's.
 *
 * Whoever fills the places must be better than the honest in many ways at once to keep them out: prove a validator's key, sit in
 * networks that it cannot choose, bring news first, and have been there longest.
 */
import { createHash } from 'node:crypto';
import type { PeerId } from '../host/ports.ts';
import type { NetworkLimits } from './network-limits.ts';

/** News that a peer was the first to bring: what blocks are made of, or transactions. */
export type NewsKind = 'consensus' | 'transactions';

/** An inbound peer that may have to go. Times in milliseconds; 0 is never. */
export type Guest = {
  readonly peer: PeerId;
  readonly connectedAtMs: number;
  /** Of its address; those of one group are likely to have one owner. */
  readonly group: string;
  /** The operator in the validator set whose key it has proven, or null. */
  readonly validator: string | null;
  readonly newsAtMs: Readonly<Record<NewsKind, number>>;
};

type EvictionLimits = Pick<
  NetworkLimits,
  'keptPerValidator' | 'keptGroups' | 'keptForConsensus' | 'keptForTransactions'
>;

/**
 * The guest to close, or null when all are worth more than a newcomer. In this order are kept: peers of validators; the longest guest of
 * some groups, drawn by `secret`; the last to bring news; the longer half of the rest. Of those left the most crowded group
 * loses its youngest guest that never brought news, else its youngest.
 */
export function guestToEvict(guests: readonly Guest[], limits: EvictionLimits, secret: Uint8Array): PeerId | null {
  let left = guests.toSorted((a, b) => a.connectedAtMs - b.connectedAtMs || (a.peer < b.peer ? -1 : 1));
  left = without(left, ofValidators(left, limits.keptPerValidator));
  left = without(left, ofDrawnGroups(left, limits.keptGroups, secret));
  left = without(left, bearersOf('consensus', left).slice(0, limits.keptForConsensus));
  left = without(left, bearersOf('transactions', left).slice(0, limits.keptForTransactions));
  left = left.slice(Math.ceil(left.length / 2));
  const crowd = mostCrowded(left);
  return (crowd.findLast(({ newsAtMs }) => newest(newsAtMs) === 0) ?? crowd.at(-1))?.peer ?? null;
}

/** All lists here are in the order of arrival, so the first of any are the longest guests. */
function ofValidators(guests: readonly Guest[], each: number): readonly Guest[] {
  const proven = guests.filter(({ validator }) => validator !== null);
  return [...Map.groupBy(proven, ({ validator }) => validator).values()].flatMap((own) => own.slice(0, each));
}

function ofDrawnGroups(guests: readonly Guest[], count: number, secret: Uint8Array): readonly Guest[] {
  const draw = (group: string) => createHash('sha256').update(secret).update(group).digest('hex');
  const longest = [...Map.groupBy(guests, ({ group }) => group)].flatMap(([group, [first]]) =>
    first === undefined ? [] : [{ first, draw: draw(group) }],
  );
  return longest
    .toSorted((a, b) => (a.draw < b.draw ? -1 : 1))
    .slice(0, count)
    .map(({ first }) => first);
}

function bearersOf(kind: NewsKind, guests: readonly Guest[]): readonly Guest[] {
  return guests.filter(({ newsAtMs }) => newsAtMs[kind] > 0).toSorted((a, b) => b.newsAtMs[kind] - a.newsAtMs[kind]);
}

/** Of groups that are equally crowded the one with the youngest guest. */
function mostCrowded(guests: readonly Guest[]): readonly Guest[] {
  const groups = [...Map.groupBy(guests, ({ group }) => group).values()];
  const isMore = (a: readonly Guest[], b: readonly Guest[]) =>
    a.length > b.length || (a.length === b.length && (a.at(-1)?.connectedAtMs ?? 0) > (b.at(-1)?.connectedAtMs ?? 0));
  return groups.reduce<readonly Guest[]>((most, group) => (isMore(group, most) ? group : most), []);
}

function newest(newsAtMs: Guest['newsAtMs']): number {
  return Math.max(newsAtMs.consensus, newsAtMs.transactions);
}

function without(guests: readonly Guest[], kept: readonly Guest[]): Guest[] {
  const set = new Set(kept);
  return guests.filter((guest) => !set.has(guest));
}
