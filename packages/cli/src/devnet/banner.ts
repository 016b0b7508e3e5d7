/**
 * What a person reads of a devnet: headings, phases, the accounts and endpoints, the status line. Owns wording only.
 */
import pc from 'picocolors';
import { formatSyn, parseSyn } from '../settings/amounts.ts';
import { displayPath } from '../settings/paths.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { table } from '../terminal/output.ts';
import type { DevnetEvent, DevnetStatus } from './events.ts';
import { FAUCET } from './keys.ts';
import type { DevnetRecord } from './record.ts';

const SHORT_HEAD = 9;
const SHORT_TAIL = 4;
const PHASE_WIDTH = 12;
const DETAIL_WIDTH = 62;

type EventOf<K extends DevnetEvent['kind']> = Extract<DevnetEvent, { kind: K }>;

export function headingLines(event: EventOf<'heading'>): string[] {
  const kind = event.continued ? 'continuing' : 'new chain';
  return [`synod ${event.version}  devnet  seed ${event.seed}  (${event.validators} validators, ${kind})`, ''];
}

export function phaseLine(event: EventOf<'phase'>): string {
  const seconds = `${(event.elapsedMs / 1000).toFixed(1)}s`;
  return `  ${pc.green('✔')} ${event.phase.padEnd(PHASE_WIDTH)} ${event.detail.padEnd(DETAIL_WIDTH)} ${pc.dim(seconds.padStart(6))}`;
}

export function progressLine(event: EventOf<'progress'>): string {
  return `  ${pc.yellow('…')} ${event.phase.padEnd(PHASE_WIDTH)} ${event.detail}`;
}

export function readyLines(record: DevnetRecord, elapsedMs: number, stop: string): string[] {
  const [first = ''] = record.endpoints;
  return [
    '',
    `Accounts ${pc.dim(`(from seed ${record.seed}; each started with ${formatSyn(parseSyn('10000'))})`)}`,
    ...table(
      record.accounts
        .filter(({ name }) => name !== FAUCET)
        .map(({ name, address, privateKey }) => [name, shorten(address), `key ${shorten(privateKey)}`]),
    ),
    `  More:  ${SYNOD} faucet alice 100`,
    `  ${pc.yellow('WARNING')}: these keys are public. Never use them, or this chain, for anything of value.`,
    '',
    'Endpoints',
    ...table([
      ['JSON-RPC', first, `${first.replace(/^http/, 'ws')}/ws`],
      ['OpenAI', `${first}/v1`, '(any api key; bills alice)'],
      ['Metrics', `${first}/metrics`],
    ]),
    ...(record.endpoints.length > 1 ? [`  Other nodes  ${record.endpoints.slice(1).join('  ')}`] : []),
    '',
    ...table(
      [
        ['Data', `${displayPath(record.dataDir)}   (kept; start clean with --reset)`],
        ['Info', displayPath(`${record.dataDir}/devnet.json`)],
        ['Logs', `${displayPath(`${record.dataDir}/logs`)}   (${SYNOD} devnet logs val-0)`],
      ],
      '',
    ),
    '',
    `${pc.bold(`Ready in ${(elapsedMs / 1000).toFixed(1)} s.`)} Try:  ${SYNOD} ask "What is the capital of France?"      Stop: ${stop}`,
    '',
  ];
}

const MARKS = { healthy: pc.green, degraded: pc.yellow, stalled: pc.red, busy: pc.cyan } as const;

export function statusLine(status: DevnetStatus): string {
  const { state, reason, mode } = status;
  const interval = status.blockIntervalMs === null ? '' : `   ${(status.blockIntervalMs / 1000).toFixed(1)}s/block`;
  const why = reason === null ? '' : state === 'busy' ? ` with ${reason}` : ` because ${reason}`;
  const parts = [
    `${MARKS[state]('●')} ${state}${why}`,
    `block ${status.head}   final ${status.finalized}${mode === 'interval' ? interval : `   ${MODES[mode]}`}`,
    `${status.signing}/${status.validators} signing`,
    `${status.experts} experts`,
    `${status.pending} pending`,
  ];
  const warning = status.warnings[0] === undefined ? '' : `   ${pc.yellow(status.warnings[0])}`;
  return ` ${parts.join('   ')}${warning}`;
}

const MODES = { auto: 'blocks when needed', manual: 'blocks by hand' } as const;

export function nodeExitedLines(event: EventOf<'nodeExited'>): string[] {
  return [
    `${pc.red('✖')} ${event.node} ${event.reason}; ${event.alive} of ${event.validators} validators are running`,
    `  Start it again:  ${SYNOD} devnet start ${event.node}`,
    `  Its log:  ${displayPath(event.log)}`,
  ];
}

/** `syn1q7f…9k2d`, `0x5c0a…e1b7`: enough to recognise, the whole is in devnet.json. */
export function shorten(text: string): string {
  return text.length <= SHORT_HEAD + SHORT_TAIL + 1 ? text : `${text.slice(0, SHORT_HEAD)}…${text.slice(-SHORT_TAIL)}`;
}
