/**
 * Where a node logs: readable on a terminal, JSON elsewhere, or into a file of bounded size. Owns the flags `--log-file`, `--log-max-mb`,
 * `--log-keep` and SYNOD_LOG.
 */
import { resolve } from 'node:path';
import { SynodError } from '@synod/chain';
import { type Logger, pino } from 'pino';
import { parseCount } from '../settings/settings.ts';
import { note } from '../terminal/output.ts';
import { RotatingFile } from './rotating-file.ts';

export type LogFlags = {
  readonly json: boolean;
  readonly logFile?: string;
  readonly logMaxMb?: string;
  readonly logKeep?: string;
};

export type NodeLog = {
  readonly log: Logger;
  /** Begins the file anew under its name; null where there is no file. */
  readonly reopen: (() => void) | null;
  /** Tells a terminal that nothing else is told what it should know: that the node at this URL is up, and where it logs. */
  readonly announce: (url: string) => void;
};

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const LOG_DEFAULTS = { maxMb: 32, keep: 4 } as const;
const BYTES_PER_MB = 1_000_000;

/** Throws `USAGE`, `NUMBER_INVALID` or `LOG_FILE_UNUSABLE`. */
export async function openNodeLog(name: string, flags: LogFlags): Promise<NodeLog> {
  const level = process.env['SYNOD_LOG'] || 'info';
  if (!LOG_LEVELS.includes(level)) {
    throw new SynodError('USAGE', `SYNOD_LOG "${level}" is not a level. Choose one of ${LOG_LEVELS.join(', ')}.`);
  }
  const file = openFile(flags);
  if (file !== null) {
    return {
      log: pino({ name, level, base: { name } }, file),
      reopen: () => file.reopen(),
      announce: (url) => announceUp(url, flags.logFile),
    };
  }
  const readable = process.stderr.isTTY === true && !flags.json;
  if (!readable) {
    return { log: pino({ name, level, base: { name } }, pino.destination({ fd: 2, sync: true })), ...onStandardError };
  }
  note(`${name} runs in the foreground. Stop: Ctrl-C`);
  const { default: pretty } = await import('pino-pretty');
  const log = pino(
    { level, base: {} },
    pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' }),
  );
  return { log, ...onStandardError };
}

const onStandardError = { reopen: null, announce: () => undefined } as const;

function announceUp(url: string, logFile = ''): void {
  note(`✔ node serves requests at ${url}, and logs to ${resolve(logFile)}. Stop: Ctrl-C`);
}

function openFile({ logFile, logMaxMb, logKeep }: LogFlags): RotatingFile | null {
  if (logFile === undefined) {
    if (logMaxMb === undefined && logKeep === undefined) return null;
    throw new SynodError(
      'USAGE',
      '--log-max-mb and --log-keep say how large a log file gets. Name it with --log-file FILE.',
    );
  }
  const megabytes = count(logMaxMb, '--log-max-mb', { min: 1, max: 100_000 }) ?? LOG_DEFAULTS.maxMb;
  const keep = count(logKeep, '--log-keep', { min: 0, max: 1_000 }) ?? LOG_DEFAULTS.keep;
  return new RotatingFile({ file: resolve(logFile), bytesMax: megabytes * BYTES_PER_MB, keep });
}

function count(text: string | undefined, flag: string, range: { min: number; max: number }): number | null {
  return text === undefined ? null : parseCount(text, flag, range);
}
