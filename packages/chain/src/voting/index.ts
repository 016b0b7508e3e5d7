export { outcomeOf as voteOutcome, tallyVotes } from './close-votes.ts';
export { changedParams, listParamsProposals, readParamsProposal, transitionProblem } from './proposals.ts';
