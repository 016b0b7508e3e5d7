/**
 * Proposals in state (spec: staking §8), and what a change of parameters must satisfy. Owns the records; who may make and
 * decide them is voting-transactions.ts and close-votes.ts.
 */
import assert from 'node:assert/strict';
import { decodeParamsProposal, encodeParamsProposal } from '../codec/index.ts';
import { mustReadValidatorsAt, setSizeMax } from '../staking/validator-sets.ts';
import { stateKeys } from '../state/keys.ts';
import { withParam } from '../state/param-rules.ts';
import { paramsProblem } from '../state/params.ts';
import {
  readHashList,
  readHead,
  readParams,
  readRecord,
  remembered,
  writeHashList,
  writeRecord,
} from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type { ChainParams, Hash, ParamChange, ParamsProposal } from '../types/index.ts';

const proposalForm = remembered({ encode: encodeParamsProposal, decode: decodeParamsProposal });

/** Ids of proposals that are voted on or wait for the end of the epoch, in the order in which they were made. */
export function listParamsProposals(view: StateView): readonly Hash[] {
  return readHashList(view, stateKeys.proposals);
}

/** A proposal that is on that list, or null. */
export function readParamsProposal(view: StateView, id: Hash): ParamsProposal | null {
  return readRecord(view, stateKeys.proposal(id), proposalForm);
}

export function mustReadParamsProposal(view: StateView, id: Hash): ParamsProposal {
  const proposal = readParamsProposal(view, id);
  assert.ok(proposal !== null, 'a listed proposal has a record');
  return proposal;
}

export function writeParamsProposal(overlay: Overlay, proposal: ParamsProposal): void {
  writeRecord(overlay, stateKeys.proposal(proposal.id), proposalForm, proposal);
}

export function addParamsProposal(overlay: Overlay, proposal: ParamsProposal): void {
  writeParamsProposal(overlay, proposal);
  writeHashList(overlay, stateKeys.proposals, [...listParamsProposals(overlay), proposal.id]);
}

export function removeParamsProposal(overlay: Overlay, id: Hash): void {
  overlay.delete(stateKeys.proposal(id));
  writeHashList(
    overlay,
    stateKeys.proposals,
    listParamsProposals(overlay).filter((each) => each !== id),
  );
}

/** The parameters in state with the changes made, in order; every name is in the table. */
export function changedParams(view: StateView, changes: readonly ParamChange[]): ChainParams {
  return changes.reduce((params, { name, value }) => withParam(params, name, value), readParams(view));
}

/**
 * Why the chain cannot go over to these parameters at its head, in words, or null: ranges and relations as at genesis, and
 * what is under way must still fit.
 */
export function transitionProblem(view: StateView, next: ChainParams): string | null {
  const now = readParams(view);
  const problem = paramsProblem(next);
  if (problem !== null) return problem;
  // Stake that is on its way out answers for as long as it was told when it left.
  const unbondingHeights = Math.min(now.staking.unbondingHeights, next.staking.unbondingHeights);
  if (paramsProblem({ ...next, staking: { ...next.staking, unbondingHeights } }) !== null)
    return 'evidence would outlive stake that is unbonding now: raise params.staking.unbondingHeights first';
  // Extensions of the last commit were signed under the present bound.
  if (next.extensionBytesMax < now.extensionBytesMax) return 'params.extensionBytesMax may only rise';
  const head = readHead(view);
  const largest = [head, head + 1, head + 2].map((height) =>
    height < 1 ? 0 : mustReadValidatorsAt(view, height).length,
  );
  return Math.max(...largest) <= setSizeMax(next)
    ? null
    : 'a full block would not fit beside the extensions of the set';
}
