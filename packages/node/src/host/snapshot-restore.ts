/**
 * An empty node's way to a state without executing the past (spec: snapshot §7): offers, a header trusted by the light client,
 * manifest and anchor checked against it, chunks from several peers, each checked by itself. Owns that order and the verdicts on
 * peers; files, installation and what comes after are the node's. Deterministic like the host, and fed by the same inputs.
 */
import {
  type Decoded,
  decodeManifest,
  type Height,
  openChunk,
  type SnapshotManifest,
  StatePart,
  StateTree,
  snapshotSize,
} from '@synod/chain';
import { ChunkDownloads } from './chunk-downloads.ts';
import { limits } from './limits.ts';
import { type DirectMessage, decodeDirect, encodeDirect, type OfferedSnapshot } from './messages.ts';
import type { HostInput, PeerId } from './ports.ts';
import type { RestoreOptions, RestoreOutcome } from './restore-options.ts';
import { RestorePeers } from './restore-peers.ts';
import type { CheckedAnchor } from './snapshot-anchor.ts';
import { type FirstChunk, type ProvenSnapshot, SnapshotProofs } from './snapshot-proofs.ts';

type Chosen = {
  readonly height: Height;
  readonly manifest: SnapshotManifest;
  readonly anchor: CheckedAnchor;
  readonly parts: StatePart[];
  downloads: ChunkDownloads | null;
  /** When the last chunk came, or the first was asked for. */
  progressAtMs: number;
  /** Chunks that may be on disk and were not looked at yet. */
  readonly onDisk: number[];
};

export class SnapshotRestore {
  readonly #options: RestoreOptions;
  readonly #peers = new RestorePeers();
  readonly #proofs: SnapshotProofs;
  readonly #startedAtMs: number;
  #firstOfferAtMs: number | null = null;
  #chosen: Chosen | null = null;
  /** Manifest and anchor of what an earlier life began; null where there are none, or they are of no use. */
  #kept: { readonly height: Height; readonly chunks: number; readonly snapshot: OfferedSnapshot } | null = null;
  #isOver = false;

  constructor(options: RestoreOptions) {
    this.#options = options;
    this.#startedAtMs = options.ports.clock.nowMs();
    this.#kept = this.#readKept();
    this.#proofs = new SnapshotProofs(options, this.#peers, {
      send: (id, message) => this.#send(id, message),
      distrust: (id, reason) => this.#distrust(id, reason),
      penalise: (id, reason) => this.#penalise(id, reason, 'minor'),
      kept: (height) => (this.#kept?.height === height ? this.#kept.snapshot : null),
      onKeptUseless: (height) => {
        if (this.#kept?.height === height) this.#kept = null;
      },
      onProven: (proven, first) => this.#onProven(proven, first),
    });
  }

  start(): void {
    this.#options.ports.timers.set('restore', limits.restoreTickMs);
  }

  /** What the host has to hear again when it takes over. */
  greetings(): readonly { readonly peer: PeerId; readonly hello: Uint8Array }[] {
    return this.#peers.greeted().flatMap(({ id, hello }) => (hello === null ? [] : [{ peer: id, hello }]));
  }

  handle(input: HostInput): void {
    if (this.#isOver) return;
    switch (input.kind) {
      case 'peerConnected':
        this.#peers.add(input.peer);
        return this.#options.ports.network.send(input.peer, this.#options.hello);
      case 'peerDisconnected':
        this.#peers.remove(input.peer);
        this.#proofs.forget(input.peer);
        this.#chosen?.downloads?.forget(input.peer);
        return this.#proceed();
      case 'direct':
        return this.#onDirect(input.peer, input.bytes);
      case 'timer':
        return this.#onTimer(input.name);
      case 'storageFailed':
        this.#isOver = true;
        throw input.error;
      default:
        // Nothing else was asked for yet.
        return;
    }
  }

  #onTimer(name: string): void {
    if (name === 'restore/disk') return this.#checkDisk();
    if (name !== 'restore') return;
    this.#options.ports.timers.set('restore', limits.restoreTickMs);
    const nowMs = this.#options.ports.clock.nowMs();
    for (const peer of this.#chosen?.downloads?.expire(nowMs) ?? []) this.#penalise(peer, 'no chunk in time', 'minor');
    this.#report();
    this.#proceed();
  }

  #onDirect(id: PeerId, bytes: Uint8Array): void {
    const message = bytes.length > limits.directMessageBytesMax ? null : decodeDirect(bytes);
    if (message === null) return this.#penalise(id, 'malformed message', 'severe');
    const peer = this.#peers.get(id);
    if (peer === null) return;
    if (message.kind === 'hello') {
      const { chainId, genesisHash } = this.#options.identity;
      if (message.chainId !== chainId || message.genesisHash !== genesisHash) {
        return this.#penalise(id, `node of another chain (${message.chainId})`, 'severe');
      }
      peer.hello = bytes;
      return this.#send(id, { kind: 'snapshotsGet' });
    }
    if (peer.hello === null) return this.#penalise(id, 'message before hello', 'minor');
    this.#onMessage(id, message);
  }

  #onMessage(id: PeerId, message: DirectMessage): void {
    switch (message.kind) {
      case 'snapshots':
        return this.#onOffers(id, message.heights);
      case 'lightBlock':
        this.#proofs.onLightBlock(id, message.height, message.block);
        return this.#proceed();
      case 'snapshot':
        this.#proofs.onSnapshot(id, message.height, message.snapshot);
        return this.#proceed();
      case 'chunk':
        return this.#onChunk(id, message);
      case 'busy':
        return this.#onBusy(id, message.retryAfterMs);
      default:
        // Votes, statuses and requests are for a node that has a state.
        return;
    }
  }

  #onOffers(id: PeerId, heights: readonly Height[]): void {
    if (heights.length > limits.restoreOffers) return;
    this.#peers.offer(id, heights);
    this.#firstOfferAtMs ??= this.#options.ports.clock.nowMs();
    this.#proceed();
  }

  /** Does whatever can be done now; safe to call at any time. */
  #proceed(): void {
    if (this.#isOver) return;
    if (this.#chosen === null) this.#choose();
    if (this.#isOver) return;
    if (this.#chosen === null) this.#proofs.proceed();
    // It may have been proven just now by what is on disk.
    const { downloads = null } = this.#chosen ?? {};
    if (this.#chosen !== null && downloads !== null) this.#askChunks(this.#chosen, downloads);
  }

  /** Begins with as many of the offered heights as are looked at together; syncs by blocks where there is none. */
  #choose(): void {
    const nowMs = this.#options.ports.clock.nowMs();
    const peers = this.#peers.greeted();
    const isComplete = peers.length > 0 && peers.every(({ offers }) => offers !== null);
    const isPatient = this.#firstOfferAtMs === null || nowMs - this.#firstOfferAtMs < limits.restoreOfferWaitMs;
    const kept = this.#keptHeight();
    if (kept === null && isPatient && !isComplete && this.#proofs.heights.length === 0) {
      if (!this.#options.isRequired && nowMs - this.#startedAtMs >= limits.restorePatienceMs)
        this.#finish({ kind: 'blocks' });
      return;
    }
    for (const height of [...(kept === null ? [] : [kept]), ...this.#peers.ranked(this.#least)]) {
      if (this.#proofs.heights.length >= limits.restoreProofs) break;
      if (this.#chosen === null && !this.#proofs.heights.includes(height)) this.#begin(height);
    }
    if (this.#chosen !== null || this.#proofs.heights.length > 0 || isPatient) return;
    if (this.#options.isRequired) this.#askOffers();
    else this.#finish({ kind: 'blocks' });
  }

  /** The block above a snapshot must not lie below the checkpoint: nothing would vouch for it. */
  get #least(): Height {
    return Math.max(1, this.#options.checkpoint.height);
  }

  #readKept() {
    const snapshot = this.#options.files.begun();
    const manifest = snapshot === null ? null : decodeManifest(snapshot.manifest);
    if (snapshot === null || !manifest?.ok || manifest.value.height < this.#options.checkpoint.height) return null;
    const { height, chunks } = manifest.value;
    return { height, chunks: chunks.filter(({ leaves }) => leaves > 0).length, snapshot };
  }

  /** The snapshot that an earlier life began, when it is complete or somebody still offers it. */
  #keptHeight(): Height | null {
    if (this.#kept === null) return null;
    const { height, chunks } = this.#kept;
    return this.#options.files.chunks() >= chunks || this.#peers.sources(height).length > 0 ? height : null;
  }

  #askOffers(): void {
    // Nobody who is believed has any: better doubtful ones than none.
    if (this.#peers.ranked(this.#least).length === 0) this.#peers.forgive();
    this.#firstOfferAtMs = this.#options.ports.clock.nowMs() + limits.restoreOfferWaitMs;
    for (const { id } of this.#peers.greeted()) this.#send(id, { kind: 'snapshotsGet' });
  }

  #begin(height: Height): void {
    this.#tell('info', 'a snapshot is looked at', { height, sources: this.#peers.sources(height).length });
    this.#proofs.begin(height);
  }

  #onProven({ height, manifest, anchor, snapshot }: ProvenSnapshot, first: FirstChunk | null): void {
    const { files, ports } = this.#options;
    this.#tell('info', 'a snapshot will be restored', { height, sources: this.#peers.sources(height).length });
    const nowMs = ports.clock.nowMs();
    const onDisk =
      files.chunks() > 0
        ? manifest.chunks.flatMap(({ leaves }, index) => (leaves > 0 && index !== first?.index ? [index] : []))
        : [];
    const parts: StatePart[] = [];
    this.#chosen = { height, manifest, anchor, parts, downloads: null, progressAtMs: nowMs, onDisk };
    if (this.#kept?.height !== height) files.begin(snapshot);
    if (first !== null) {
      parts[first.index] = first.part;
      files.save(first.index, first.bytes);
    }
    ports.timers.set('restore/disk', 0);
  }

  /** One chunk a turn, so that nothing else waits long. */
  #checkDisk(): void {
    const chosen = this.#chosen;
    const index = chosen?.onDisk.shift();
    if (chosen === null) return;
    if (index === undefined) {
      const wanted = chosen.manifest.chunks.flatMap(({ leaves }, at) =>
        leaves > 0 && chosen.parts[at] === undefined ? [at] : [],
      );
      chosen.downloads = new ChunkDownloads(wanted);
      chosen.progressAtMs = this.#options.ports.clock.nowMs();
      return chosen.downloads.isDone ? this.#complete(chosen) : this.#proceed();
    }
    const bytes = this.#options.files.chunk(index);
    const part = bytes === null ? null : this.#open(chosen.manifest, index, bytes);
    if (part?.ok) chosen.parts[index] = part.value;
    this.#options.ports.timers.set('restore/disk', 0);
  }

  #askChunks(chosen: Chosen, downloads: ChunkDownloads): void {
    const sources = this.#peers.sources(chosen.height);
    if (sources.length === 0) return this.#giveUp(chosen.height);
    const nowMs = this.#options.ports.clock.nowMs();
    if (this.#isStalled(chosen, nowMs)) {
      for (const id of downloads.fruitless()) {
        this.#peers.doubt(id);
        this.#penalise(id, 'offers a snapshot and gives nothing of it', 'minor');
      }
      chosen.progressAtMs = nowMs;
      if (this.#peers.hasOther(chosen.height, this.#least)) return this.#giveUp(chosen.height);
      return this.#proceed();
    }
    for (const { peer, index } of downloads.plan(sources, nowMs)) {
      this.#send(peer, { kind: 'chunkGet', height: chosen.height, index });
    }
  }

  /** No chunk came for long; not so long while these sources were never doubted and others offer another snapshot. */
  #isStalled({ height, progressAtMs }: Chosen, nowMs: number): boolean {
    const waitedMs = nowMs - progressAtMs;
    if (waitedMs >= limits.restoreStallMs) return true;
    const isShort = waitedMs >= limits.restoreStallFirstMs && !this.#peers.isDoubted(height);
    return isShort && this.#peers.hasOther(height, this.#least);
  }

  #onChunk(id: PeerId, { height, index, bytes }: Extract<DirectMessage, { kind: 'chunk' }>): void {
    const chosen = this.#chosen;
    if (chosen === null) {
      this.#proofs.onChunk(id, { kind: 'chunk', height, index, bytes });
      return this.#proceed();
    }
    if (chosen.downloads === null || height !== chosen.height) return;
    if (!chosen.downloads.take(id, index)) return;
    if (bytes === null) this.#peers.withdraw(id, height);
    else {
      const part = this.#open(chosen.manifest, index, bytes);
      if (!part.ok) {
        chosen.downloads.forget(id);
        this.#distrust(id, `chunk ${index}: ${part.reason}`);
      } else {
        chosen.parts[index] = part.value;
        chosen.downloads.done(id, index);
        chosen.progressAtMs = this.#options.ports.clock.nowMs();
        this.#options.files.save(index, bytes);
      }
    }
    if (chosen.downloads.isDone) this.#complete(chosen);
    else this.#proceed();
  }

  #open({ depth, chunks }: SnapshotManifest, index: number, bytes: Uint8Array): Decoded<StatePart> {
    const root = chunks[index];
    return root === undefined ? { ok: false, reason: 'no such chunk' } : openChunk(bytes, { depth, index, root });
  }

  #complete({ manifest, anchor, parts }: Chosen): void {
    const { depth, chunks, stateRoot } = manifest;
    const state = StateTree.fromParts(chunks.map((_, index) => parts[index] ?? new StatePart(depth, index, null)));
    if (state.root !== stateRoot) throw new TypeError('parts that are right one by one make another state');
    this.#report();
    this.#finish({ kind: 'restored', state, anchor });
  }

  #onBusy(id: PeerId, retryAfterMs: number): void {
    const untilMs = this.#options.ports.clock.nowMs() + Math.min(retryAfterMs, limits.restoreBusyMs);
    this.#chosen?.downloads?.pause(id, untilMs);
    this.#proofs.onBusy(id);
  }

  /** Nobody has this snapshot any more: another may be there. What is on disk is tried again for it. */
  #giveUp(height: Height): void {
    this.#chosen = null;
    this.#tell('info', 'this snapshot is not there any more; looking for another', { height });
    this.#askOffers();
  }

  #report(): void {
    const { manifest, downloads, height } = this.#chosen ?? {};
    if (manifest == null || downloads == null) return;
    const of = manifest.chunks.filter(({ leaves }) => leaves > 0).length;
    const megabytes = Math.round(snapshotSize(manifest).bytes / 1_000_000);
    const done = of - downloads.left;
    this.#options.onProgress?.({ height: manifest.height, done, of, bytes: snapshotSize(manifest).bytes });
    this.#tell('info', 'restoring a snapshot', { height, chunks: `${done}/${of}`, megabytes });
  }

  #distrust(id: PeerId, reason: string): void {
    this.#peers.remove(id);
    this.#penalise(id, reason, 'severe');
  }

  #penalise(id: PeerId, reason: string, severity: 'minor' | 'severe'): void {
    this.#options.ports.network.penalise(id, reason, severity);
  }

  #finish(outcome: RestoreOutcome): void {
    this.#isOver = true;
    this.#options.ports.timers.clear('restore');
    this.#options.ports.timers.clear('restore/disk');
    this.#options.onOutcome(outcome);
  }

  #send(id: PeerId, message: DirectMessage): void {
    this.#options.ports.network.send(id, encodeDirect(message));
  }

  #tell(level: 'info' | 'warn', message: string, facts: Readonly<Record<string, unknown>>): void {
    this.#options.ports.observer.onHostEvent({ kind: 'log', level, message, facts });
  }
}
