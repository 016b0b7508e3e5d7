/**
 * Translates between the vocabulary of the Quint specification and ours, so that its traces run production code.
 * Owns names only: no rule of the protocol is restated here.
 */
import type { Address, Hash, Proposal, PublicKey, Validator, Vote } from '@synod/chain';
import type { RoundEffect, RoundInput, RoundState } from '../../src/round-machine.ts';
import type { VoteCount, VoteKeeper, VoteKeeperOutput } from '../../src/vote-keeper.ts';
import type { Itf } from './itf.ts';

const SIGNATURE = new Uint8Array(64);

export function validatorsOf(weights: Map<string, number>): Validator[] {
  const names = [...weights].sort(([left], [right]) => (left < right ? -1 : 1));
  return names.map(([name, weight]) => ({
    operator: name as Address,
    publicKey: name as PublicKey,
    vrfKey: name as PublicKey,
    power: BigInt(weight),
  }));
}

export function voteOf(vote: Itf): Vote {
  const blockId = blockIdOf(vote.valueId);
  const type = vote.voteType.tag === 'Prevote' ? 'prevote' : 'precommit';
  return {
    type,
    height: vote.height,
    round: vote.round,
    blockId,
    validator: vote.srcAddress,
    signature: SIGNATURE,
    extension: type === 'precommit' && blockId !== null ? { bytes: new Uint8Array(), signature: SIGNATURE } : null,
  };
}

export function proposalOf(proposal: Itf): Proposal {
  return {
    height: proposal.height,
    round: proposal.round,
    polRound: proposal.validRound,
    blockId: proposal.proposal,
    proposer: proposal.srcAddress,
    signature: SIGNATURE,
  };
}

/** `Val(x)` or a bare value → x; `Nil` → null. */
export function blockIdOf(value: Itf): Hash | null {
  if (typeof value === 'string') return value as Hash;
  return value.tag === 'Val' ? (value.value as Hash) : null;
}

/** The specification's input to its consensus module → our rule. Judged-valid is in the name of its inputs. */
export function roundInputOf({ tag, value }: Itf): RoundInput {
  const blockId = (held: Itf): Hash => blockIdOf(held) as Hash;
  switch (tag) {
    case 'NewRoundCInput':
    case 'NewRoundProposerCInput':
      return { kind: 'newRound', round: value, isProposer: tag === 'NewRoundProposerCInput' };
    case 'ProposeValueCInput':
      return { kind: 'localValue', blockId: blockId(value) };
    case 'ProposalCInput':
      return { kind: 'proposal', blockId: blockId(value[1]), valid: true };
    case 'ProposalInvalidCInput':
      return { kind: 'proposal', blockId: 'an invalid block' as Hash, valid: false };
    case 'ProposalAndPolkaPreviousAndValidCInput':
      return { kind: 'proposalWithPol', blockId: blockId(value[0]), polRound: value[1], valid: true };
    case 'PolkaAnyCInput':
      return { kind: 'polkaAny' };
    case 'PolkaNilCInput':
      return { kind: 'polkaNil' };
    case 'ProposalAndPolkaAndValidCInput':
      return { kind: 'polkaValue', blockId: blockId(value) };
    case 'PrecommitAnyCInput':
      return { kind: 'precommitAny' };
    case 'ProposalAndCommitAndValidCInput':
      return { kind: 'precommitValue', round: value[0], blockId: blockId(value[1]) };
    case 'RoundSkipCInput':
      return { kind: 'skip', round: value };
    case 'TimeoutProposeCInput':
      return { kind: 'timeoutPropose', round: value[1] };
    case 'TimeoutPrevoteCInput':
      return { kind: 'timeoutPrevote', round: value[1] };
    case 'TimeoutPrecommitCInput':
      return { kind: 'timeoutPrecommit', round: value[1] };
    default:
      throw new Error(`no such input in the adapter: ${tag}`);
  }
}

const STEPS = {
  new: 'NoStep',
  propose: 'ProposeStep',
  prevote: 'PrevoteStep',
  precommit: 'PrecommitStep',
  commit: 'CommitStep',
};

/** Our round state in the specification's words, as far as both have it. */
export function describeMachine(state: RoundState): unknown {
  const { round, step, lockedRound, lockedValue, validRound, validValue } = state;
  return { round, step: STEPS[step], lockedRound, lockedValue, validRound, validValue };
}

/** The specification's `cs` in the same form: its `UnstartedStep` is our `new` between rounds. */
export function describeCs(cs: Itf): unknown {
  const step = cs.step.tag === 'UnstartedStep' ? 'NoStep' : cs.step.tag;
  const { round, lockedRound, validRound } = cs;
  return {
    round,
    step,
    lockedRound,
    lockedValue: blockIdOf(cs.lockedValue),
    validRound,
    validValue: blockIdOf(cs.validValue),
  };
}

const capital = (word: string): string => word[0]?.toUpperCase() + word.slice(1);

/**
 * Our effects as the one output of the specification. The propose timeout that we also run for a proposer that has a
 * valid value (round-machine.ts says why) stands beside its proposal and is left out.
 */
export function describeEffects(effects: readonly RoundEffect[]): unknown {
  const of = (kind: string): Itf => effects.find((effect) => effect.kind === kind);
  const timeout = of('scheduleTimeout');
  const main = of('decide') ?? of('vote') ?? of('propose') ?? of('buildValue') ?? of('startRound') ?? timeout;
  switch (main?.kind) {
    case 'buildValue':
      return ['GetValueAndScheduleTimeoutOutput', main.round, `${capital(timeout.timeout)}Timeout`];
    case 'scheduleTimeout':
      return ['TimeoutOutput', main.round, `${capital(main.timeout)}Timeout`];
    case 'propose':
      return ['ProposalOutput', main.round, main.blockId, main.polRound];
    case 'vote':
      return ['VoteOutput', capital(main.type), main.round, main.blockId];
    case 'startRound':
      return ['SkipRoundOutput', main.round];
    case 'decide':
      return ['DecidedOutput', main.round, main.blockId];
    default:
      return ['NoConsensusOutput'];
  }
}

/** The specification's output in the same form. */
export function describeOutput({ tag, value }: Itf): unknown {
  switch (tag) {
    case 'GetValueAndScheduleTimeoutOutput':
      return [tag, value[1], value[2].tag];
    case 'TimeoutOutput':
      return [tag, value[0], value[1].tag];
    case 'ProposalOutput':
      return [tag, value.round, blockIdOf(value.proposal), value.validRound];
    case 'VoteOutput':
      return [tag, value.voteType.tag, value.round, blockIdOf(value.valueId)];
    case 'SkipRoundOutput':
      return [tag, value];
    case 'DecidedOutput':
      return [tag, value[0], blockIdOf(value[1])];
    default:
      return [tag];
  }
}

/** A vote keeper output as text, ours and the specification's alike. */
export function describeKeeperOutput(output: VoteKeeperOutput | null): string {
  if (output === null) return 'NoVKOutput';
  const value = 'blockId' in output ? ` ${output.blockId}` : '';
  return `${capital(output.kind)}VKOutput ${output.round}${value}`;
}

export function describeVkOutput({ tag, value }: Itf): string {
  if (tag === 'NoVKOutput') return tag;
  return Array.isArray(value) ? `${tag} ${value[0]} ${blockIdOf(value[1])}` : `${tag} ${value}`;
}

/** Our vote keeper in the specification's words. Its height and evidence are compared beside it. */
export function describeKeeper(keeper: VoteKeeper): unknown {
  const rounds = [...keeper.rounds].map(([round, votes]) => {
    const senders = new Set([...votes.prevotes.votes.keys(), ...votes.precommits.votes.keys()]);
    return [
      round,
      {
        prevotes: describeCount(votes.prevotes, keeper.totalPower),
        precommits: describeCount(votes.precommits, keeper.totalPower),
        emitted: votes.emitted.map(describeKeeperOutput).sort(),
        senders: [...senders].sort(),
        senderWeight: Number(votes.senderPower),
      },
    ];
  });
  return sorted(rounds);
}

export function describeBookkeeper(bookkeeper: Itf): unknown {
  const rounds = [...bookkeeper.rounds].map(([round, votes]) => [
    round,
    {
      prevotes: describeVoteCount(votes.prevotes),
      precommits: describeVoteCount(votes.precommits),
      emitted: votes.emittedOutputs.map(describeVkOutput).sort(),
      senders: [...votes.votesAddressesWeights.keys()].sort(),
      senderWeight: [...votes.votesAddressesWeights.values()].reduce((sum, weight) => sum + weight, 0),
    },
  ]);
  return sorted(rounds);
}

function describeCount(count: VoteCount, totalPower: bigint): unknown {
  const votes = [...count.votes.values()].flat();
  return {
    totalWeight: Number(totalPower),
    weights: sorted([...count.powerByValue].map(([value, power]) => [value ?? 'nil', Number(power)])),
    addresses: [...count.votes.keys()].sort(),
    votes: votes.map((vote) => `${vote.type} ${vote.height}/${vote.round} ${vote.validator} ${vote.blockId}`).sort(),
  };
}

function describeVoteCount(count: Itf): unknown {
  return {
    totalWeight: count.totalWeight,
    weights: sorted([...count.valuesWeights].map(([value, weight]) => [blockIdOf(value) ?? 'nil', weight])),
    addresses: [...count.votesAddresses].sort(),
    votes: count.receivedVotes
      .map(voteOf)
      .map((vote: Vote) => `${vote.type} ${vote.height}/${vote.round} ${vote.validator} ${vote.blockId}`)
      .sort(),
  };
}

function sorted(rows: unknown[]): unknown[] {
  return rows.sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}
