/**
 * What an expert does with its registration (spec: market §1): new profile, pause, retirement and the bond's release. Owns who a
 * slot in a query belongs to once its expert has retired or registered anew; registering is expert-register.ts.
 */
import { listLines, readRound, writeLearning } from '../learning/learning-records.ts';
import type { EmitEvent } from '../state/events.ts';
import { stateKeys } from '../state/keys.ts';
import { moveFromPot } from '../state/ledger.ts';
import {
  listOpenQueries,
  listReleases,
  readExpert,
  readQuery,
  readReputation,
  removeExpert,
  unlistExpert,
  writeExpert,
  writeReleases,
  writeReputation,
} from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import {
  type Address,
  type Expert,
  type ExpertLearn,
  type ExpertPause,
  type ExpertRetire,
  type ExpertUpdate,
  type Height,
  PPM,
  type Respondent,
} from '../types/index.ts';
import type { RegisterContext } from './expert-register.ts';

/** The present record of who was selected for the slot; null when that registration has been released, whoever has the address now. */
export function expertBehind(view: StateView, slot: Pick<Respondent, 'expert' | 'registeredAt'>): Expert | null {
  const expert = readExpert(view, slot.expert);
  return expert !== null && expert.registeredAt === slot.registeredAt ? expert : null;
}

/** True while who was selected for the slot keeps a reputation: neither retired nor registered anew since. */
export function isInOffice(view: StateView, slot: Pick<Respondent, 'expert' | 'registeredAt'>): boolean {
  const expert = expertBehind(view, slot);
  return expert !== null && expert.status !== 'retired';
}

/** Publishes the sender's new profile. Returns `OK` or a stable code. */
export function applyExpertUpdate(
  overlay: Overlay,
  { expert: profile }: ExpertUpdate,
  context: RegisterContext,
): string {
  const own = ownExpert(overlay, context.sender);
  if (typeof own === 'string') return own;
  if (profile.domain !== own.profile.domain) return 'EXPERT_DOMAIN_FIXED';
  if (profile.operator !== own.profile.operator) return 'EXPERT_OPERATOR_FIXED';
  const { modelId, knowledgeRoot } = own.profile;
  const isAnother = profile.modelId !== modelId || profile.knowledgeRoot !== knowledgeRoot;
  if (isAnother) doubt(overlay, own);
  writeExpert(overlay, { ...own, profile });
  context.emit({ type: 'expert.updated', expert: own.address, isAnother });
  return 'OK';
}

/** Leaves the sender out of selection, or takes it in again. Returns `OK` or a stable code. */
export function applyExpertPause(overlay: Overlay, { paused }: ExpertPause, context: RegisterContext): string {
  const own = ownExpert(overlay, context.sender);
  if (typeof own === 'string') return own;
  // A bond that was cut below the least one keeps its expert out: it may only retire.
  if (!paused && own.bond < context.params.expertBondMin) return 'BOND_TOO_LOW';
  writeExpert(overlay, { ...own, status: paused ? 'paused' : 'active' });
  context.emit({ type: 'expert.paused', expert: own.address, paused });
  return 'OK';
}

/** Says whether the sender answers with its domain's versions (learning §9.1). Returns `OK` or a stable code. */
export function applyExpertLearn(
  overlay: Overlay,
  { learns }: ExpertLearn,
  { sender }: { readonly sender: Address },
): string {
  const own = ownExpert(overlay, sender);
  if (typeof own === 'string') return own;
  writeLearning(overlay, sender, learns);
  return 'OK';
}

/** Takes the sender off its domain for good. Returns `OK` or a stable code. */
export function applyExpertRetire(overlay: Overlay, { expert }: ExpertRetire, context: RegisterContext): string {
  const { sender, height, params, emit } = context;
  if (expert !== sender) return 'NOT_EXPERT';
  const own = ownExpert(overlay, sender);
  if (typeof own === 'string') return own;
  const releaseAt = height + params.market.expertReleaseHeights;
  unlistExpert(overlay, own);
  writeExpert(overlay, { ...own, status: 'retired', releaseAt });
  overlay.delete(stateKeys.reputation(sender, own.profile.domain));
  writeReleases(overlay, releaseAt, [...listReleases(overlay, releaseAt), sender].sort());
  emit({ type: 'expert.retired', expert: sender, releaseAt });
  return 'OK';
}

/** End of the block at `height`: pays out the bonds that are due, but not of those whose answers an open query still waits to judge. */
export function releaseBonds(overlay: Overlay, height: Height, emit: EmitEvent): void {
  const due = listReleases(overlay, height);
  if (due.length === 0) return;
  const engaged = engagedExperts(overlay);
  for (const address of due) {
    const expert = readExpert(overlay, address)!;
    if (engaged.has(address)) {
      writeExpert(overlay, { ...expert, releaseAt: height + 1 });
      continue;
    }
    moveFromPot(overlay, 'bonded', address, expert.bond);
    removeExpert(overlay, address);
    writeLearning(overlay, address, true);
    emit({ type: 'expert.released', expert: address, bond: expert.bond });
  }
  const waiting = due.filter((address) => engaged.has(address));
  writeReleases(overlay, height, []);
  writeReleases(overlay, height + 1, [...listReleases(overlay, height + 1), ...waiting].sort());
}

/** Respondents of open queries and trainers of rounds under way: they can still be found out. */
function engagedExperts(view: StateView): ReadonlySet<Address> {
  const queries = listOpenQueries(view).flatMap((id) => readQuery(view, id) ?? []);
  const rounds = listLines(view).flatMap((domain) => readRound(view, domain) ?? []);
  const slots = [...queries.map(({ respondents }) => respondents), ...rounds.map(({ trainers }) => trainers)].flat();
  return new Set(slots.map(({ expert }) => expert));
}

/** The sender's record while it is in office, or why it has none. */
function ownExpert(view: StateView, sender: Address): Expert | string {
  const expert = readExpert(view, sender);
  if (expert === null) return 'EXPERT_UNKNOWN';
  return expert.status === 'retired' ? 'EXPERT_RETIRED' : expert;
}

/** Another model, or other knowledge: what is known of the expert counts half. */
function doubt(overlay: Overlay, { address, profile }: Expert): void {
  const before = readReputation(overlay, address, profile.domain);
  const halfway = (value: number): number => PPM + Math.trunc((value - PPM) / 2);
  const after = { ...before, alpha: halfway(before.alpha), beta: halfway(before.beta) };
  if (after.alpha === before.alpha && after.beta === before.beta) return;
  writeReputation(overlay, address, profile.domain, after);
}
