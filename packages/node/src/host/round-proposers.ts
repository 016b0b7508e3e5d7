/** The proposers of one height's rounds, each reckoned once. Owns the memo; the rotation is the chain's. */
import type { Address, Round } from '@synod/chain';

/** Rounds that are remembered; peers may name any round, so later ones are reckoned each time. */
const ROUNDS_REMEMBERED = 16;

/** The same function, which must give the same for the same round. */
export function proposersOf(proposerOf: (round: Round) => Address): (round: Round) => Address {
  const known: (Address | undefined)[] = [];
  return (round) => {
    if (round >= ROUNDS_REMEMBERED) return proposerOf(round);
    const proposer = known[round] ?? proposerOf(round);
    known[round] = proposer;
    return proposer;
  };
}
