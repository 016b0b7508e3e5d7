/**
 * What peers fetch here: decided blocks, light blocks, snapshots, recipes, adapters, knowledge and blobs. Owns how much each peer is served (a share in requests and
 * bytes) and the answers about light blocks and snapshots. A peer above its share is told when to ask again.
 */
import { encodeLightBlock, type Height, type TimestampMs } from '@synod/chain';
import { BlobChunks } from './blob-chunks.ts';
import type { ChainHead, ChainIdentity } from './chain-head.ts';
import { lightBlockAt } from './light-blocks.ts';
import { limits } from './limits.ts';
import { snapshotParts } from './message-records.ts';
import { type BlockWithCommit, type DirectMessage, encodeDirect, type OfferedSnapshot } from './messages.ts';
import type { HostPorts, PeerId } from './ports.ts';
import { TokenBucket } from './token-bucket.ts';

const requestKinds = [
  'blocksGet',
  'lightBlockGet',
  'snapshotsGet',
  'snapshotGet',
  'chunkGet',
  'recipeGet',
  'adapterGet',
  'blobGet',
  'knowledgeGet',
] as const;

/** Everything that may be asked for. */
export type Request = Extract<DirectMessage, { kind: (typeof requestKinds)[number] }>;

/** True for what is asked for, and answered here. */
export function isRequest(message: DirectMessage): message is Request {
  return (requestKinds as readonly string[]).includes(message.kind);
}

/** Kind, height and the lengths of the parts, generously. */
const SNAPSHOT_OVERHEAD_BYTES = 64;

type Share = {
  readonly requests: TokenBucket;
  readonly bytes: TokenBucket;
  /** Statuses that are answered: each costs more than it cost to send. */
  readonly statuses: TokenBucket;
  refusals: number;
};

export class Serving {
  readonly #identity: ChainIdentity;
  readonly #ports: HostPorts;
  readonly #head: () => ChainHead;
  readonly #shares = new Map<PeerId, Share>();
  readonly #blobs: BlobChunks;

  constructor(options: { identity: ChainIdentity; ports: HostPorts; head: () => ChainHead }) {
    this.#identity = options.identity;
    this.#ports = options.ports;
    this.#head = options.head;
    this.#blobs = new BlobChunks(options.ports.blobs ?? null);
  }

  /** Answers, or says when to ask again; who goes on asking without waiting is penalised now and then. */
  onRequest(peer: PeerId, request: Request): void {
    const share = this.#share(peer);
    const nowMs = this.#ports.clock.nowMs();
    const waitMs = Math.max(share.requests.waitMs(nowMs), share.bytes.waitMs(nowMs));
    if (waitMs > 0) return this.#refuse(peer, share, waitMs);
    const bytes = encodeDirect(this.#answer(request));
    share.refusals = 0;
    share.requests.take(1);
    share.bytes.take(bytes.length);
    this.#ports.network.send(peer, bytes);
  }

  /** Whether the peer's status is answered with what it lacks: so often, and while its share lasts. */
  mayAnswer(peer: PeerId): boolean {
    const { statuses, bytes } = this.#share(peer);
    const nowMs = this.#ports.clock.nowMs();
    return statuses.waitMs(nowMs) === 0 && bytes.waitMs(nowMs) === 0;
  }

  /** What a status shows missing. It counts, but nobody is told to wait: the next status says it again. */
  answerStatus(peer: PeerId, answers: readonly DirectMessage[]): void {
    const { statuses, bytes } = this.#share(peer);
    statuses.take(1);
    for (const answer of answers) {
      if (bytes.waitMs(this.#ports.clock.nowMs()) > 0) return;
      const encoded = encodeDirect(answer);
      bytes.take(encoded.length);
      this.#ports.network.send(peer, encoded);
    }
  }

  /** Blocks from a height on, as many as are here in a row and fit an answer; perhaps none. */
  blocks(from: Height, count: number): readonly BlockWithCommit[] {
    const blocks: BlockWithCommit[] = [];
    let size = 0;
    for (let height = from; height < from + count && height <= this.#head().height; height++) {
      const stored = this.#ports.store.block(height);
      if (stored === null) break;
      size += stored.block.length + stored.commit.length;
      if (size > limits.syncBytes && blocks.length > 0) break;
      blocks.push({ block: stored.block, commit: stored.commit });
    }
    return blocks;
  }

  #refuse(peer: PeerId, share: Share, retryAfterMs: number): void {
    share.refusals += 1;
    this.#ports.network.send(peer, encodeDirect({ kind: 'busy', retryAfterMs }));
    if (share.refusals < limits.servedRefusals) return;
    share.refusals = 0;
    this.#ports.network.penalise(peer, 'asks for more than its share', 'minor');
  }

  #answer(request: Request): DirectMessage {
    const { snapshots, library } = this.#ports;
    switch (request.kind) {
      case 'blocksGet':
        return { kind: 'blocks', blocks: this.blocks(request.from, Math.min(request.count, limits.syncBlocks)) };
      case 'lightBlockGet':
        return { kind: 'lightBlock', height: request.height, block: this.#lightBlock(request.height) };
      case 'snapshotsGet':
        return { kind: 'snapshots', heights: snapshots?.heights().slice(-limits.restoreOffers) ?? [] };
      case 'snapshotGet':
        return { kind: 'snapshot', height: request.height, snapshot: this.#snapshot(request.height) };
      case 'chunkGet': {
        const { height, index } = request;
        return { kind: 'chunk', height, index, bytes: snapshots?.chunk(height, index) ?? null };
      }
      case 'recipeGet':
        return { kind: 'recipe', hash: request.hash, bytes: library?.read('recipe', request.hash) ?? null };
      case 'adapterGet':
        return { kind: 'adapter', hash: request.hash, bytes: library?.read('adapter', request.hash) ?? null };
      case 'knowledgeGet':
        return { kind: 'knowledge', hash: request.hash, bytes: library?.read('knowledge', request.hash) ?? null };
      case 'blobGet': {
        const { content, index } = request;
        return { kind: 'blobChunk', content, index, chunk: this.#blobs.chunk(content, index) };
      }
    }
  }

  /** Null also for one that no message can hold: results may be longer, where many queries were settled in one block. */
  #snapshot(height: Height): OfferedSnapshot | null {
    const snapshot = this.#ports.snapshots?.snapshot(height) ?? null;
    if (snapshot === null) return null;
    const bytes = snapshotParts(snapshot).reduce((sum, part) => sum + part.length, SNAPSHOT_OVERHEAD_BYTES);
    return bytes <= limits.directMessageBytesMax ? snapshot : null;
  }

  #lightBlock(height: Height): Uint8Array | null {
    const { genesis } = this.#identity;
    const block = lightBlockAt({ store: this.#ports.store, genesis, state: this.#head().state }, height);
    return block === null ? null : encodeLightBlock(block);
  }

  #share(peer: PeerId): Share {
    const known = this.#shares.get(peer);
    if (known !== undefined) return known;
    const share = newShare(this.#ports.clock.nowMs());
    // Kept when the peer leaves: coming back must not fill the share.
    this.#shares.set(peer, share);
    const [oldest] = this.#shares.keys();
    if (this.#shares.size > limits.servedPeers && oldest !== undefined) this.#shares.delete(oldest);
    return share;
  }
}

function newShare(nowMs: TimestampMs): Share {
  const { servedRequestsPerSecond, servedRequestsBurst, servedBytesPerSecond, servedBytesBurst } = limits;
  const { statusesPerSecond, statusesBurst } = limits;
  return {
    requests: new TokenBucket({ perSecond: servedRequestsPerSecond, burst: servedRequestsBurst }, nowMs),
    bytes: new TokenBucket({ perSecond: servedBytesPerSecond, burst: servedBytesBurst }, nowMs),
    statuses: new TokenBucket({ perSecond: statusesPerSecond, burst: statusesBurst }, nowMs),
    refusals: 0,
  };
}
