/**
 * Commands that move a running devnet's chain: `synod devnet mine|block-time|advance-epoch|advance-time`. Owns their words; the
 * supervisor does them.
 */

import { requestControl } from '../devnet/control.ts';
import { CONTROL_LIMITS, type Mined } from '../devnet/controls.ts';
import { parseBlockTime } from '../devnet/options.ts';
import { parseDurationMs } from '../settings/durations.ts';
import { parseCount } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, note, tell } from '../terminal/output.ts';
import { running } from './devnet-nodes.ts';
import type { DevnetTargetFlags } from './devnet-stop.ts';

/** Blocks of one request: between two of them a person sees that it goes on. */
const STEP = 100;

export async function runDevnetMine(text: string | undefined, flags: DevnetTargetFlags): Promise<void> {
  const blocks = text === undefined ? 1 : parseCount(text, 'blocks', { min: 1, max: CONTROL_LIMITS.blocksMax });
  const { control } = running(flags);
  let first: Mined | null = null;
  for (let left = blocks; left > 0; left -= STEP) {
    const mined: Mined = await requestControl(control, 'mine', { blocks: Math.min(left, STEP) });
    first ??= mined;
    if (left <= STEP) return tellMined({ ...mined, from: first.from }, flags);
    if (!flags.json) note(`  block ${mined.to}, ${left - STEP} to go`);
  }
}

export async function runDevnetBlockTime(text: string, flags: DevnetTargetFlags): Promise<void> {
  const { mode, intervalMs } = parseBlockTime(text, 'block-time');
  const json = await requestControl(running(flags).control, 'blockTime', { mode, intervalMs });
  const lines = {
    interval: [`✔ a block every ${intervalMs} ms, until the devnet ends.`],
    auto: ['✔ blocks only while there is something to do, until the devnet ends.'],
    manual: ['✔ no block until you ask for one.', `  Ask:  ${SYNOD} devnet mine 1`],
  }[mode];
  tell(flags, { json, lines });
}

export async function runDevnetAdvanceEpoch(flags: DevnetTargetFlags): Promise<void> {
  tellMined(await requestControl(running(flags).control, 'advanceEpoch', {}), flags, 'the epoch is over');
}

export async function runDevnetAdvanceTime(text: string, flags: DevnetTargetFlags): Promise<void> {
  const ms = parseDurationMs(text, { minMs: 1, maxMs: CONTROL_LIMITS.advanceMsMax });
  tellMined(await requestControl(running(flags).control, 'advanceTime', { ms }), flags, `${text} have passed`);
}

function tellMined({ from, to, timeMs }: Mined, flags: CommonOptions, what?: string): void {
  const blocks = to - from === 1 ? `block ${to}` : `blocks ${from + 1} to ${to}`;
  const line = `✔ ${what === undefined ? blocks : `${what}: ${blocks}`}   time ${new Date(timeMs).toISOString()}`;
  tell(flags, { json: { from, to, blocks: to - from, timeMs }, lines: [line] });
}
