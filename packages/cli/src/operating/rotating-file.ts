/**
 * A log file that cannot fill the disk: past its size it is set aside as FILE.1, FILE.2 … and the oldest is dropped. Owns these files; what is
 * written to them is the logger's. A line that cannot be written is lost and counted, and never ends the node.
 */
import { closeSync, existsSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { SynodError } from '@synod/chain';
import { makeDirectory } from '@synod/node/make-directory';

/** Logs can tell of peers and accounts: their owner alone reads them. */
const MODE = 0o600;

export type RotatingFileOptions = {
  readonly file: string;
  /** Size at which a new file is begun. A longer line still goes into one file. */
  readonly bytesMax: number;
  /** Older files that are kept. */
  readonly keep: number;
};

export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #descriptor: number;
  #bytes: number;
  #lost = 0;

  /** Throws `LOG_FILE_UNUSABLE` when the file cannot be written. */
  constructor(options: RotatingFileOptions) {
    this.#options = options;
    try {
      makeDirectory(dirname(options.file));
      this.#descriptor = openSync(options.file, 'a', MODE);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SynodError(
        'LOG_FILE_UNUSABLE',
        `The log file ${options.file} cannot be written: ${reason}. Choose another with --log-file, or change who may write there.`,
        { facts: { file: options.file }, cause },
      );
    }
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  /** One line with its end. */
  write(line: string): void {
    const bytes = Buffer.from(this.#lost === 0 ? line : `${lostLine(this.#lost)}${line}`);
    try {
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#options.bytesMax) this.#rotate();
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
      this.#bytes += bytes.length;
      this.#lost = 0;
    } catch {
      // A full disk ends the log, not the node; the next line that fits tells how many are missing.
      this.#lost += 1;
    }
  }

  /** Goes on in a file of the same name: whoever asks (SIGHUP, logrotate) has moved the old one away. */
  reopen(): void {
    const next = openSync(this.#options.file, 'a', MODE);
    closeSync(this.#descriptor);
    this.#descriptor = next;
    this.#bytes = fstatSync(next).size;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #rotate(): void {
    const { file, keep } = this.#options;
    const named = (number: number) => (number === 0 ? file : `${file}.${number}`);
    if (keep === 0) rmSync(file, { force: true });
    for (let number = keep; number > 0; number--) {
      if (existsSync(named(number - 1))) renameSync(named(number - 1), named(number));
    }
    this.reopen();
  }
}

function lostLine(count: number): string {
  return `${JSON.stringify({ level: 50, time: Date.now(), lines: count, msg: 'log lines were lost: the file could not be written' })}\n`;
}
