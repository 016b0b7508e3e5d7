/** Virtual time: what happens next, in order of time and then of asking. Owns the order only. */

type Entry = { readonly atMs: number; readonly order: number; readonly run: () => void };

/** A binary heap of things to do. */
export class EventQueue {
  nowMs: number;
  readonly #heap: Entry[] = [];
  #order = 0;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Time of the next event, or null when nothing is to happen any more. */
  get nextMs(): number | null {
    return this.#heap[0]?.atMs ?? null;
  }

  after(delayMs: number, run: () => void): void {
    const heap = this.#heap;
    heap.push({ atMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, run });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!isBefore(heap[child] as Entry, heap[parent] as Entry)) break;
      swap(heap, child, parent);
      child = parent;
    }
  }

  /** Runs the next event and moves the clock to it. False when there was none. */
  step(): boolean {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined) return false;
    const last = heap.pop() as Entry;
    if (heap.length > 0) {
      heap[0] = last;
      sink(heap);
    }
    this.nowMs = first.atMs;
    first.run();
    return true;
  }
}

function sink(heap: Entry[]): void {
  for (let parent = 0; ; ) {
    let least = parent;
    for (const child of [2 * parent + 1, 2 * parent + 2]) {
      if (child < heap.length && isBefore(heap[child] as Entry, heap[least] as Entry)) least = child;
    }
    if (least === parent) return;
    swap(heap, parent, least);
    parent = least;
  }
}

function swap(heap: Entry[], one: number, other: number): void {
  const held = heap[one] as Entry;
  heap[one] = heap[other] as Entry;
  heap[other] = held;
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
