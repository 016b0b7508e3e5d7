/** What happened in a schedule, line by line. Owns the digest that two runs of one seed must share. */
import { createHash } from 'node:crypto';

const batchLines = 512;

export class Trace {
  readonly #hash = createHash('sha256');
  #lines: string[] = [];
  readonly #kept: string[] | null;

  /** `keeps` holds on to every line for printing; without it only the digest remains. */
  constructor(options: { readonly keeps: boolean }) {
    this.#kept = options.keeps ? [] : null;
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#kept?.push(line);
    if (this.#lines.length >= batchLines) this.#flush();
  }

  get lines(): readonly string[] {
    return this.#kept ?? [];
  }

  /** SHA-256 of all lines; the trace takes no further ones. */
  digest(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #flush(): void {
    if (this.#lines.length > 0) this.#hash.update(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
  }
}
