/**
 * Every bound of the consensus core in one table. Owns numbers only; the files that obey them say why.
 */

/** Named maxima of the core. All are counts. */
export const limits = {
  /** Highest round that can be signed (spec: codec §2); timeouts grow, so it takes millennia to get there. */
  roundMax: 2 ** 32 - 2,
  /** Different votes kept of one validator in one round and type: two prove the crime and still let each value count. */
  conflictingVotesMax: 2,
  /** Different proposals kept of one round. */
  conflictingProposalsMax: 2,
  /** Rounds beyond the current one whose votes and proposals are kept outright (consensus §1.5). */
  futureRoundsMax: 16,
  /** Votes of one validator kept for a round further away than that: two types, two conflicting votes each. */
  parkedVotesMax: 4,
  /** Rounds behind the current one whose nil votes and proposals are kept; value votes are kept for ever (L49). */
  pastRoundsKept: 16,
  /** Validity verdicts kept; more than all kept proposals can need. */
  verdictsMax: 128,
  /** Rules one input may set off. A round has eight rules, and a step enters few rounds: reaching this is a bug. */
  rulesPerStepMax: 64,
} as const;
