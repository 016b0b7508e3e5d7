/** A proposal in lines for people: what changes, the count against quorum and majority, time left, next command. */
import type { RpcMethodMap } from '@synod/rpc/client';
import pc from 'picocolors';
import { formatSyn } from '../settings/amounts.ts';
import { durationText } from '../settings/durations.ts';
import { percentText } from '../settings/ratios.ts';
import type { StakingInfo } from '../staking/validator-text.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { table } from '../terminal/output.ts';
import { plainText } from '../terminal/plain-text.ts';
import { type ParamEntry, requireEntry, valueText } from './param-values.ts';

export type ProposalInfo = RpcMethodMap['params_proposal']['result'];

const ID_SHOWN = 10;

const OUTCOMES: Readonly<Record<ProposalInfo['outcomeNow'], string>> = {
  passed: 'it passes',
  rejected: 'it is rejected, and the deposit returned',
  vetoed: 'it is vetoed, and the deposit burnt',
  noQuorum: 'too few voted: it fails, and the deposit is burnt',
};

/** One row of a list. */
export function summaryRow(info: ProposalInfo, clock: StakingInfo): readonly string[] {
  const { proposal, title, changes, turnout, outcomeNow } = info;
  const what = changes.map(({ name }) => name).join(', ');
  return [
    proposal.slice(0, ID_SHOWN),
    plainText(title),
    what,
    `voted ${percentText(turnout)}`,
    outcomeNow,
    leftText(info, clock),
  ];
}

/** The lines of `synod params status`. */
export function proposalLines(
  info: ProposalInfo,
  context: {
    readonly clock: StakingInfo;
    readonly entries: readonly ParamEntry[];
    readonly nameFor: (address: string) => string;
  },
): string[] {
  const { clock, entries, nameFor } = context;
  const { tally, isSafety, votes } = info;
  const change = ({ name, value }: ProposalInfo['changes'][number]): readonly [string, string] => {
    const entry = requireEntry(name, entries);
    return ['change', `${name}: ${valueText(entry.value, entry)} → ${valueText(value, entry)}`];
  };
  const votersOf = (choice: string) =>
    votes.filter((each) => each.choice === choice).map(({ validator }) => nameFor(validator));
  const count = (choice: 'yes' | 'no' | 'abstain'): readonly [string, string] => [
    choice,
    `${formatSyn(BigInt(tally[choice]))}   ${votersOf(choice).join(', ')}`.trimEnd(),
  ];
  const rows: readonly (readonly [string, string])[] = [
    ...info.changes.map(change),
    count('yes'),
    count('no'),
    count('abstain'),
    ['quorum', `${percentText(info.turnout)} of all active stake voted, ${percentText(info.quorum)} needed`],
    ['needed', isSafety ? 'more than 2/3 of yes and no (safety)' : 'more than half of yes and no'],
    ['as it is', OUTCOMES[info.outcomeNow]],
    ['time', leftText(info, clock)],
    ['acts', `from block ${info.actsAt} on, if it passes`],
  ];
  const heading = `${pc.bold(plainText(info.title))}  ${info.proposal.slice(0, ID_SHOWN)}  ${pc.yellow(info.phase.toUpperCase())}`;
  const next =
    info.phase === 'voting'
      ? [`  Vote:  ${SYNOD} params vote ${info.proposal.slice(0, ID_SHOWN)} yes|no|abstain --from VALIDATOR`]
      : [];
  return [heading, ...table(rows), ...next];
}

/** The time is an estimate: blocks take at least their interval. */
function leftText({ phase, votingEndsAt, actsAt }: ProposalInfo, { head, blockIntervalMs }: StakingInfo): string {
  if (phase === 'passed') return `passed, made before block ${actsAt}`;
  const blocks = Math.max(0, Number(votingEndsAt) - Number(head));
  return `${blocks} blocks left to vote, about ${durationText(blocks * blockIntervalMs)}, to block ${votingEndsAt}`;
}
