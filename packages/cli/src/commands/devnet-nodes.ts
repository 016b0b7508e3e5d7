/**
 * Commands that change what a running devnet's nodes do or suffer: `synod devnet start|pause|resume|kill|partition|heal|latency|fault`.
 * Owns their words; the supervisor does them.
 */
import { SynodError } from '@synod/chain';
import { requestControl } from '../devnet/control.ts';
import { CONTROL_LIMITS } from '../devnet/controls.ts';
import { type Layout, layoutOf } from '../devnet/layout.ts';
import { parseDurationMs } from '../settings/durations.ts';
import { nearest } from '../settings/nearest.ts';
import { dataDirectory } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { tell } from '../terminal/output.ts';
import { type DevnetTargetFlags, requireRunning } from './devnet-stop.ts';

export type FaultFlags = DevnetTargetFlags & { readonly delay?: string };

const FAULTS = ['lie', 'slow', 'drop', 'none'] as const;
const ALL = 'all';

export async function runDevnetStart(node: string, flags: DevnetTargetFlags): Promise<void> {
  const started = await requestControl(running(flags).control, 'start', { node });
  const line = `✔ ${started.node} started (process ${started.pid}). Watch it catch up:  ${SYNOD} devnet status`;
  tell(flags, { json: started, lines: [line] });
}

export async function runDevnetPause(node: string, flags: DevnetTargetFlags): Promise<void> {
  const json = await requestControl(running(flags).control, 'pause', { node });
  tell(flags, {
    json,
    lines: [`✔ ${node} is paused: it is there and does nothing.`, `  ${SYNOD} devnet resume ${node}`],
  });
}

export async function runDevnetResume(node: string, flags: DevnetTargetFlags): Promise<void> {
  const json = await requestControl(running(flags).control, 'resume', { node });
  tell(flags, { json, lines: [`✔ ${node} goes on and catches up.`] });
}

export async function runDevnetKill(node: string, flags: DevnetTargetFlags): Promise<void> {
  const json = await requestControl(running(flags).control, 'kill', { node });
  const lines = [`✔ ${node} was killed without warning.`, `  Start it again:  ${SYNOD} devnet start ${node}`];
  tell(flags, { json, lines });
}

/** `val-0,val-1` against the rest, or several groups. */
export async function runDevnetPartition(texts: readonly string[], flags: DevnetTargetFlags): Promise<void> {
  const groups = texts.map((text) => text.split(',').map((name) => name.trim()));
  const json = await requestControl(running(flags).control, 'partition', { groups });
  const parts = json.groups.map((group) => group.join(' ')).join('  |  ');
  tell(flags, { json, lines: [`✔ the network is cut:  ${parts}`, `  Join it again:  ${SYNOD} devnet heal`] });
}

export async function runDevnetHeal(flags: DevnetTargetFlags): Promise<void> {
  const json = await requestControl(running(flags).control, 'heal', {});
  tell(flags, { json, lines: ['✔ no cut, no latency, no expert at fault any more.'] });
}

export async function runDevnetLatency(node: string, text: string, flags: DevnetTargetFlags): Promise<void> {
  const withUnit = /^\d+$/.test(text) ? `${text}ms` : text;
  const latencyMs = parseDurationMs(withUnit, { minMs: 0, maxMs: CONTROL_LIMITS.latencyMsMax });
  const of = node === ALL ? {} : { node };
  const json = await requestControl(running(flags).control, 'latency', { ...of, latencyMs });
  const whose = json.nodes.length === 1 ? node : 'every node';
  tell(flags, { json, lines: [`✔ what ${whose} sends arrives ${latencyMs} ms later.`] });
}

/** `target` is a node, with all its experts, or one expert. */
export async function runDevnetFault(target: string, text: string, flags: FaultFlags): Promise<void> {
  const fault = FAULTS.find((one) => one === text);
  if (fault === undefined) {
    const near = nearest(text, FAULTS);
    const hint = near === null ? `Known are: ${FAULTS.join(', ')}.` : `Did you mean ${near}?`;
    throw new SynodError('USAGE', `There is no fault "${text}". ${hint}`);
  }
  const delay = flags.delay === undefined ? undefined : parseDurationMs(flags.delay, delayRange);
  const whose = /^val-\d+$/.test(target) ? { node: target } : target === ALL ? {} : { expert: target };
  const json = await requestControl(running(flags).control, 'fault', { ...whose, fault, delayMs: delay });
  const lines = json.experts.map(({ name, node, delayMs }) => `✔ ${name} of ${node} ${WORDS[fault](delayMs)}`);
  tell(flags, { json, lines });
}

const delayRange = { minMs: 0, maxMs: CONTROL_LIMITS.expertDelayMsMax };

const WORDS = {
  lie: () => 'lies from now on',
  slow: (ms: number) => `begins every answer ${ms} ms late from now on`,
  drop: () => 'answers nothing from now on',
  none: () => 'is honest again',
} as const;

/** The layout of the devnet meant. Throws `NODE_UNREACHABLE` where none runs. */
export function running(flags: DevnetTargetFlags): Layout {
  const layout = layoutOf(dataDirectory(flags.dataDir, process.env));
  requireRunning(layout);
  return layout;
}
