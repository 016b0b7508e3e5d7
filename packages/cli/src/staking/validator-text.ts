/**
 * How a validator stands, in lines for people: always state, reason, until when, and the next command. Owns the words; the
 * node owns the facts.
 */
import type { RpcMethodMap } from '@synod/rpc/client';
import pc from 'picocolors';
import { formatSyn } from '../settings/amounts.ts';
import { durationText } from '../settings/durations.ts';
import { percentText } from '../settings/ratios.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { table } from '../terminal/output.ts';

export type ValidatorInfo = RpcMethodMap['staking_validator']['result'];
export type StakingInfo = RpcMethodMap['staking_params']['result'];

/** What heights and times are told by. */
export type ChainClock = Pick<StakingInfo, 'head' | 'blockIntervalMs'>;

/** "from block 148, in about 42 s". The time is an estimate: blocks take at least their interval. */
export function whenText(height: string, { head, blockIntervalMs }: ChainClock): string {
  const blocks = Number(height) - Number(head);
  if (blocks <= 0) return `in block ${height}`;
  return `from block ${height} on, in about ${durationText(blocks * blockIntervalMs)}`;
}

const NEXT_WORDS: Readonly<Record<Exclude<ValidatorInfo['nextAction'], 'none'>, (name: string) => string>> = {
  wait: (name) => `${SYNOD} validator status ${name}`,
  unjail: (name) => `${SYNOD} validator unjail ${name}`,
  bond: (name) => `${SYNOD} stake delegate ${name} --amount AMOUNT --from ${name}`,
  run: () => `${SYNOD} status`,
};

/** The lines of `synod validator status`. */
export function standingLines(info: ValidatorInfo, context: StakingInfo & { readonly name: string | null }): string[] {
  const { name, downtimeWindow, downtimeMissedMax } = context;
  const called = name ?? info.operator;
  const state = info.standing.toUpperCase();
  const facts: readonly (readonly [string, string])[] = [
    ['why', info.reason],
    [
      'stake',
      `${formatSyn(BigInt(info.tokens))}, of its own ${formatSyn(BigInt(info.selfBond))}   commission ${percentText(info.commission)}`,
    ],
    ['power', powerText(info, context)],
    ['missed', `${info.missed} of the last ${downtimeWindow} blocks; jail after ${downtimeMissedMax}`],
    [
      'signed',
      info.lastSignedHeight === '0' ? 'not yet' : `last in block ${info.lastSignedHeight}, head ${context.head}`,
    ],
  ];
  const heading = `${pc.bold(called)}  ${name === null ? '' : `${info.operator}  `}${info.standing === 'signing' ? pc.green(state) : pc.yellow(state)}`;
  return [heading, ...table(facts), ...nextLines(info, called, context)];
}

function powerText({ power, powerNext, powerWanted }: ValidatorInfo, { epochEnd }: StakingInfo): string {
  const soon = powerNext === power ? '' : `   in the next block ${powerNext}`;
  return powerWanted === power
    ? `${power}${soon}`
    : `${power}${soon}   after this epoch (block ${epochEnd}) ${powerWanted}`;
}

function nextLines(info: ValidatorInfo, called: string, clock: ChainClock): string[] {
  const { nextAction, nextActionHeight } = info;
  if (nextAction === 'none') return ['  next    nothing to do'];
  const isLocked = nextAction === 'wait' && info.standing === 'jailed';
  const when = nextActionHeight === null ? 'now' : whenText(nextActionHeight, clock);
  const label = isLocked ? 'release' : nextAction === 'wait' ? 'enters' : 'next';
  const command = isLocked ? `${SYNOD} validator unjail ${called}` : NEXT_WORDS[nextAction](called);
  const first = nextAction === 'wait' || nextActionHeight !== null ? [`  ${label.padEnd(6)}  ${when}`] : [];
  return [...first, `  ${isLocked ? 'Then run' : 'Run'}:  ${command}`];
}
