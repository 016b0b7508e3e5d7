/**
 * Evidence that waits for a block: what this node's own consensus saw, and what others handed in. Owns the pool and its
 * bounds; whether a block may carry an item is decided by the chain when one is built, how it travels is evidence-desk.ts.
 */
import {
  decodeEvidence,
  type Evidence,
  encodeEvidence,
  evidenceProblem,
  type Height,
  isEvidenceOver,
  offenders,
  slotOf,
  stripEvidence,
  type VerifySignature,
} from '@synod/chain';
import type { ChainHead } from './chain-head.ts';
import { limits } from './limits.ts';

/** What became of evidence handed in. `code` is the chain's, `MALFORMED` or `EVIDENCE_POOL_FULL`. */
export type EvidenceAdmission =
  | { readonly kind: 'added' | 'known'; readonly evidence: Evidence }
  | { readonly kind: 'refused'; readonly code: string };

type Waiting = { readonly evidence: Evidence; toldAt: Height | null };

export class EvidencePool {
  readonly #items = new Map<string, Waiting>();

  /** What this node's own consensus saw: its signatures were verified, and it may be about the height under way. */
  note(evidence: Evidence): void {
    if (this.#isAccusedAll(evidence) || this.#items.size >= limits.evidencePool) return;
    this.#items.set(keyOf(evidence), { evidence: stripEvidence(evidence), toldAt: null });
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
    const decoded = bytes.length > limits.evidenceBytesMax ? null : decodeEvidence(bytes);
    if (!decoded?.ok) return { kind: 'refused', code: 'MALFORMED' };
    const evidence = stripEvidence(decoded.value);
    if (this.#isAccusedAll(evidence)) return { kind: 'known', evidence };
    const { head, chainId, verify } = at;
    const time = Math.max(at.timeMs, (head.header?.time ?? 0) + 1);
    const code = evidenceProblem(head.state, evidence, { chainId, height: head.height + 1, time, verify });
    if (code !== null) return { kind: 'refused', code };
    if (this.#items.size >= limits.evidencePool) return { kind: 'refused', code: 'EVIDENCE_POOL_FULL' };
    this.#items.set(keyOf(evidence), { evidence, toldAt: null });
    return { kind: 'added', evidence };
  }

  /** The longest waiting, for the next block. */
  candidates(): readonly Evidence[] {
    return [...this.#items.values()].slice(0, limits.evidencePerBlock).map(({ evidence }) => evidence);
  }

  /** Drops what the new head has recorded or is too late for. */
  onHead({ state, height, header }: ChainHead): void {
    const next = { height: height + 1, time: (header?.time ?? 0) + 1 };
    for (const [key, { evidence }] of this.#items) if (isEvidenceOver(state, evidence, next)) this.#items.delete(key);
  }

  /**
   * What peers are to be told at this head, encoded: what they were not told yet and can judge, because the height it is about
   * is decided; and again what still waits some heights later, for peers that came since or were behind.
   */
  takeUntold(head: Height): readonly Uint8Array[] {
    const due = [...this.#items.values()].filter(
      ({ evidence, toldAt }) =>
        slotOf(evidence).height <= head && (toldAt === null || head - toldAt >= limits.evidenceRepeatHeights),
    );
    return due.slice(0, limits.evidenceTold).map((waiting) => {
      waiting.toldAt = head;
      return encodeEvidence(waiting.evidence);
    });
  }

  /** One accusation bars for ever; and whoever is to be barred could sign without end, to leave no room for others. */
  #isAccusedAll(evidence: Evidence): boolean {
    const accused = new Set([...this.#items.values()].flatMap((waiting) => offenders(waiting.evidence)));
    return offenders(evidence).every((who) => accused.has(who));
  }
}

/** One item a set of validators: whoever sees the same again adds nothing. */
function keyOf(evidence: Evidence): string {
  return offenders(evidence).join();
}
