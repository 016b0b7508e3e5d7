/**
 * Proposals of parameters as JSON (spec: staking §8). Owns schemas and conversions; values of every parameter are decimal
 * strings here, because a change may be of a count or of an amount.
 */
import type { ParamChange, ParamsProposal, VoteTally } from '@synod/chain';
import { z } from 'zod';
import type { ProposalView } from '../node-api.ts';
import { AddressText, Decimal, decimal, HexHash, hexOf, Ratio, ratio } from './scalars.ts';

export const VoteChoiceJson = z.enum(['yes', 'no', 'abstain']);

export const ParamChangeJson = z.strictObject({ name: z.string(), value: Decimal });

export const ParamsProposalJson = z.strictObject({
  proposal: HexHash,
  proposer: AddressText,
  title: z.string(),
  changes: z.array(ParamChangeJson),
  deposit: Decimal,
  openedAt: Decimal,
  /** Last height at which votes count. */
  votingEndsAt: Decimal,
  /** `passed` waits for the end of the epoch. */
  phase: z.enum(['voting', 'passed']),
  votes: z.array(z.strictObject({ validator: AddressText, choice: VoteChoiceJson })),
  /** Stake behind each choice now, and all active stake, in nano. */
  tally: z.strictObject({ yes: Decimal, no: Decimal, abstain: Decimal, total: Decimal }),
});

/** A parameter as whoever proposes sees it: nano, parts per million or a whole number. */
export const ParamEntryJson = z.strictObject({
  name: z.string(),
  value: Decimal,
  least: Decimal,
  most: Decimal,
  kind: z.enum(['count', 'amount', 'part']),
  /** Changed by more than 2/3 of the votes, any other by more than half. */
  isSafety: z.boolean(),
});

export const ProposalViewJson = ParamsProposalJson.extend({
  isSafety: z.boolean(),
  /** Part of all active stake that must vote, and that which did. */
  quorum: Ratio,
  turnout: Ratio,
  outcomeNow: z.enum(['passed', 'rejected', 'vetoed', 'noQuorum']),
  /** First height with the new parameters, should it pass. */
  actsAt: Decimal,
});

/** The JSON of a proposal with what it would come to now; `quorum` in parts per million. */
export function proposalViewJson(view: ProposalView, quorum: number): z.output<typeof ProposalViewJson> {
  const { yes, no, abstain, total } = view.tally;
  const turnout = total === 0n ? 0 : Number(((yes + no + abstain) * 1_000_000n) / total);
  return {
    ...paramsProposalJson(view.proposal, view.tally),
    isSafety: view.isSafety,
    quorum: ratio(quorum),
    turnout: ratio(turnout),
    outcomeNow: view.outcomeNow,
    actsAt: decimal(view.actsAt),
  };
}

/** The JSON of changes. */
export function paramChangesJson(changes: readonly ParamChange[]): z.output<typeof ParamChangeJson>[] {
  return changes.map(({ name, value }) => ({ name, value: decimal(value) }));
}

/** The JSON of an open proposal with the count as it stands. */
export function paramsProposalJson(proposal: ParamsProposal, tally: VoteTally): z.output<typeof ParamsProposalJson> {
  const { id, proposer, title, changes, deposit, openedAt, votingEndsAt, phase, votes } = proposal;
  return {
    proposal: hexOf(id),
    proposer,
    title,
    changes: paramChangesJson(changes),
    deposit: decimal(deposit),
    openedAt: decimal(openedAt),
    votingEndsAt: decimal(votingEndsAt),
    phase,
    votes: votes.map(({ validator, choice }) => ({ validator, choice })),
    tally: {
      yes: decimal(tally.yes),
      no: decimal(tally.no),
      abstain: decimal(tally.abstain),
      total: decimal(tally.total),
    },
  };
}
