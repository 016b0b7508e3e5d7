/**
 * Blobs that the chain names (spec: learning §3): looks at what state names, fetches what is not here, and attests for this validator what
 * is durable and right, until a decided block carries it. Owns what is wanted and what is attested; the fetching is blob-fetches.ts, the
 * files are the store's. Building an extension never waits for any of it.
 */
import {
  type BlobAttest,
  CHAIN_LIMITS,
  decodeFeedbackBlob,
  feedbackBlobProblem,
  type Height,
  listPendingBlobs,
  type PendingBlob,
  readFeedback,
  type StateView,
} from '@synod/chain';
import { type BlobAnswer, BlobFetches } from './blob-fetches.ts';
import { BlobScan, type NamedBlob, roundBlobs } from './blob-scan.ts';
import type { ChainHead } from './chain-head.ts';
import { limits } from './limits.ts';
import type { BlobStore, HostInput, HostPorts, PeerId } from './ports.ts';
import type { Peer } from './sync.ts';

export type BlobDeskOptions = {
  readonly ports: HostPorts;
  readonly head: () => ChainHead;
  readonly peers: () => readonly Peer[];
};

export type BlobInput = Extract<HostInput, { kind: 'blobStored' | 'blobDamaged' }>;

export class BlobDesk {
  readonly #options: BlobDeskOptions;
  readonly #fetches: BlobFetches | null;
  readonly #scan = new BlobScan();
  /** Whether what is here is what its record says, by blob and owner, of those that are pending. */
  #verdicts: ReadonlyMap<string, boolean> = new Map();
  #searchedAt: Height = 0;

  constructor(options: BlobDeskOptions) {
    this.#options = options;
    const { blobs } = options.ports;
    this.#fetches = blobs === undefined ? null : new BlobFetches({ ...options, blobs });
  }

  /** Looks at what state names. Called for every new head. */
  onHead(): void {
    const { ports, head } = this.#options;
    if (ports.blobs === undefined || this.#fetches === null) return;
    const { height, state } = head();
    const pending = listPendingBlobs(state);
    this.#fetches.setUrgent(new Set(pending.map(({ content }) => content)));
    for (const blob of pending) this.#want(ports.blobs, blob, true);
    for (const blob of roundBlobs(state)) this.#want(ports.blobs, blob, false);
    this.#search(ports.blobs, state, height);
    this.#judge(ports.blobs, state, pending);
    this.#fetches.proceed();
  }

  /** Asks on. Called on a timer too. */
  proceed(): void {
    this.#fetches?.proceed();
  }

  onChunk(peer: PeerId, answer: BlobAnswer): void {
    this.#fetches?.onAnswer(peer, answer);
  }

  onBusy(peer: PeerId, retryAfterMs: number): void {
    this.#fetches?.onBusy(peer, retryAfterMs);
  }

  /** A blob became durable, by whomever it was saved, or was found to be damaged. */
  onInput({ kind, content }: BlobInput): void {
    if (kind === 'blobStored') this.#fetches?.end(content);
    else this.#scan.restart();
    this.onHead();
  }

  /** What this validator's next precommit attests: at most one item. */
  items(): readonly BlobAttest[] {
    const { signer, blobs } = this.#options.ports;
    if (signer === null || blobs === undefined) return [];
    const due = listPendingBlobs(this.#options.head().state).filter(
      (blob) =>
        !blob.attested.includes(signer.operator) && this.#verdicts.get(keyOf(blob)) === true && blobs.has(blob.content),
    );
    const contents = [...new Set(due.map(({ content }) => content))].slice(0, CHAIN_LIMITS.attestationsMax);
    return contents.length === 0 ? [] : [{ kind: 'blob.attest', contents }];
  }

  /** Everything that was given up, or fell between two heads, is found again from time to time. */
  #search(blobs: BlobStore, state: StateView, height: Height): void {
    if (height - this.#searchedAt >= limits.blobSearchHeights) {
      this.#searchedAt = height;
      this.#scan.restart();
    }
    this.#scan.proceed(state, limits.blobRecordsPerHead, (blob) => {
      if (blobs.has(blob.content)) return true;
      if ((this.#fetches?.background ?? 0) >= limits.blobsWanted) return false;
      this.#want(blobs, blob, false);
      return true;
    });
  }

  #want(blobs: BlobStore, { content, bytes }: NamedBlob, isUrgent: boolean): void {
    if (!blobs.has(content)) this.#fetches?.want({ content, bytes }, isUrgent);
  }

  /** Reads what is pending and here, a few blobs at a head; only a validator has to know. */
  #judge(blobs: BlobStore, state: StateView, pending: readonly PendingBlob[]): void {
    if (this.#options.ports.signer === null) return;
    const verdicts = new Map<string, boolean>();
    let checks = 0;
    for (const blob of pending) {
      const known = this.#verdicts.get(keyOf(blob));
      if (known !== undefined) verdicts.set(keyOf(blob), known);
      if (known !== undefined || !blobs.has(blob.content) || checks >= limits.blobChecksPerHead) continue;
      checks += 1;
      const bytes = blobs.read(blob.content);
      if (bytes === null) continue;
      const problem = problemOf(state, blob, bytes);
      verdicts.set(keyOf(blob), problem === null);
      if (problem !== null) this.#tell(blob, problem);
    }
    this.#verdicts = verdicts;
  }

  #tell({ content, owner }: PendingBlob, problem: string): void {
    const message = 'a blob is not what its record says; it is not attested';
    this.#options.ports.observer.onHostEvent({
      kind: 'log',
      level: 'warn',
      message,
      facts: { content, ...owner, problem },
    });
  }
}

/** Name of what the blob says otherwise than its record, or null (spec: learning §3.2). */
function problemOf(state: StateView, { bytes, owner }: PendingBlob, blob: Uint8Array): string | null {
  if (blob.length !== bytes) return 'bytes';
  if (owner.kind === 'delta') return null;
  const feedback = readFeedback(state, owner.domain, owner.number);
  const said = decodeFeedbackBlob(blob);
  if (feedback === null || said === null) return 'form';
  return feedbackBlobProblem(said, feedback);
}

function keyOf({ content, owner }: PendingBlob): string {
  const place = owner.kind === 'feedback' ? owner.number : `trainer ${owner.trainer}`;
  return `${content}/${owner.domain}/${place}`;
}
