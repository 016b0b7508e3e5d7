/**
 * A small file of things worth remembering that can be learnt again: replaced whole, checked when read, moved aside when
 * damaged. Owns format and timing of writes; what is inside belongs to address-book.ts and ban-list.ts. Nothing here is
 * flushed to the disk by force: what a power loss takes is found damaged, or old, and costs a little time.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, statSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';

const FORMAT_VERSION = 1;

export type CheckedFileLog = { warn(facts: object, message: string): void };

export type CheckedFileOptions = {
  readonly path: string;
  readonly bytesMax: number;
  /** Changes are written together, so long after the first of them. */
  readonly delayMs: number;
  /** What is written, asked for at the moment of writing. */
  content(): unknown;
  readonly log: CheckedFileLog;
};

/**
 * Reads what the file holds, or null when there is nothing usable. A damaged file is moved to `NAME.damaged`, with a
 * warning that names it.
 */
export function readCheckedFile<T>(
  { path, bytesMax, log }: Pick<CheckedFileOptions, 'path' | 'bytesMax' | 'log'>,
  parse: (content: unknown) => T | null,
): T | null {
  const read = tryRead(path, bytesMax, parse);
  if (read === 'absent') return null;
  if (typeof read !== 'string') return read.value;
  const movedTo = `${path}.damaged`;
  try {
    renameSync(path, movedTo);
    log.warn({ file: path, reason: read, movedTo }, 'damaged file moved aside, it is built anew');
  } catch (error) {
    log.warn({ file: path, reason: read, error: String(error) }, 'damaged file ignored, it is built anew');
  }
  return null;
}

function tryRead<T>(
  path: string,
  bytesMax: number,
  parse: (content: unknown) => T | null,
): 'absent' | `it ${string}` | { readonly value: T } {
  try {
    if (statSync(path).size > bytesMax) return 'it is too large';
    const file = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown> | null;
    if (file?.['formatVersion'] !== FORMAT_VERSION) return 'it has another format';
    if (file['sha256'] !== digest(file['content'])) return 'it was changed or cut off';
    const value = parse(file['content']);
    return value === null ? 'it holds something else' : { value };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'absent';
    return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Writes in the background, one write at a time. */
export class CheckedFileWriter {
  readonly #options: CheckedFileOptions;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: CheckedFileOptions) {
    this.#options = options;
  }

  /** Something changed. */
  touch(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => this.#write(), this.#options.delayMs);
    this.#timer.unref();
  }

  /** Writes what is not written yet; resolves when it is. */
  async close(): Promise<void> {
    if (this.#timer !== null) this.#write();
    await this.#writing;
  }

  #write(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#replace());
  }

  async #replace(): Promise<void> {
    const { path, log } = this.#options;
    const content = this.#options.content();
    const text = JSON.stringify({ formatVersion: FORMAT_VERSION, sha256: digest(content), content });
    try {
      await writeFile(`${path}.new`, `${text}\n`, { mode: 0o600 });
      await rename(`${path}.new`, path);
    } catch (error) {
      log.warn({ file: path, error: String(error) }, 'file not written, its content is lost with this process');
    }
  }
}

function digest(content: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(content) ?? '')
    .digest('hex');
}
