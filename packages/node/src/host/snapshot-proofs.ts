/**
 * Which offered snapshot is the chain's, and given: the light client's way to the header above it, its manifest and anchor, and a first chunk
 * (spec: snapshot §7.2), for several heights at the same time, so that who offers one and gives nothing holds up nobody. Owns the requests for these and the
 * verdicts on those who answer; the other chunks are the restorer's.
 */
import { type Header, type Height, openChunk, type SnapshotManifest, type StatePart } from '@synod/chain';
import { checkpointExpired, checkpointUnknown } from './checkpoint.ts';
import { LightTrail } from './light-trail.ts';
import { limits } from './limits.ts';
import type { DirectMessage, OfferedSnapshot } from './messages.ts';
import { PeerTurns } from './peer-turns.ts';
import type { PeerId } from './ports.ts';
import { RestoreAsks } from './restore-asks.ts';
import type { RestoreOptions } from './restore-options.ts';
import type { RestorePeers } from './restore-peers.ts';
import { type CheckedAnchor, checkSnapshot } from './snapshot-anchor.ts';

export type FirstChunk = { readonly index: number; readonly part: StatePart; readonly bytes: Uint8Array };

export type ProvenSnapshot = {
  readonly height: Height;
  readonly manifest: SnapshotManifest;
  readonly anchor: CheckedAnchor;
  readonly snapshot: OfferedSnapshot;
};

type Proof = {
  readonly height: Height;
  readonly trail: LightTrail;
  asks: RestoreAsks;
  header: Header | null;
  proven: ProvenSnapshot | null;
};

type ProofsPort = {
  send(id: PeerId, message: DirectMessage): void;
  /** Throws the peer out for good. */
  distrust(id: PeerId, reason: string): void;
  penalise(id: PeerId, reason: string): void;
  /** The first chunk is null where an earlier life began already, or there is none. */
  onProven(proven: ProvenSnapshot, first: FirstChunk | null): void;
  /** Manifest and anchor that an earlier life fetched for this height, or null. */
  kept(height: Height): OfferedSnapshot | null;
  /** What was kept is not the chain's, or nobody leads to it: it counts no more. */
  onKeptUseless(height: Height): void;
};

export class SnapshotProofs {
  readonly #options: RestoreOptions;
  readonly #peers: RestorePeers;
  readonly #port: ProofsPort;
  readonly #turns = new PeerTurns();
  readonly #proofs = new Map<Height, Proof>();
  /** The checkpoint's own light block, once it was found: the way of each height begins with it. */
  #start: Uint8Array | null = null;

  constructor(options: RestoreOptions, peers: RestorePeers, port: ProofsPort) {
    this.#options = options;
    this.#peers = peers;
    this.#port = port;
  }

  get heights(): readonly Height[] {
    return [...this.#proofs.keys()];
  }

  begin(height: Height): void {
    const { config, checkpoint, identity } = this.#options;
    const trail = new LightTrail({ config, checkpoint, genesis: identity.genesis, target: height + 1 });
    const proof = { height, trail, asks: new RestoreAsks(this.#turns), header: null, proven: null };
    this.#proofs.set(height, proof);
    if (this.#start !== null) this.#takeLightBlock(proof, this.#start, null);
  }

  forget(id: PeerId): void {
    this.#turns.forget(id);
  }

  /** Asks for whatever is missing now; safe to call at any time. */
  proceed(): void {
    const [leader] = this.#proofs.values();
    for (const proof of [...this.#proofs.values()]) {
      if (!this.#isOpen(proof)) continue;
      // The way of all begins with the same block: one asks for it.
      if (proof.header === null && proof.trail.isAtStart && proof !== leader) continue;
      if (proof.header === null) this.#askLightBlock(proof);
      else this.#askSnapshot(proof);
    }
  }

  onLightBlock(id: PeerId, height: Height, block: Uint8Array | null): void {
    for (const proof of [...this.#proofs.values()]) {
      if (!this.#isOpen(proof) || proof.header !== null) continue;
      if (proof.trail.awaited !== height || !proof.asks.isAsked(id)) continue;
      if (block !== null) this.#takeLightBlock(proof, block, id);
      else {
        proof.asks.onRefused(id);
        // It offers the state below and cannot show the block: such an offer is none.
        if (height === proof.height + 1) this.#peers.disbelieve(id);
      }
    }
  }

  onSnapshot(id: PeerId, height: Height, snapshot: OfferedSnapshot | null): void {
    const proof = this.#proofs.get(height);
    if (proof === undefined || proof.header === null || proof.proven !== null || !proof.asks.isAsked(id)) return;
    if (snapshot === null) {
      proof.asks.onRefused(id);
      this.#peers.withdraw(id, height);
    } else {
      const problem = this.#accept(proof, proof.header, snapshot);
      if (problem !== null) this.#port.distrust(id, `snapshot ${height}: ${problem}`);
    }
  }

  onChunk(id: PeerId, { height, index, bytes }: Extract<DirectMessage, { kind: 'chunk' }>): void {
    const proof = this.#proofs.get(height);
    if (proof === undefined || proof.proven === null || !proof.asks.isAsked(id)) return;
    if (index !== firstChunkOf(proof.proven)) return;
    if (bytes === null) {
      proof.asks.onRefused(id);
      return this.#peers.withdraw(id, height);
    }
    const { depth, chunks } = proof.proven.manifest;
    const part = openChunk(bytes, { depth, index, root: chunks[index]! });
    if (part.ok) this.#win(proof.proven, { index, part: part.value, bytes });
    else this.#port.distrust(id, `chunk ${index}: ${part.reason}`);
  }

  onBusy(id: PeerId): void {
    for (const { asks } of this.#proofs.values()) asks.onRefused(id);
  }

  #askLightBlock(proof: Proof): void {
    const { trail, asks, height } = proof;
    // The block above a snapshot is for those to show who offer it: a height that nobody has reached is not waited for.
    const isTarget = trail.awaited === height + 1 && !trail.isAtStart;
    const sources = this.#peers.sources(height);
    if (isTarget && sources.length === 0 && this.#port.kept(height) === null) return this.#drop(proof);
    if (asks.rounds >= (isTarget ? 1 : limits.restoreLightRounds)) {
      if (trail.isAtStart) throw checkpointUnknown(this.#options.checkpoint);
      return this.#fail(proof, isTarget ? sources : []);
    }
    const all = this.#peers.greeted().map(({ id }) => id);
    const peer = asks.next(isTarget && sources.length > 0 ? sources : all, this.#nowMs());
    if (peer !== null) this.#port.send(peer, { kind: 'lightBlockGet', height: trail.awaited });
  }

  /** `id` is null for a block that was checked before. */
  #takeLightBlock(proof: Proof, block: Uint8Array, id: PeerId | null): void {
    const { trail } = proof;
    const [wasAtStart, awaited] = [trail.isAtStart, trail.awaited];
    const step = trail.take(block, this.#nowMs());
    if (step.kind === 'trust' && step.code === 'LIGHT_TRUST_EXPIRED') throw checkpointExpired(this.#options.checkpoint);
    if (step.kind === 'fault' && id !== null) this.#port.distrust(id, `light block ${awaited}: ${step.reason}`);
    if (step.kind === 'fault' || step.kind === 'trust') return;
    if (id !== null) proof.asks.onGiven(id);
    proof.asks = new RestoreAsks(this.#turns);
    if (step.kind === 'reached') this.#onTrusted(proof, step.header);
    if (wasAtStart && this.#start === null) this.#onStart(block);
  }

  #onStart(block: Uint8Array): void {
    this.#start = block;
    for (const proof of [...this.#proofs.values()]) {
      if (this.#isOpen(proof) && proof.trail.isAtStart) this.#takeLightBlock(proof, block, null);
    }
  }

  #onTrusted(proof: Proof, header: Header): void {
    proof.header = header;
    const kept = this.#port.kept(proof.height);
    if (kept !== null && this.#accept(proof, header, kept) !== null) this.#port.onKeptUseless(proof.height);
  }

  #askSnapshot(proof: Proof): void {
    const { height, asks } = proof;
    const sources = this.#peers.sources(height);
    if (sources.length === 0) return this.#drop(proof);
    if (asks.rounds >= 1) return this.#fail(proof, sources);
    const peer = asks.next(sources, this.#nowMs());
    if (peer === null) return;
    const index = proof.proven === null ? null : firstChunkOf(proof.proven);
    this.#port.send(peer, index === null ? { kind: 'snapshotGet', height } : { kind: 'chunkGet', height, index });
  }

  /** Manifest and anchor are the chain's, or neither is used: nothing was fetched yet that could be lost. Null, or what is wrong. */
  #accept(proof: Proof, header: Header, snapshot: OfferedSnapshot): string | null {
    const { identity, config } = this.#options;
    const { height } = proof;
    const checked = checkSnapshot(snapshot, { chainId: identity.chainId, header, config });
    if (!checked.ok) return checked.reason;
    const proven = { height, ...checked.value, snapshot };
    proof.proven = proven;
    proof.asks = new RestoreAsks(this.#turns);
    if (this.#port.kept(height) !== null || firstChunkOf(proven) === null) this.#win(proven, null);
    return null;
  }

  #win(proven: ProvenSnapshot, first: FirstChunk | null): void {
    this.#proofs.clear();
    this.#port.onProven(proven, first);
  }

  /** Nobody gave in time: those who offered this are asked after others, and not for ever. */
  #fail(proof: Proof, silent: readonly PeerId[]): void {
    for (const id of silent) {
      this.#peers.doubt(id);
      this.#port.penalise(id, 'offers a snapshot and gives nothing of it');
    }
    this.#port.onKeptUseless(proof.height);
    this.#drop(proof);
  }

  /** What another one does may end it. */
  #isOpen(proof: Proof): boolean {
    return this.#proofs.get(proof.height) === proof;
  }

  #drop({ height }: Proof): void {
    this.#proofs.delete(height);
  }

  #nowMs(): number {
    return this.#options.ports.clock.nowMs();
  }
}

/** Index of the first part with leaves; null where the state is empty. */
function firstChunkOf({ manifest }: ProvenSnapshot): number | null {
  const index = manifest.chunks.findIndex(({ leaves }) => leaves > 0);
  return index === -1 ? null : index;
}
