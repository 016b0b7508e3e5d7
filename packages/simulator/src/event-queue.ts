/** Virtual time: what happens next, in order of time and then of asking. Owns the order only. */

/** What happens in one millisecond; the first `done` of it have happened. */
type Moment = { readonly atMs: number; readonly runs: (() => void)[]; done: number };

/** A binary heap of moments: many things happen in the same one, and each only waits behind those asked for before it. */
export class EventQueue {
  nowMs: number;
  readonly #heap: Moment[] = [];
  readonly #moments = new Map<number, Moment>();

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  /** Time of the next event, or null when nothing is to happen any more. */
  get nextMs(): number | null {
    return this.#heap[0]?.atMs ?? null;
  }

  after(delayMs: number, run: () => void): void {
    const atMs = this.nowMs + Math.max(0, delayMs);
    const known = this.#moments.get(atMs);
    if (known !== undefined) return void known.runs.push(run);
    const moment: Moment = { atMs, runs: [run], done: 0 };
    this.#moments.set(atMs, moment);
    this.#heap.push(moment);
    rise(this.#heap);
  }

  /** Runs the next event and moves the clock to it. False when there was none. */
  step(): boolean {
    const [moment] = this.#heap;
    const run = moment?.runs[moment.done];
    if (moment === undefined || run === undefined) return false;
    moment.done += 1;
    // What its last event asks for at once begins the same moment anew.
    if (moment.done === moment.runs.length) this.#end(moment);
    this.nowMs = moment.atMs;
    run();
    return true;
  }

  #end(first: Moment): void {
    const heap = this.#heap;
    this.#moments.delete(first.atMs);
    const last = heap.pop() as Moment;
    if (heap.length === 0) return;
    heap[0] = last;
    sink(heap);
  }
}

function rise(heap: Moment[]): void {
  for (let child = heap.length - 1; child > 0; ) {
    const parent = (child - 1) >> 1;
    if (!isBefore(heap[child] as Moment, heap[parent] as Moment)) return;
    swap(heap, child, parent);
    child = parent;
  }
}

function sink(heap: Moment[]): void {
  for (let parent = 0; ; ) {
    let least = parent;
    for (const child of [2 * parent + 1, 2 * parent + 2]) {
      if (child < heap.length && isBefore(heap[child] as Moment, heap[least] as Moment)) least = child;
    }
    if (least === parent) return;
    swap(heap, parent, least);
    parent = least;
  }
}

function swap(heap: Moment[], one: number, other: number): void {
  const held = heap[one] as Moment;
  heap[one] = heap[other] as Moment;
  heap[other] = held;
}

function isBefore(a: Moment, b: Moment): boolean {
  return a.atMs < b.atMs;
}
