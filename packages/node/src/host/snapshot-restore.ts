/**
 * An empty node's way to a state without executing the past (spec: snapshot §7): offers, a header trusted by the light client,
 * manifest and anchor checked against it, chunks from several peers, each checked by itself. Owns that order and the verdicts on
 * peers; files, installation and what comes after are the node's. Deterministic like the host, and fed by the same inputs.
 */
import {
  type Decoded,
  decodeManifest,
  type Header,
  type Height,
  openChunk,
  type SnapshotManifest,
  StatePart,
  StateTree,
  snapshotSize,
} from '@synod/chain';
import { checkpointExpired, checkpointUnknown } from './checkpoint.ts';
import { ChunkDownloads } from './chunk-downloads.ts';
import { LightTrail } from './light-trail.ts';
import { limits } from './limits.ts';
import { type DirectMessage, decodeDirect, encodeDirect, type OfferedSnapshot } from './messages.ts';
import type { HostInput, PeerId } from './ports.ts';
import type { RestoreOptions, RestoreOutcome } from './restore-options.ts';
import { newTurn, nextOf, RestorePeers, type Turn } from './restore-peers.ts';
import { type CheckedAnchor, checkSnapshot } from './snapshot-anchor.ts';

type Chosen = {
  readonly height: Height;
  readonly trail: LightTrail;
  turn: Turn;
  header: Header | null;
  manifest: SnapshotManifest | null;
  anchor: CheckedAnchor | null;
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
  readonly #startedAtMs: number;
  #firstOfferAtMs: number | null = null;
  #chosen: Chosen | null = null;
  /** Nobody could lead to the header above what an earlier life began. */
  #ignoresBegun = false;
  #isOver = false;

  constructor(options: RestoreOptions) {
    this.#options = options;
    this.#startedAtMs = options.ports.clock.nowMs();
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
        return this.#onLightBlock(id, message.height, message.block);
      case 'snapshot':
        return this.#onSnapshot(id, message.height, message.snapshot);
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
    const chosen = this.#chosen;
    if (chosen === null) return;
    if (chosen.header === null) return this.#askLightBlock(chosen);
    if (chosen.manifest === null) return this.#askSnapshot(chosen);
    if (chosen.downloads !== null) this.#askChunks(chosen, chosen.downloads);
  }

  #choose(): void {
    const nowMs = this.#options.ports.clock.nowMs();
    const peers = this.#peers.greeted();
    const isComplete = peers.length > 0 && peers.every(({ offers }) => offers !== null);
    const isPatient = this.#firstOfferAtMs === null || nowMs - this.#firstOfferAtMs < limits.restoreOfferWaitMs;
    const begun = this.#begun();
    if (begun === null && isPatient && !isComplete) {
      if (!this.#options.isRequired && nowMs - this.#startedAtMs >= limits.restorePatienceMs)
        this.#finish({ kind: 'blocks' });
      return;
    }
    // The block above a snapshot must not lie below the checkpoint: nothing would vouch for it.
    const height = begun ?? this.#peers.best(Math.max(1, this.#options.checkpoint.height));
    if (height !== null) return this.#begin(height);
    if (!this.#options.isRequired && !isPatient) return this.#finish({ kind: 'blocks' });
    if (!isPatient) this.#askOffers();
  }

  /** The snapshot that an earlier life began, when it is complete or somebody still offers it. */
  #begun(): Height | null {
    const kept = this.#ignoresBegun ? null : this.#options.files.begun();
    const manifest = kept === null ? null : decodeManifest(kept.manifest);
    if (!manifest?.ok || manifest.value.height < this.#options.checkpoint.height) return null;
    const { height, chunks } = manifest.value;
    const isComplete = this.#options.files.chunks() >= chunks.filter(({ leaves }) => leaves > 0).length;
    return isComplete || this.#peers.sources(height).length > 0 ? height : null;
  }

  #askOffers(): void {
    this.#firstOfferAtMs = this.#options.ports.clock.nowMs() + limits.restoreOfferWaitMs;
    for (const { id } of this.#peers.greeted()) this.#send(id, { kind: 'snapshotsGet' });
  }

  #begin(height: Height): void {
    const { config, checkpoint, identity } = this.#options;
    const trail = new LightTrail({ config, checkpoint, genesis: identity.genesis, target: height + 1 });
    const nothing = { header: null, manifest: null, anchor: null, downloads: null };
    this.#chosen = { height, trail, turn: newTurn(), ...nothing, progressAtMs: 0, parts: [], onDisk: [] };
    this.#tell('info', 'a snapshot will be restored', { height, sources: this.#peers.sources(height).length });
  }

  #askLightBlock({ trail, turn, height }: Chosen): void {
    // The block above a snapshot is for those to show who offer it: a height that nobody has reached is not waited for.
    const isTarget = trail.awaited === height + 1 && !trail.isAtStart;
    if (turn.rounds >= limits.restoreLightRounds) {
      if (trail.isAtStart) throw checkpointUnknown(this.#options.checkpoint);
      this.#ignoresBegun = true;
      return isTarget ? this.#giveUpOnSources(height) : this.#giveUp(height);
    }
    const sources = isTarget ? this.#peers.sources(height) : [];
    if (isTarget && sources.length === 0 && this.#begun() !== height) return this.#giveUp(height);
    const candidates = sources.length > 0 ? sources : this.#peers.greeted().map(({ id }) => id);
    const peer = nextOf(turn, candidates, this.#options.ports.clock.nowMs());
    if (peer !== null) this.#send(peer, { kind: 'lightBlockGet', height: trail.awaited });
  }

  #onLightBlock(id: PeerId, height: Height, block: Uint8Array | null): void {
    const chosen = this.#chosen;
    if (chosen === null || chosen.header !== null) return;
    if (chosen.turn.peer !== id || height !== chosen.trail.awaited) return;
    chosen.turn.peer = null;
    if (block === null) {
      if (height === chosen.height + 1) this.#peers.disbelieve(id, chosen.height);
      return this.#proceed();
    }
    const step = chosen.trail.take(block, this.#options.ports.clock.nowMs());
    if (step.kind === 'fault') this.#distrust(id, `light block ${height}: ${step.reason}`);
    else if (step.kind === 'trust') {
      if (step.code === 'LIGHT_TRUST_EXPIRED') throw checkpointExpired(this.#options.checkpoint);
    } else {
      chosen.turn = newTurn();
      if (step.kind === 'reached') this.#onTrusted(chosen, step.header);
    }
    this.#proceed();
  }

  #onTrusted(chosen: Chosen, header: Header): void {
    chosen.header = header;
    const kept = this.#options.files.begun();
    if (kept !== null) this.#acceptSnapshot(chosen, header, kept, { isKept: true });
  }

  #askSnapshot(chosen: Chosen): void {
    const sources = this.#peers.sources(chosen.height);
    if (sources.length === 0) return this.#giveUp(chosen.height);
    if (chosen.turn.rounds >= limits.restoreLightRounds) return this.#giveUpOnSources(chosen.height);
    const peer = nextOf(chosen.turn, sources, this.#options.ports.clock.nowMs());
    if (peer !== null) this.#send(peer, { kind: 'snapshotGet', height: chosen.height });
  }

  #onSnapshot(id: PeerId, height: Height, snapshot: OfferedSnapshot | null): void {
    const chosen = this.#chosen;
    if (chosen === null || chosen.header === null || chosen.manifest !== null) return;
    if (chosen.turn.peer !== id || height !== chosen.height) return;
    chosen.turn.peer = null;
    if (snapshot === null) this.#peers.withdraw(id, height);
    else {
      const verdict = this.#acceptSnapshot(chosen, chosen.header, snapshot, { isKept: false });
      if (!verdict.ok) this.#distrust(id, `snapshot ${height}: ${verdict.reason}`);
    }
    this.#proceed();
  }

  /** Manifest and anchor are the chain's, or neither is used: nothing was fetched yet that could be lost. */
  #acceptSnapshot(
    chosen: Chosen,
    header: Header,
    snapshot: OfferedSnapshot,
    { isKept }: { isKept: boolean },
  ): Decoded<true> {
    const { identity, config, files } = this.#options;
    const checked = checkSnapshot(snapshot, { chainId: identity.chainId, header, config });
    if (!checked.ok) return checked;
    const { manifest, anchor } = checked.value;
    chosen.manifest = manifest;
    chosen.anchor = anchor;
    if (!isKept) files.begin(snapshot);
    if (files.chunks() > 0)
      chosen.onDisk.push(...manifest.chunks.flatMap(({ leaves }, at) => (leaves > 0 ? [at] : [])));
    this.#options.ports.timers.set('restore/disk', 0);
    return { ok: true, value: true };
  }

  /** One chunk a turn, so that nothing else waits long. */
  #checkDisk(): void {
    const chosen = this.#chosen;
    const index = chosen?.onDisk.shift();
    if (chosen?.manifest == null) return;
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
    if (nowMs - chosen.progressAtMs >= limits.restoreStallMs) {
      for (const id of downloads.fruitless()) this.#peers.disbelieve(id, chosen.height);
      chosen.progressAtMs = nowMs;
      return this.#proceed();
    }
    for (const { peer, index } of downloads.plan(sources, nowMs)) {
      this.#send(peer, { kind: 'chunkGet', height: chosen.height, index });
    }
  }

  #onChunk(id: PeerId, { height, index, bytes }: Extract<DirectMessage, { kind: 'chunk' }>): void {
    const chosen = this.#chosen;
    if (chosen?.manifest == null || chosen.downloads === null || height !== chosen.height) return;
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
    if (manifest === null || anchor === null) return;
    const { depth, chunks, stateRoot } = manifest;
    const state = StateTree.fromParts(chunks.map((_, index) => parts[index] ?? new StatePart(depth, index, null)));
    if (state.root !== stateRoot) throw new TypeError('parts that are right one by one make another state');
    this.#report();
    this.#finish({ kind: 'restored', state, anchor });
  }

  #onBusy(id: PeerId, retryAfterMs: number): void {
    const untilMs = this.#options.ports.clock.nowMs() + Math.min(retryAfterMs, limits.restoreBusyMs);
    this.#chosen?.downloads?.pause(id, untilMs);
    if (this.#chosen?.turn.peer === id) this.#chosen.turn.peer = null;
  }

  /** Nobody has this snapshot any more: another may be there. What is on disk is tried again for it. */
  #giveUp(height: Height): void {
    this.#chosen = null;
    this.#tell('info', 'this snapshot is not there any more; looking for another', { height });
    this.#askOffers();
  }

  /** They offered what they do not give: nothing of it counts any more, or one silent peer could be waited for for ever. */
  #giveUpOnSources(height: Height): void {
    for (const id of this.#peers.sources(height)) this.#peers.disbelieve(id, height);
    this.#giveUp(height);
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
