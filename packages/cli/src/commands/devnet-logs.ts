/**
 * `synod devnet logs [NODE] [-f]`: the nodes' logs, made readable; with --json the lines as they were written.
 */
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import { SynodError } from '@synod/chain';
import pc from 'picocolors';
import { prettyFactory } from 'pino-pretty';
import { layoutOf } from '../devnet/layout.ts';
import { displayPath } from '../settings/paths.ts';
import { dataDirectory, parseCount } from '../settings/settings.ts';
import { print } from '../terminal/output.ts';
import type { DevnetTargetFlags } from './devnet-stop.ts';

export type LogsFlags = DevnetTargetFlags & { readonly follow?: boolean; readonly lines: string };

const FOLLOW_POLL_MS = 250;
const READ_BYTES_MAX = 1024 * 1024;

type LogFile = {
  readonly node: string;
  readonly file: string;
  readonly decoder: StringDecoder;
  offset: number;
  partial: string;
};

/** Prints the last lines of one node or of all; with --follow goes on until Ctrl-C. */
export async function runDevnetLogs(node: string | undefined, flags: LogsFlags): Promise<void> {
  const layout = layoutOf(dataDirectory(flags.dataDir, process.env));
  const count = parseCount(flags.lines, '--lines', { min: 0, max: 100_000 });
  const files = logFiles(layout.logs, node);
  const show = printer(flags.json, files.length > 1);
  for (const log of files) {
    log.offset = Math.max(0, statSync(log.file).size - READ_BYTES_MAX);
    const isCut = log.offset > 0;
    const lines = readLines(log).slice(isCut ? 1 : 0);
    for (const line of lines.slice(count === 0 ? Number.POSITIVE_INFINITY : -count)) show(log.node, line);
  }
  while (flags.follow === true) {
    await delay(FOLLOW_POLL_MS);
    for (const log of files) for (const line of readLines(log)) show(log.node, line);
  }
}

function logFiles(folder: string, node: string | undefined): LogFile[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.log')) : [];
  const known = names.map((name) => name.replace(/\.log$/, '')).toSorted();
  const chosen =
    node === undefined ? known.filter((name) => name !== 'supervisor') : known.filter((name) => name === node);
  if (chosen.length > 0) return chosen.map((name) => newLog(name, join(folder, `${name}.log`)));
  const what = node === undefined ? 'There are no logs' : `There is no log of "${node}"`;
  const next = known.length > 0 ? `Choose one of ${known.join(', ')}.` : 'Start a devnet:  synod devnet';
  throw new SynodError('NOT_FOUND', `${what} in ${displayPath(folder)}. ${next}`, { facts: { folder } });
}

function newLog(node: string, file: string): LogFile {
  return { node, file, decoder: new StringDecoder('utf8'), offset: 0, partial: '' };
}

/** Whole lines since the last call; what follows the last line end is kept for the next one. */
function readLines(log: LogFile): string[] {
  const size = statSync(log.file).size;
  // The file was rotated: what is there now is new.
  if (size < log.offset) Object.assign(log, { offset: 0, partial: '' });
  if (size === log.offset) return [];
  const descriptor = openSync(log.file, 'r');
  const buffer = Buffer.alloc(Math.min(READ_BYTES_MAX, size - log.offset));
  const read = readSync(descriptor, buffer, 0, buffer.length, log.offset);
  closeSync(descriptor);
  log.offset += read;
  const lines = (log.partial + log.decoder.write(buffer.subarray(0, read))).split('\n');
  log.partial = lines.pop() ?? '';
  return lines.filter((line) => line !== '');
}

function printer(json: boolean, prefixed: boolean): (node: string, line: string) => void {
  if (json) return (_node, line) => print(line);
  const colorize = pc.isColorSupported;
  const readable = prettyFactory({
    colorize,
    ignore: 'pid,hostname,name',
    translateTime: 'HH:MM:ss.l',
    singleLine: true,
  });
  return (node, line) =>
    print(`${prefixed ? `${node}  ` : ''}${line.startsWith('{') ? readable(line).trimEnd() : line}`);
}
