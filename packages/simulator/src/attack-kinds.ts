/** Names of the attacks, and which of them add messages by themselves. Owns the names only. */

export const attackKinds = [
  'equivocatingProposer',
  'equivocatingVoter',
  'silentProposer',
  'invalidBlock',
  'staleSpam',
  'futureFlood',
  'oversizeMessage',
  'forgedVote',
  'forgedCertificate',
  'usurper',
  'falseLockProof',
  'forgedBlocks',
  'falseScores',
  'doubleVoter',
  'doubleProposer',
  'silentRoundZero',
  'invalidAhead',
  'candidateFlood',
  'untimelyBlock',
  'unsignedExtension',
  'otherBody',
  'falseHello',
] as const;

export type AttackKind = (typeof attackKinds)[number];

/** Attacks that add messages, again and again; the others change what the host sends. */
export const repeatedAttacks: readonly AttackKind[] = [
  'staleSpam',
  'futureFlood',
  'forgedVote',
  'forgedCertificate',
  'usurper',
  'falseLockProof',
  'invalidAhead',
  'candidateFlood',
  'falseHello',
];
