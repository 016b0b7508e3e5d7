/**
 * `private-feedback.jsonl` in a node's home: what its user says about private queries, a canonical feedback blob a line (spec: learning §2.2).
 * Owns that a line is durable before it is acknowledged, and that nobody else reads it. It never leaves the machine; of two lines
 * about one query the later one stands.
 */
import { constants } from 'node:fs';
import { chmod, type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SynodError } from '@synod/chain';
import { syncDirectory, systemFiles } from './durable-files.ts';
import { reasonOf } from './store-errors.ts';

/** Longest file. */
export const PRIVATE_FEEDBACK_BYTES_MAX: number = 64 * 1024 * 1024;

const LINE_END = 10;

export class PrivateFeedbackFile {
  readonly path: string;
  readonly #bytesMax: number;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, bytesMax: number = PRIVATE_FEEDBACK_BYTES_MAX) {
    this.path = path;
    this.#bytesMax = bytesMax;
  }

  /** Durable when it resolves. Throws `FEEDBACK_FILE_FULL`, or `BLOB_NOT_STORED` where the disk does not take it. */
  append(line: Uint8Array): Promise<void> {
    const done = this.#writing.then(() => this.#append(line));
    this.#writing = done.catch(() => undefined);
    return done;
  }

  async #append(line: Uint8Array): Promise<void> {
    try {
      await this.#write(line);
    } catch (cause) {
      if (cause instanceof SynodError) throw cause;
      throw new SynodError(
        'BLOB_NOT_STORED',
        `The feedback could not be written to ${this.path}: ${reasonOf(cause)}. Free disk space and give it again.`,
        { facts: { file: this.path }, cause },
      );
    }
  }

  async #write(line: Uint8Array): Promise<void> {
    const file = await open(this.path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600);
    try {
      const { size } = await stat(this.path);
      if (size + line.length + 2 > this.#bytesMax) throw full(this.path, this.#bytesMax);
      // What a crash cut off is a line of its own, which no reader takes.
      const isCut = size > 0 && (await lastByte(file, size)) !== LINE_END;
      await file.appendFile(Buffer.concat([Buffer.from(isCut ? '\n' : ''), line, Buffer.of(LINE_END)]));
      await file.sync();
      if (size === 0) await this.#created();
    } finally {
      await file.close();
    }
  }

  async #created(): Promise<void> {
    await chmod(this.path, 0o600);
    syncDirectory(systemFiles, dirname(this.path));
  }
}

async function lastByte(file: FileHandle, size: number): Promise<number | undefined> {
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0];
}

function full(file: string, bytesMax: number): SynodError {
  return new SynodError(
    'FEEDBACK_FILE_FULL',
    `${file} has its greatest length, ${bytesMax} bytes. Move it away; a new one is begun.`,
    { facts: { file, bytesMax } },
  );
}
