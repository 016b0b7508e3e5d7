/** What a node answers to whoever hands in evidence. Owns the words; the host admits it. */
import { type Address, type Height, offenders, slotOf } from '@synod/chain';
import type { EvidenceAdmission } from '../host/index.ts';
import { describeRefusal } from './refusals.ts';

/** What became of evidence handed in; `code` is `OK` or why it was refused. */
export type EvidenceAnswer = {
  readonly status: 'accepted' | 'known' | 'refused';
  readonly code: string;
  readonly hint: string | null;
  /** Whom it accuses, and the height it is about, where it was not refused. */
  readonly validators: readonly Address[];
  readonly height: Height | null;
};

/** Known evidence is no refusal: nothing is left to do. */
export function evidenceAnswer(admission: EvidenceAdmission): EvidenceAnswer {
  if (admission.kind !== 'refused') {
    const { kind, evidence } = admission;
    const status = kind === 'added' ? ('accepted' as const) : ('known' as const);
    return { status, code: 'OK', hint: null, validators: offenders(evidence), height: slotOf(evidence).height };
  }
  const { code } = admission;
  const status = code === 'EVIDENCE_KNOWN' ? ('known' as const) : ('refused' as const);
  return { status, code, hint: describeRefusal(code), validators: [], height: null };
}
