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

const KEY_SHOWN = 14;

/** What heights and times are told by. */
export type ChainClock = Pick<StakingInfo, 'head' | 'blockIntervalMs'>;

/** "from block 148 on, in about 42 s (13:05:20)". The time is an estimate: blocks take at least their interval. */
export function whenText(height: string, { head, blockIntervalMs }: ChainClock, nowMs: number = Date.now()): string {
  const blocks = Number(height) - Number(head);
  if (blocks <= 0) return `in block ${height}`;
  const afterMs = blocks * blockIntervalMs;
  return `from block ${height} on, in about ${durationText(afterMs)} (${clockText(nowMs + afterMs, nowMs)})`;
}

const DAY_MS = 86_400_000;

/** Local time of the machine, with the date where it is not within a day of now. */
export function clockText(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const two = (part: number) => String(part).padStart(2, '0');
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  if (Math.abs(atMs - nowMs) < DAY_MS) return time;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}

type NextAction = Exclude<ValidatorInfo['nextAction'], 'none'>;

/** The command that an operator runs next. */
export function nextCommand(action: NextAction, called: string): string {
  return NEXT_WORDS[action](called);
}

const NEXT_WORDS: Readonly<Record<NextAction, (name: string) => string>> = {
  wait: (name) => `${SYNOD} validator status ${name}`,
  unjail: (name) => `${SYNOD} validator unjail ${name}`,
  bond: (name) => `${SYNOD} stake delegate ${name} --amount AMOUNT --from ${name}`,
  run: () => `${SYNOD} status`,
};

/** The node that was asked, where it is the validator's own. */
export type OwnNode = Pick<RpcMethodMap['node_status']['result'], 'role' | 'roleReason' | 'signingKey'>;

/** The lines of `synod validator status`. */
export function standingLines(
  info: ValidatorInfo,
  context: StakingInfo & { readonly name: string | null; readonly node: OwnNode | null },
): string[] {
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
    ...keyRows(info, context),
    ['missed', `${info.missed} of the last ${downtimeWindow} blocks; jail after ${downtimeMissedMax}`],
    ['signed', signedText(info, context)],
  ];
  const heading = `${pc.bold(called)}  ${name === null ? '' : `${info.operator}  `}${info.standing === 'signing' ? pc.green(state) : pc.yellow(state)}`;
  return [heading, ...table(facts), ...nextLines(info, called, context)];
}

/** The chain knows who signed last of members alone: of whoever is out, jailed or not yet in, it says nothing. */
function signedText({ lastSignedHeight, power }: ValidatorInfo, { head }: StakingInfo): string {
  if (lastSignedHeight !== '0') return `last in block ${lastSignedHeight}, head ${head}`;
  return power === '0' ? 'nothing now: it is not in the set' : 'not yet';
}

/** Whether the node asked signs, and with the key that the chain names; what becomes of keys that were given. */
function keyRows(
  { publicKey, rotation, power }: ValidatorInfo,
  { node, head, blockIntervalMs }: StakingInfo & { readonly node: OwnNode | null },
): (readonly [string, string])[] {
  const rows: (readonly [string, string])[] = [];
  if (rotation !== null) {
    const when = whenText(rotation.actsFrom, { head, blockIntervalMs });
    rows.push([
      'rotates',
      `key ${rotation.publicKey.slice(0, KEY_SHOWN)}… signs ${when}; its node goes over by itself`,
    ]);
  }
  if (node === null) return rows;
  if (node.role === 'observer') rows.push(['node', pc.yellow(`observes and does not sign: ${node.roleReason}`)]);
  else if (power !== '0' && node.signingKey !== publicKey) {
    const text = `holds another key than ${publicKey.slice(0, KEY_SHOWN)}…, which the set names, and does not sign. Start it on the home where that key is:  ${SYNOD} start --home FOLDER`;
    rows.push(['node', pc.yellow(text)]);
  } else if (power !== '0') rows.push(['node', 'signs with the key that the set names']);
  return rows;
}

function powerText({ power, powerNext, powerWanted }: ValidatorInfo, { epochEnd }: StakingInfo): string {
  const soon = powerNext === power ? '' : `   in the next block ${powerNext}`;
  return powerWanted === power
    ? `${power}${soon}`
    : `${power}${soon}   after this epoch (block ${epochEnd}) ${powerWanted}`;
}

function nextLines(info: ValidatorInfo, called: string, clock: ChainClock): string[] {
  const { nextAction, nextActionHeight } = info;
  if (nextAction === 'none')
    return [`  next    nothing to do${info.status === 'active' ? '' : ', and nothing that could be done'}`];
  const isLocked = nextAction === 'wait' && info.standing === 'jailed';
  const when = nextActionHeight === null ? 'now' : whenText(nextActionHeight, clock);
  const waits = info.rotation !== null ? 'rotates' : info.standing === 'signing' ? 'until' : 'enters';
  const label = isLocked ? 'release' : nextAction === 'wait' ? waits : 'next';
  const command = isLocked ? `${SYNOD} validator unjail ${called}` : NEXT_WORDS[nextAction](called);
  const first = nextAction === 'wait' || nextActionHeight !== null ? [`  ${label.padEnd(6)}  ${when}`] : [];
  return [...first, `  ${isLocked ? 'Then run' : 'Run'}:  ${command}`];
}
