/** Validators as rows, and the grid of blocks that they signed and missed. Pure. */

import type { ValidatorView } from '../../api/rpc-types.ts';
import { ppmOf } from '../../format/ratios.ts';
import type { SortValue } from '../../tables/sorting.ts';

export type ValidatorColumn = 'operator' | 'standing' | 'power' | 'stake' | 'commission' | 'missed' | 'signed';

const STANDINGS: readonly ValidatorView['standing'][] = [
  'signing',
  'joining',
  'waiting',
  'jailed',
  'exited',
  'tombstoned',
];

export function validatorKey(view: ValidatorView, column: ValidatorColumn): SortValue {
  switch (column) {
    case 'operator':
      return view.operator;
    case 'standing':
      return STANDINGS.indexOf(view.standing);
    case 'power':
      return BigInt(view.power);
    case 'stake':
      return BigInt(view.tokens);
    case 'commission':
      return ppmOf(view.commission);
    case 'missed':
      return view.missed;
    case 'signed':
      return BigInt(view.lastSignedHeight);
  }
}

/** Part of the set's power in millionths; 0 where the set has none. */
export function powerShare(power: string, all: readonly Pick<ValidatorView, 'power'>[]): number {
  const total = all.reduce((sum, view) => sum + BigInt(view.power), 0n);
  return total === 0n ? 0 : Number((BigInt(power) * 1_000_000n) / total);
}

export function standingTone(standing: ValidatorView['standing']): 'good' | 'slow' | 'bad' | 'quiet' {
  switch (standing) {
    case 'signing':
      return 'good';
    case 'joining':
    case 'waiting':
      return 'slow';
    case 'jailed':
    case 'tombstoned':
      return 'bad';
    case 'exited':
      return 'quiet';
  }
}

/** What its operator can do, and from when on; null where nothing is to be done. */
export function nextStepText({
  nextAction,
  nextActionHeight,
}: Pick<ValidatorView, 'nextAction' | 'nextActionHeight'>): string | null {
  const when = nextActionHeight === null ? 'now' : `from block ${nextActionHeight} on`;
  switch (nextAction) {
    case 'unjail':
      return `Its operator can ask for release ${when}.`;
    case 'bond':
      return `Its operator has to add stake of its own.`;
    case 'run':
      return 'Its operator has to look after its node: it signs nothing, or misses much.';
    case 'wait':
      return nextActionHeight === null ? 'Wait.' : `Wait for block ${nextActionHeight}.`;
    case 'none':
      return null;
  }
}

export type UptimeCell = { readonly height: number; readonly state: 'signed' | 'missed' | 'outside' };
/** The letters of `staking_signingInfo` as cells: `s` signed, `m` missed, anything else not in the set. */
export function cellsOf(letters: string, from: number): readonly UptimeCell[] {
  return [...letters].map((letter, index) => ({
    height: from + index,
    state: letter === 's' ? 'signed' : letter === 'm' ? 'missed' : 'outside',
  }));
}

export type UptimeSummary = { readonly signed: number; readonly missed: number; readonly outside: number };

export function uptimeSummary(cells: readonly UptimeCell[]): UptimeSummary {
  const count = (state: UptimeCell['state']) => cells.filter((cell) => cell.state === state).length;
  return { signed: count('signed'), missed: count('missed'), outside: count('outside') };
}

/** The grid in a sentence, naming the missed blocks where they are few. */
export function uptimeText(cells: readonly UptimeCell[]): string {
  const { signed, missed, outside } = uptimeSummary(cells);
  const counted = signed + missed;
  if (counted === 0) return 'It was in the set for none of the last blocks.';
  const which = cells.filter(({ state }) => state === 'missed').map(({ height }) => height);
  const named = which.length === 0 || which.length > NAMED_MAX ? '' : `: ${which.join(', ')}`;
  const rest = outside === 0 ? '' : ` It was not in the set for ${outside}.`;
  return `It signed ${signed} of the last ${counted} blocks and missed ${missed}${named}.${rest}`;
}

const NAMED_MAX = 10;
