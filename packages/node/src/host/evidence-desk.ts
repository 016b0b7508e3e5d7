/**
 * Evidence on its way: from this node's consensus, its users and its peers into the pool, and on to every peer, so that no
 * node can hide what was handed to it. Owns who is told and whom a bad item is held against; the pool owns what is kept.
 */
import type { Evidence } from '@synod/chain';
import type { ChainHead, ChainIdentity } from './chain-head.ts';
import { type EvidenceAdmission, EvidencePool } from './evidence-pool.ts';
import type { Judge } from './judge.ts';
import { encodeDirect } from './messages.ts';
import type { GossipVerdict, HostPorts, PeerId } from './ports.ts';

/** What honest nodes at different heads may disagree about: no reason to blame who sent it. */
const NOBODYS_FAULT: readonly string[] = [
  'EVIDENCE_FROM_FUTURE',
  'EVIDENCE_TOO_OLD',
  'EVIDENCE_KNOWN',
  'EVIDENCE_POOL_FULL',
];

export class EvidenceDesk {
  readonly #pool = new EvidencePool();
  readonly #identity: ChainIdentity;
  readonly #ports: Pick<HostPorts, 'network' | 'clock'>;
  readonly #judge: Judge;
  readonly #head: () => ChainHead;
  readonly #peers: () => readonly { readonly id: PeerId; readonly isGreeted: boolean }[];

  constructor(options: {
    identity: ChainIdentity;
    ports: Pick<HostPorts, 'network' | 'clock'>;
    judge: Judge;
    head: () => ChainHead;
    peers: () => readonly { readonly id: PeerId; readonly isGreeted: boolean }[];
  }) {
    this.#identity = options.identity;
    this.#ports = options.ports;
    this.#judge = options.judge;
    this.#head = options.head;
    this.#peers = options.peers;
  }

  /** What this node's own consensus saw; peers are told once its height is decided. */
  note(evidence: Evidence): void {
    this.#pool.note(evidence);
  }

  /** Encoded evidence that somebody found: checked, kept for a block, and passed on. */
  submit(bytes: Uint8Array): EvidenceAdmission {
    const admission = this.#admit(bytes);
    if (admission.kind === 'added') this.#tell(null);
    return admission;
  }

  /** The same from a peer, who is not told again. */
  onPeer(peer: PeerId, bytes: Uint8Array): GossipVerdict {
    const admission = this.#admit(bytes);
    if (admission.kind === 'added') this.#tell(peer);
    if (admission.kind === 'refused') return NOBODYS_FAULT.includes(admission.code) ? 'ignore' : 'reject';
    return admission.kind === 'added' ? 'accept' : 'ignore';
  }

  /** The longest waiting, for the next block. */
  candidates(): readonly Evidence[] {
    return this.#pool.candidates();
  }

  onHead(head: ChainHead): void {
    this.#pool.onHead(head);
    this.#tell(null);
  }

  #admit(bytes: Uint8Array): EvidenceAdmission {
    const [timeMs, verify] = [this.#ports.clock.nowMs(), this.#judge.crypto.verifySignature];
    return this.#pool.submit(bytes, { head: this.#head(), chainId: this.#identity.chainId, timeMs, verify });
  }

  #tell(except: PeerId | null): void {
    for (const evidence of this.#pool.takeUntold(this.#head().height)) {
      const message = encodeDirect({ kind: 'evidence', evidence });
      for (const { id, isGreeted } of this.#peers()) {
        if (isGreeted && id !== except) this.#ports.network.send(id, message);
      }
    }
  }
}
