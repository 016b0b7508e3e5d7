/**
 * Which faults a chaos run inflicts, in which order: a pure function of the seed and the number of validators. Owns the kinds and
 * their ranges; when a fault begins depends on the machine, because each waits until the one before is healed.
 */
import { Prng } from '@synod/simulator/prng';

export type FaultKind =
  | 'kill one'
  | 'kill two'
  | 'kill all'
  | 'stop one'
  | 'stop two'
  | 'cut off one'
  | 'cut in halves'
  | 'skew clock'
  | 'slow links'
  | 'tear log'
  | 'remove log';

/** In the order in which verdicts list them. */
export const FAULT_KINDS: readonly FaultKind[] = [
  'kill one',
  'kill two',
  'kill all',
  'stop one',
  'stop two',
  'cut off one',
  'cut in halves',
  'skew clock',
  'slow links',
  'tear log',
  'remove log',
];

export type Fault = {
  readonly kind: FaultKind;
  /** Indices of the validators it strikes, ascending; for a cut those on one side. */
  readonly nodes: readonly number[];
  /** How long it lasts until it is healed. */
  readonly holdMs: number;
  /** Quiet after the recovery, before the next fault. */
  readonly pauseMs: number;
  /** `skew clock`: what is added to the clock. Else 0. */
  readonly offsetMs: number;
  /** `slow links`: what is added to each message. Else 0. */
  readonly latencyMs: number;
  /** `tear log`: bytes cut off the end of the newest segment, as many as it has at most. Else 0. */
  readonly cutBytes: number;
};

const RANGES = {
  killHoldMs: [200, 3_000],
  stopHoldMs: [500, 4_000],
  cutHoldMs: [1_500, 6_000],
  skewHoldMs: [3_000, 8_000],
  slowHoldMs: [2_000, 5_000],
  pauseMs: [300, 2_000],
  skewMs: [50, 60_000],
  latencyMs: [20, 800],
  cutBytes: [1, 2_000],
} as const;

/** Faults without end: every kind once in each round, the kinds shuffled. The same seed gives the same faults. */
export function* faultSchedule(seed: string, validators: number): Generator<Fault, never> {
  const prng = new Prng(0, `chaos ${seed}`);
  for (;;) for (const kind of prng.shuffled(FAULT_KINDS)) yield fault(kind, prng, validators);
}

function fault(kind: FaultKind, prng: Prng, validators: number): Fault {
  const between = (range: keyof typeof RANGES) => prng.between(RANGES[range][0], RANGES[range][1]);
  const nodes = prng
    .shuffled(Array.from({ length: validators }, (_, index) => index))
    .slice(0, nodesStruck(kind, validators))
    .toSorted((a, b) => a - b);
  return {
    kind,
    nodes,
    holdMs: between(holdRange(kind)),
    pauseMs: between('pauseMs'),
    offsetMs: kind === 'skew clock' ? between('skewMs') * prng.pick([-1, 1]) : 0,
    latencyMs: kind === 'slow links' ? between('latencyMs') : 0,
    cutBytes: kind === 'tear log' ? between('cutBytes') : 0,
  };
}

function nodesStruck(kind: FaultKind, validators: number): number {
  if (kind === 'kill all') return validators;
  if (kind === 'kill two' || kind === 'stop two') return Math.min(2, validators);
  if (kind === 'cut in halves') return Math.floor(validators / 2);
  return 1;
}

function holdRange(kind: FaultKind): keyof typeof RANGES {
  switch (kind) {
    case 'stop one':
    case 'stop two':
      return 'stopHoldMs';
    case 'cut off one':
    case 'cut in halves':
      return 'cutHoldMs';
    case 'skew clock':
      return 'skewHoldMs';
    case 'slow links':
      return 'slowHoldMs';
    default:
      return 'killHoldMs';
  }
}
