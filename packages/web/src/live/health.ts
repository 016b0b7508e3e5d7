/** The network's health in one glance, read off what a node tells: a pure function, so that its words can be tested. */
import type { Result } from '../api/client.ts';
import { plural } from '../format/numbers.ts';
import { formatAge } from '../format/times.ts';

export type HealthLevel = 'good' | 'slow' | 'bad' | 'unknown';

export type ValidatorSeat = {
  readonly operator: string;
  readonly power: bigint;
  /** `signing`: its vote stands in a recent block. `online`: connected, but not signing yet. `offline`: neither. */
  readonly state: 'signing' | 'online' | 'offline';
};

export type NetworkHealth = {
  readonly level: HealthLevel;
  /** One or two words beside the light. */
  readonly word: string;
  /** A sentence: why. */
  readonly sentence: string;
  readonly blockAgeMs: number | null;
  readonly seats: readonly ValidatorSeat[];
  readonly signing: number;
};

export type HealthInput = {
  readonly nowMs: number;
  /** Null while no node answers. */
  readonly status: Result<'node_status'> | null;
  readonly validators: Result<'staking_validators'>['items'];
  /** Operators whose nodes this node is connected to; null where that is not known. */
  readonly connected: ReadonlySet<string> | null;
  readonly blockIntervalMs: number;
  /** Blocks come only when there is something to put in (devnets). */
  readonly paced?: boolean;
};

/** Heights that a validator's last vote may be behind the newest one of all and still count as signing. */
const SIGNED_WITHIN = 2;
const SLOW_INTERVALS = 4;
const STALLED_INTERVALS = 12;
/** Added to both, for rounds that need a second try. */
const GRACE_MS = 2_000;

/** How the network stands now. */
export function networkHealth(input: HealthInput): NetworkHealth {
  const { status, nowMs } = input;
  if (status === null) {
    const sentence = 'The node that serves this page does not answer. Is it still running?';
    return { level: 'unknown', word: 'No answer', sentence, blockAgeMs: null, seats: [], signing: 0 };
  }
  const seats = seatsOf(input, status);
  const signing = seats.filter(({ state }) => state === 'signing').length;
  const height = Number(status.head.height);
  const blockAgeMs = height === 0 ? null : Math.max(0, nowMs - Number(status.head.time));
  return { ...verdict(input, { seats, signing, blockAgeMs, status }), blockAgeMs, seats, signing };
}

type Seen = {
  readonly seats: readonly ValidatorSeat[];
  readonly signing: number;
  readonly blockAgeMs: number | null;
  readonly status: Result<'node_status'>;
};

function verdict(
  { blockIntervalMs, paced = false }: HealthInput,
  { seats, signing, blockAgeMs, status }: Seen,
): Pick<NetworkHealth, 'level' | 'word' | 'sentence'> {
  if (status.syncing) {
    const sentence = `This node is catching up with the chain, at block ${status.head.height}.`;
    return { level: 'slow', word: 'Syncing', sentence };
  }
  if (blockAgeMs === null) {
    return { level: 'slow', word: 'Starting', sentence: 'No block has been decided yet.' };
  }
  if (!paced && blockAgeMs > STALLED_INTERVALS * blockIntervalMs + GRACE_MS) {
    return { level: 'bad', word: 'Stalled', sentence: stallReason(seats, blockAgeMs) };
  }
  if (!paced && blockAgeMs > SLOW_INTERVALS * blockIntervalMs + GRACE_MS) {
    const sentence =
      `Blocks are slow: the last one is ${formatAge(blockAgeMs)} old. ${offlineText(seats) ?? ''}`.trim();
    return { level: 'slow', word: 'Slow', sentence };
  }
  if (signing < seats.length) {
    const sentence = `Blocks are being made. ${signing} of ${seats.length} validators signed lately.`;
    return { level: signing * 10 < seats.length * 8 ? 'slow' : 'good', word: 'Healthy', sentence };
  }
  const sentence = `Blocks are being made and all ${plural(seats.length, 'validator')} sign.`;
  return { level: 'good', word: 'Healthy', sentence };
}

function stallReason(seats: readonly ValidatorSeat[], blockAgeMs: number): string {
  const offline = offlineText(seats);
  if (offline !== null) return `Stalled because ${offline}`;
  return `No block for ${formatAge(blockAgeMs)}, although all validators are connected here. Their logs say more.`;
}

/** "2 of 4 validators are offline (need 3)."; null where all are there. */
function offlineText(seats: readonly ValidatorSeat[]): string | null {
  const offline = seats.filter(({ state }) => state === 'offline').length;
  if (offline === 0) return null;
  const verb = offline === 1 ? 'is' : 'are';
  return `${offline} of ${seats.length} validators ${verb} offline (need ${validatorsNeeded(seats)}).`;
}

/** Fewest validators, the strongest first, whose power is more than two thirds. */
export function validatorsNeeded(seats: readonly Pick<ValidatorSeat, 'power'>[]): number {
  const powers = seats.map(({ power }) => power).sort((one, other) => (one < other ? 1 : one > other ? -1 : 0));
  const total = powers.reduce((sum, power) => sum + power, 0n);
  let sum = 0n;
  for (const [index, power] of powers.entries()) {
    sum += power;
    if (sum * 3n > total * 2n) return index + 1;
  }
  return powers.length;
}

function seatsOf({ validators, connected, ...rest }: HealthInput, status: Result<'node_status'>): ValidatorSeat[] {
  const members = validators.filter(({ power }) => power !== '0');
  // Not the head: that may be newer than what is known of the validators.
  const newest = Math.max(0, ...members.map(({ lastSignedHeight }) => Number(lastSignedHeight)));
  const fresh = isFresh(rest, status);
  return members.map(({ operator, power, lastSignedHeight }) => {
    const isHere = connected === null || connected.has(operator) || status.operator === operator;
    const signed = Number(lastSignedHeight) >= newest - SIGNED_WITHIN;
    // While blocks come, votes tell; once they do not, only connections do.
    const state = fresh ? (signed ? 'signing' : isHere ? 'online' : 'offline') : isHere ? 'online' : 'offline';
    return { operator, power: BigInt(power), state };
  });
}

function isFresh(
  { nowMs, blockIntervalMs, paced = false }: Omit<HealthInput, 'validators' | 'connected'>,
  status: Result<'node_status'>,
): boolean {
  return paced || nowMs - Number(status.head.time) <= SLOW_INTERVALS * blockIntervalMs + GRACE_MS;
}
