/**
 * Inputs worth keeping: one hex line each in corpus/NAME.txt, good ones first. Owns reading and extending these files. An input is
 * kept when it was the first to be answered in its way; SYNOD_FUZZ_KEEP=1 writes the new ones.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const limits = {
  /** Longest kept input, bytes: keeps the files small in git. */
  entryBytesMax: 6_000,
  /** Inputs of one target. */
  entries: 120,
} as const;

const fileOf = (name: string): URL => new URL(`corpus/${name}.txt`, import.meta.url);

/** The kept inputs of a target; empty when there are none yet. */
export function readCorpus(name: string): Uint8Array[] {
  const file = fileOf(name);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => Uint8Array.from(Buffer.from(line, 'hex')));
}

/** Notes inputs by the way they were answered; `save` adds them to the file when asked by the environment. */
export class Keeper {
  readonly #name: string;
  readonly #known: Uint8Array[];
  readonly #fresh: Uint8Array[] = [];
  readonly #ways = new Set<string>();

  constructor(name: string, known: Uint8Array[]) {
    this.#name = name;
    this.#known = known;
  }

  /** Ways in which the known inputs are answered are not new. */
  know(way: string): void {
    this.#ways.add(way);
  }

  saw(way: string, bytes: Uint8Array): void {
    if (this.#ways.has(way)) return;
    this.#ways.add(way);
    if (bytes.length <= limits.entryBytesMax) this.#fresh.push(bytes);
  }

  get ways(): number {
    return this.#ways.size;
  }

  save(): void {
    if (process.env.SYNOD_FUZZ_KEEP !== '1') return;
    const kept = [...this.#known, ...this.#fresh].slice(0, limits.entries);
    writeFileSync(fileOf(this.#name), kept.map((bytes) => `${Buffer.from(bytes).toString('hex')}\n`).join(''));
  }
}
