/**
 * Fetches blobs from peers, chunk by chunk, of several peers at once. Owns what is wanted, who was asked for which chunk and when, and that
 * only right chunks are taken; which blobs are wanted, and what becomes of whole ones, is the desk's to say.
 */
import { blobId, chunkCount, type Hash, isChunkOf, type TimestampMs } from '@synod/chain';
import type { NamedBlob } from './blob-scan.ts';
import { limits } from './limits.ts';
import { type DirectMessage, encodeDirect } from './messages.ts';
import type { BlobStore, HostPorts, PeerId } from './ports.ts';
import type { Peer } from './sync.ts';

export type BlobAnswer = Extract<DirectMessage, { kind: 'blobChunk' }>;

type Flight = { readonly peer: PeerId; readonly untilMs: TimestampMs };

type Fetch = NamedBlob & {
  /** An attestation waits for it; else it is fetched in the background, and left after some rounds. */
  isUrgent: boolean;
  /** What came so far, by index, while it is being fetched; null while it rests. */
  chunks: (Uint8Array | null)[] | null;
  readonly flights: Map<number, Flight>;
  /** Peers that do not have it, or took too long, in this round; and those that gave a wrong chunk. */
  readonly lacking: Set<PeerId>;
  readonly liars: Set<PeerId>;
  restUntilMs: TimestampMs;
  rounds: number;
};

export type BlobFetchesOptions = {
  readonly ports: Pick<HostPorts, 'clock' | 'network'>;
  readonly blobs: BlobStore;
  readonly peers: () => readonly Peer[];
};

export class BlobFetches {
  readonly #options: BlobFetchesOptions;
  /** In the order in which they were first wanted. */
  readonly #wanted = new Map<Hash, Fetch>();
  readonly #busyUntilMs = new Map<PeerId, TimestampMs>();

  constructor(options: BlobFetchesOptions) {
    this.#options = options;
  }

  /** Number of blobs wanted in the background. */
  get background(): number {
    return [...this.#wanted.values()].filter(({ isUrgent }) => !isUrgent).length;
  }

  want({ content, bytes }: NamedBlob, isUrgent: boolean): void {
    const known = this.#wanted.get(content);
    if (known !== undefined) {
      known.isUrgent ||= isUrgent;
      return;
    }
    const fresh = {
      flights: new Map(),
      lacking: new Set<PeerId>(),
      liars: new Set<PeerId>(),
      restUntilMs: 0,
      rounds: 0,
    };
    this.#wanted.set(content, { content, bytes, isUrgent, chunks: null, ...fresh });
  }

  /** Attestations wait for these alone. */
  setUrgent(contents: ReadonlySet<Hash>): void {
    for (const fetch of this.#wanted.values()) fetch.isUrgent = contents.has(fetch.content);
  }

  /** It is here. */
  end(content: Hash): void {
    this.#wanted.delete(content);
  }

  onBusy(peer: PeerId, retryAfterMs: number): void {
    if (this.#wanted.size === 0) return;
    const nowMs = this.#options.ports.clock.nowMs();
    this.#busyUntilMs.set(peer, nowMs + Math.min(retryAfterMs, limits.blobBusyMs));
    for (const { flights } of this.#wanted.values())
      for (const [index, flight] of flights) if (flight.peer === peer) flights.delete(index);
  }

  /** Takes a right chunk; a wrong one is held against the peer, what nobody waits for is dropped. */
  onAnswer(peer: PeerId, { content, index, chunk }: BlobAnswer): void {
    const fetch = this.#wanted.get(content);
    if (fetch === undefined || fetch.chunks === null || fetch.chunks[index] !== null) return;
    if (fetch.flights.get(index)?.peer === peer) fetch.flights.delete(index);
    if (chunk === null) fetch.lacking.add(peer);
    else if (isChunkOf(content, fetch.bytes, { index, ...chunk })) this.#take(fetch, index, chunk.bytes);
    else {
      fetch.liars.add(peer);
      this.#options.ports.network.penalise(peer, 'wrong chunk of a blob', 'severe');
    }
    this.proceed();
  }

  /** Asks whom it is time to ask: first for what attestations wait for. */
  proceed(): void {
    if (this.#wanted.size === 0) return;
    const nowMs = this.#options.ports.clock.nowMs();
    const fetches = [...this.#wanted.values()];
    for (const fetch of fetches) dropLate(fetch, nowMs);
    for (const [peer, untilMs] of this.#busyUntilMs) if (untilMs <= nowMs) this.#busyUntilMs.delete(peer);
    const ordered = [...fetches.filter(({ isUrgent }) => isUrgent), ...fetches.filter(({ isUrgent }) => !isUrgent)];
    for (const fetch of ordered) if (fetch.chunks === null && fetch.restUntilMs <= nowMs) this.#open(fetch, fetches);
    for (const fetch of ordered) if (fetch.chunks !== null) this.#ask(fetch, fetches, nowMs);
  }

  /** Begins with the chunks that a run before left on disk. */
  #open(fetch: Fetch, all: readonly Fetch[]): void {
    const open = all.filter(({ chunks }) => chunks !== null);
    const background = open.filter(({ isUrgent }) => !isUrgent).length;
    if (open.length >= limits.blobFetches) return;
    if (!fetch.isUrgent && background >= limits.blobBackgroundFetches) return;
    const { content, bytes } = fetch;
    fetch.chunks = Array.from({ length: chunkCount(bytes) }, (_, index) => this.#options.blobs.part(content, index));
    this.#finish(fetch);
  }

  #ask(fetch: Fetch, all: readonly Fetch[], nowMs: TimestampMs): void {
    const { content, flights, lacking, liars } = fetch;
    const greeted = this.#options.peers().filter(({ isGreeted }) => isGreeted);
    const able = greeted.filter(({ id }) => !lacking.has(id) && !liars.has(id));
    if (able.length === 0 && flights.size === 0 && greeted.length > 0) return this.#endRound(fetch, nowMs);
    for (const [index, chunk] of (fetch.chunks ?? []).entries()) {
      if (chunk !== null || flights.has(index)) continue;
      const peer = this.#freest(able, all, firstWord(content) + index);
      if (peer === null) return;
      flights.set(index, { peer, untilMs: nowMs + limits.blobTimeoutMs });
      this.#options.ports.network.send(peer, encodeDirect({ kind: 'blobGet', content, index }));
    }
  }

  /** Of those that have least to answer, another one for every chunk and blob. */
  #freest(able: readonly Peer[], all: readonly Fetch[], turn: number): PeerId | null {
    const flights = all.flatMap((fetch) => [...fetch.flights.values()]);
    if (flights.length >= limits.blobFlights) return null;
    const loads = able
      .filter(({ id }) => !this.#busyUntilMs.has(id))
      .map(({ id }) => ({ id, load: flights.filter(({ peer }) => peer === id).length }));
    const least = Math.min(...loads.map(({ load }) => load));
    if (least >= limits.blobFlightsPerPeer) return null;
    const free = loads.filter(({ load }) => load === least);
    return free[turn % free.length]?.id ?? null;
  }

  #take(fetch: Fetch, index: number, bytes: Uint8Array): void {
    fetch.chunks![index] = bytes;
    fetch.flights.delete(index);
    fetch.rounds = 0;
    if (fetch.chunks!.length > 1) this.#options.blobs.savePart(fetch.content, index, bytes);
    this.#finish(fetch);
  }

  /** Gives a whole blob to the store; until it says that it has it, nobody is asked again for a while. */
  #finish(fetch: Fetch): void {
    const { content, chunks } = fetch;
    const whole = wholeOf(chunks ?? []);
    if (whole === null) return;
    const nowMs = this.#options.ports.clock.nowMs();
    rest(fetch, nowMs + limits.blobWriteMs);
    if (blobId(whole) === content) this.#options.blobs.save(content, whole);
    else this.#options.blobs.forgetParts(content);
  }

  /** What no attestation waits for is left after some rounds; the desk looks for it again later. */
  #endRound(fetch: Fetch, nowMs: TimestampMs): void {
    fetch.rounds += 1;
    rest(fetch, nowMs + limits.blobPauseMs);
    if (!fetch.isUrgent && fetch.rounds >= limits.blobRounds) this.#wanted.delete(fetch.content);
  }
}

function rest(fetch: Fetch, untilMs: TimestampMs): void {
  fetch.chunks = null;
  fetch.flights.clear();
  fetch.lacking.clear();
  fetch.restUntilMs = untilMs;
}

/** A peer that took too long is not asked for this blob again in the same round. Its answer is taken all the same. */
function dropLate({ flights, lacking }: Fetch, nowMs: TimestampMs): void {
  for (const [index, { peer, untilMs }] of flights) {
    if (untilMs > nowMs) continue;
    flights.delete(index);
    lacking.add(peer);
  }
}

function firstWord(content: Hash): number {
  return Number.parseInt(content.slice(0, 8), 16);
}

function wholeOf(chunks: readonly (Uint8Array | null)[]): Uint8Array | null {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + (chunk?.length ?? 0), 0));
  let at = 0;
  for (const chunk of chunks) {
    if (chunk === null) return null;
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
