/**
 * Evidence that waits for a block of this node: what its own consensus saw, and what others handed in. Owns the pool and
 * its bounds; whether a block may carry an item is decided by the chain when one is built.
 */
import {
  decodeEvidence,
  type Evidence,
  evidenceProblem,
  isEvidenceOver,
  offencesOf,
  stripEvidence,
  type VerifySignature,
} from '@synod/chain';
import type { ChainHead } from './chain-head.ts';
import { limits } from './limits.ts';

/** What became of evidence handed in. `code` is the chain's, `MALFORMED` or `EVIDENCE_POOL_FULL`. */
export type EvidenceAdmission =
  | { readonly kind: 'added' | 'known'; readonly evidence: Evidence }
  | { readonly kind: 'refused'; readonly code: string };

export class EvidencePool {
  readonly #items = new Map<string, Evidence>();

  /** What this node's own consensus saw: its signatures were verified, and it may be about the height under way. */
  note(evidence: Evidence): void {
    if (this.#items.size < limits.evidencePool) this.#items.set(keyOf(evidence), evidence);
  }

  /** What somebody hands in (`encodeEvidence`): kept when the next block could carry it. */
  submit(
    bytes: Uint8Array,
    at: {
      readonly head: ChainHead;
      readonly chainId: string;
      readonly timeMs: number;
      readonly verify: VerifySignature;
    },
  ): EvidenceAdmission {
    const decoded = decodeEvidence(bytes);
    if (!decoded.ok) return { kind: 'refused', code: 'MALFORMED' };
    const evidence = stripEvidence(decoded.value);
    if (this.#items.has(keyOf(evidence))) return { kind: 'known', evidence };
    const { head, chainId, verify } = at;
    const time = Math.max(at.timeMs, (head.header?.time ?? 0) + 1);
    const code = evidenceProblem(head.state, evidence, { chainId, height: head.height + 1, time, verify });
    if (code !== null) return { kind: 'refused', code };
    if (this.#items.size >= limits.evidencePool) return { kind: 'refused', code: 'EVIDENCE_POOL_FULL' };
    this.#items.set(keyOf(evidence), evidence);
    return { kind: 'added', evidence };
  }

  /** The longest waiting, for the next block. */
  candidates(): readonly Evidence[] {
    return [...this.#items.values()].slice(0, limits.evidencePerBlock);
  }

  /** Drops what the new head has recorded or is too late for. */
  onHead({ state, height, header }: ChainHead): void {
    const next = { height: height + 1, time: (header?.time ?? 0) + 1 };
    for (const [key, evidence] of this.#items) if (isEvidenceOver(state, evidence, next)) this.#items.delete(key);
  }
}

/** One item a set of offences: whoever sees the same again adds nothing. */
function keyOf(evidence: Evidence): string {
  return offencesOf(evidence)
    .map(({ id }) => id)
    .join();
}
