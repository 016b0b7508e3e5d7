/**
 * Decides which sequences are computed when. Owns the turns: in each, all requests that wait are answered, single tokens of sequences
 * with one adapter in one forward pass. Memory belongs to cache-pool.ts, the pass itself to forward.ts.
 */
import type { LlamaShape } from '../models/manifest.ts';
import { CachePool, roundUp } from './cache-pool.ts';
import { chunksOf } from './chunks.ts';
import { forward } from './forward.ts';
import { limits } from './limits.ts';
import type { Rows, SequenceState } from './sequence.ts';
import type { InferenceSession } from './session.ts';

type Read = {
  readonly kind: 'read';
  readonly sequence: SequenceState;
  readonly ids: readonly number[];
  readonly rows: Rows;
  readonly resolve: (logits: Float32Array[]) => void;
  readonly reject: (error: unknown) => void;
};

type Adopt = {
  readonly kind: 'adopt';
  readonly sequence: SequenceState;
  readonly ids: readonly number[];
  readonly resolve: (length: number) => void;
  readonly reject: (error: unknown) => void;
};

type Request = Read | Adopt;

export class Turns {
  readonly #session: InferenceSession;
  readonly #shape: LlamaShape;
  readonly #pool: CachePool;
  #requests: Request[] = [];
  /** Requests whose sequences find no room until another is closed. */
  #waiting: Request[] = [];
  #isScheduled = false;
  #turn = 0;
  #lastRequests = 0;

  constructor(session: InferenceSession, shape: LlamaShape) {
    this.#session = session;
    this.#shape = shape;
    this.#pool = new CachePool(shape);
  }

  /** Requests answered in the turn before this. */
  lastRequests(): number {
    return this.#lastRequests;
  }

  /** No other sequence was computed in this turn or the one before it: who reads a prompt may miss every second one. */
  isAlone(sequence: SequenceState): boolean {
    return !this.#pool.hasOther(sequence, this.#turn - 1);
  }

  read(sequence: SequenceState, ids: readonly number[], rows: Rows): Promise<Float32Array[]> {
    return new Promise((resolve, reject) => this.#add({ kind: 'read', sequence, ids, rows, resolve, reject }));
  }

  adopt(sequence: SequenceState, ids: readonly number[]): Promise<number> {
    return new Promise((resolve, reject) => this.#add({ kind: 'adopt', sequence, ids, resolve, reject }));
  }

  keep(sequence: SequenceState): void {
    this.#pool.keep(sequence);
  }

  close(sequence: SequenceState): void {
    if (sequence.isClosed) return;
    sequence.isClosed = true;
    this.#pool.release(sequence);
  }

  #add(request: Request): void {
    this.#requests.push(request);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // Not before all jobs that the last turn answered have asked again: their tokens are computed together.
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#requests.length + this.#waiting.length > 0) {
      const requests = [...this.#waiting.splice(0), ...this.#requests.splice(0)];
      this.#turn++;
      this.#lastRequests = requests.length;
      for (const { sequence } of requests) sequence.lastTurn = this.#turn;
      await this.#answer(this.#place(requests));
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#isScheduled = false;
  }

  /**
   * Those that have a row or get one; the others wait, in order. It never lasts: a turn in which nothing but waiting requests is left
   * takes the rows of sequences that are paused.
   */
  #place(requests: readonly Request[]): Request[] {
    const isPlaced = (request: Request) =>
      (this.#waiting.length === 0 || request.sequence.home !== undefined) &&
      this.#pool.place(request.sequence, this.#turn);
    return requests.filter((request) => {
      const placed = isPlaced(request);
      if (!placed) this.#waiting.push(request);
      return placed;
    });
  }

  async #answer(requests: readonly Request[]): Promise<void> {
    const singles: Read[] = [];
    for (const request of requests) {
      if (request.kind === 'adopt') await settle(request, async () => this.#adopt(request.sequence, request.ids));
      else if (request.ids.length === 1 && isWhole(request.sequence)) singles.push(request);
      else await settle(request, () => this.#readAlone(request));
    }
    for (const group of groupsOf(singles)) {
      if (group.length === 1) await settle(group[0]!, () => this.#readAlone(group[0]!));
      else await this.#readTogether(group);
    }
  }

  #adopt(sequence: SequenceState, ids: readonly number[]): number {
    sequence.held = this.#pool.adopt(sequence, ids, ids.length - 2);
    sequence.tokens.push(...ids.slice(0, sequence.held));
    sequence.readAsPrompt = sequence.held;
    return sequence.held;
  }

  async #readAlone({ sequence, ids, rows }: Omit<Read, 'kind' | 'resolve' | 'reject'>): Promise<Float32Array[]> {
    if (!isWhole(sequence)) await this.#readAgain(sequence);
    const { adapter } = sequence;
    const { block, row } = this.#pool.makeRoom(sequence, ids.length);
    const lengths = [sequence.held];
    const input = { adapter, cache: block.tensors(row), ids: [ids], lengths, rows };
    const [logits] = await forward(this.#session, this.#shape, input);
    this.#hold(sequence, ids);
    return logits!;
  }

  /** A sequence that lost its row reads its own tokens once more. */
  async #readAgain(sequence: SequenceState): Promise<void> {
    const tokens = sequence.tokens.splice(0);
    sequence.held = 0;
    this.#adopt(sequence, tokens);
    for (const ids of chunksOf(tokens.slice(sequence.held), limits.prefillChunkTokens)) {
      await this.#readAlone({ sequence, ids, rows: 'last' });
    }
  }

  async #readTogether(group: readonly Read[]): Promise<void> {
    try {
      const { block, tenants } = this.#pool.gather(group.map(({ sequence }) => sequence));
      const requests = tenants.map((tenant) => group.find(({ sequence }) => sequence === tenant));
      // A tenant without a request this turn computes a token too, which its next one overwrites.
      const ids = requests.map((request) => [request?.ids[0] ?? 0]);
      const lengths = tenants.map(({ held }) => held);
      const { adapter } = group[0]!.sequence;
      const input = { adapter, cache: block.tensors('all'), ids, lengths, rows: 'last' } as const;
      const logits = await forward(this.#session, this.#shape, input);
      for (const [row, request] of requests.entries()) {
        if (request === undefined) continue;
        this.#hold(request.sequence, request.ids);
        request.resolve(logits[row]!);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  #hold(sequence: SequenceState, ids: readonly number[]): void {
    if (ids.length > 1 && sequence.readAsPrompt === sequence.tokens.length) sequence.readAsPrompt += ids.length;
    sequence.tokens.push(...ids);
    sequence.held += ids.length;
  }
}

const isWhole = (sequence: SequenceState): boolean => sequence.held === sequence.tokens.length;

async function settle<T>(
  request: { resolve(value: T): void; reject(error: unknown): void },
  work: () => Promise<T>,
): Promise<void> {
  try {
    request.resolve(await work());
  } catch (error) {
    request.reject(error);
  }
}

/** Sequences with one adapter, of like length, as many as one pass may have. */
function groupsOf(reads: readonly Read[]): Read[][] {
  const sorted = [...reads].sort((a, b) => a.sequence.held - b.sequence.held);
  const groups: Read[][] = [];
  for (const read of sorted) {
    const room = roundUp(read.sequence.held + 1);
    const group = groups.findLast((candidate) => candidate[0]!.sequence.adapter.hash === read.sequence.adapter.hash);
    const isFull =
      group === undefined || group.length >= limits.batchRowsMax || (group.length + 1) * room > limits.batchTokensMax;
    if (isFull) groups.push([read]);
    else group.push(read);
  }
  return groups;
}
