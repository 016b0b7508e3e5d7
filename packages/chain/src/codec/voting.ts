/** Codecs of proposals (spec: codec §6, §8). Owns field order; the rules are the voting folder's. */
import type { ParamChange, ParamsProposal, ParamsPropose, ParamsVote, ProposalVote } from '../types/index.ts';
import { container, list } from './composites.ts';
import { codecLimits } from './limits.ts';
import { address, amount, hash, safeInteger, text } from './primitives.ts';
import { createCodec, oneOf, type Schema } from './schema.ts';

const title = text(codecLimits.titleBytes);

const changes: Schema<readonly ParamChange[]> = list(
  container<ParamChange>({ name: text(codecLimits.nameBytes), value: amount }),
  codecLimits.paramChanges,
);

const choice = oneOf(['yes', 'no', 'abstain'] as const);

/** Fields of {@link ParamsPropose}. */
export const paramsProposeSchema = container<Omit<ParamsPropose, 'type'>>({ title, changes, deposit: amount });

/** Fields of {@link ParamsVote}. */
export const paramsVoteSchema = container<Omit<ParamsVote, 'type'>>({ proposal: hash, choice });

/** Canonical form of an open proposal. */
export const { encode: encodeParamsProposal, decode: decodeParamsProposal } = createCodec(
  'proposal of parameters',
  container<ParamsProposal>({
    id: hash,
    proposer: address,
    title,
    changes,
    deposit: amount,
    openedAt: safeInteger,
    votingEndsAt: safeInteger,
    phase: oneOf(['voting', 'passed']),
    votes: list(container<ProposalVote>({ validator: address, choice }), codecLimits.validators),
  }),
  codecLimits.listBytes,
);
