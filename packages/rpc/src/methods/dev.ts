/**
 * `dev_*`: what a developer or researcher does to a devnet (spec: devnet). Refused with `NOT_DEVNET` on every other chain. Nothing here
 * edits the state of a node: money moves by transfers, parameters by votes, time and blocks by consensus.
 */
import { SynodError } from '@synod/chain';
import { z } from 'zod';
import type { DevApi, DevExpertFault, DevMined, DevOperation } from '../dev-types.ts';
import {
  AddressParam,
  AddressText,
  AmountParam,
  Count,
  countParam,
  Decimal,
  decimal,
  HexHash,
  hexOf,
} from '../json/scalars.ts';
import { defineMethod, type RpcContext } from './method.ts';

export const devLimits = {
  blocksMax: 1_000,
  latencyMsMax: 60_000,
  delayMsMax: 600_000,
  blockTimeMsMin: 50,
  blockTimeMsMax: 60_000,
  advanceSecondsMax: 366 * 24 * 3_600,
  groupsMax: 16,
  nodesMax: 64,
} as const;

const NodeName = z.string().min(1).max(64).describe('Name of a node, e.g. "val-2".');
const StateName = z
  .string()
  .max(64)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'a name has letters, digits, dots and dashes, and begins with a letter or digit',
  )
  .describe('1 to 64 letters, digits, dots and dashes, beginning with a letter or digit.');
const Mode = z.enum(['interval', 'auto', 'manual']);
const Fault = z.enum(['none', 'lie', 'slow', 'drop']);
const State = z.enum(['running', 'paused', 'down']);
const Nothing = z.strictObject({});
const Groups = z.array(z.array(z.string()));
const Mined = z.strictObject({ from: Decimal, to: Decimal, time: Decimal });
const NodeNow = z.strictObject({ node: z.string(), state: State });
const ExpertFault = z.strictObject({
  node: z.string(),
  expert: AddressText,
  name: z.string(),
  fault: Fault,
  delayMs: Count,
});
const Operation = z.strictObject({
  kind: z.enum(['snapshot', 'restore', 'dump', 'load']),
  name: z.string(),
  state: z.enum(['running', 'done', 'failed']),
  height: Decimal.nullable(),
  bytes: z.number().nullable(),
  sha256: z.string().nullable(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});

/** Throws `NOT_DEVNET`. */
function devOf({ api }: RpcContext): DevApi {
  const { dev = null } = api;
  if (dev !== null) return dev;
  throw new SynodError(
    'NOT_DEVNET',
    'The dev_ methods work on a devnet alone: this chain is none. Start one with "synod devnet".',
  );
}

export const devAccounts = defineMethod({
  name: 'dev_accounts',
  summary:
    'The accounts of the devnet with their keys, which anybody can derive from its seed. The last one is the faucet.',
  access: 'read',
  params: Nothing,
  result: z.strictObject({
    items: z.array(z.strictObject({ name: z.string(), address: AddressText, privateKey: z.string() })),
  }),
  handle: (context) => ({ items: [...devOf(context).accounts()] }),
});

export const devFaucet = defineMethod({
  name: 'dev_faucet',
  summary: 'Sends money of the faucet to an address. "pending": blocks are made by hand, and none was yet.',
  access: 'write',
  params: z.strictObject({ to: AddressParam, amount: AmountParam }),
  result: z.strictObject({
    id: HexHash,
    status: z.enum(['pending', 'included', 'final']),
    height: Decimal.nullable(),
    to: AddressText,
    amount: Decimal,
  }),
  handle: async (context, { to, amount }) => {
    const { id, status, code, hint, height } = await devOf(context).faucet({ to, amount });
    if (status === 'rejected' || status === 'failed')
      throw new SynodError(code, `The faucet's transfer was refused: ${code}. ${hint ?? 'Ask for another amount.'}`);
    return { id: hexOf(id), status, height: height === null ? null : decimal(height), to, amount: decimal(amount) };
  },
});

export const devGetStatus = defineMethod({
  name: 'dev_getStatus',
  summary: "Pace, nodes, faults and the operation that runs or ran last, as the devnet's supervisor knows them.",
  access: 'read',
  params: Nothing,
  result: z.strictObject({
    mode: Mode,
    intervalMs: Count.nullable(),
    clockOffsetMs: z.number(),
    groups: Groups.nullable(),
    nodes: z.array(
      z.strictObject({ name: z.string(), state: State, pid: Count.nullable(), rpc: z.string(), latencyMs: Count }),
    ),
    experts: z.array(ExpertFault),
    operation: Operation.nullable(),
  }),
  handle: async (context) => {
    const { groups, nodes, experts, operation, ...pace } = await devOf(context).status();
    return {
      ...pace,
      groups: groups === null ? null : groups.map((group) => [...group]),
      nodes: nodes.map((node) => ({ ...node })),
      experts: experts.map(expertJson),
      operation: operation === null ? null : operationJson(operation),
    };
  },
});

export const devMine = defineMethod({
  name: 'dev_mine',
  summary: 'Makes blocks at once, whatever the mode, and waits until every running node has them.',
  access: 'write',
  params: z.strictObject({
    blocks: countParam({ min: 1, max: devLimits.blocksMax }, 'How many, at most 1000; default 1.').optional(),
  }),
  result: Mined,
  handle: async (context, { blocks }) => minedJson(await devOf(context).mine(blocks ?? 1)),
});

export const devSetBlockTime = defineMethod({
  name: 'dev_setBlockTime',
  summary: 'How blocks follow one another until the devnet ends: an interval, only when needed, or only when asked.',
  access: 'write',
  params: z.strictObject({
    mode: Mode,
    intervalMs: countParam(
      { min: devLimits.blockTimeMsMin, max: devLimits.blockTimeMsMax },
      "Time between blocks, 50 to 60000; the chain's own when left out.",
    ).optional(),
  }),
  result: z.strictObject({ mode: Mode, intervalMs: Count.nullable() }),
  handle: async (context, { mode, intervalMs = null }) => {
    await devOf(context).setBlockTime({ mode, intervalMs });
    return { mode, intervalMs };
  },
});

export const devAdvanceEpoch = defineMethod({
  name: 'dev_advanceEpoch',
  summary: 'Makes the blocks up to the last one of the epoch, which pays what it earned.',
  access: 'write',
  params: Nothing,
  result: Mined,
  handle: async (context) => minedJson(await devOf(context).advanceEpoch()),
});

export const devAdvanceTime = defineMethod({
  name: 'dev_advanceTime',
  summary: 'Turns the clocks of all nodes ahead together and makes a block of that time.',
  access: 'write',
  params: z.strictObject({
    seconds: countParam({ min: 1, max: devLimits.advanceSecondsMax }, 'How far, at most a year.'),
  }),
  result: Mined,
  handle: async (context, { seconds }) => minedJson(await devOf(context).advanceTime(seconds * 1_000)),
});

export const devSetFault = defineMethod({
  name: 'dev_setFault',
  summary: 'Lets experts lie, be slow or say nothing: one expert, all of a node, or all. "none" ends it.',
  access: 'write',
  params: z.strictObject({
    node: NodeName.optional(),
    expert: z.string().min(1).max(128).optional().describe('Name or address of an expert.'),
    fault: Fault,
    delayMs: countParam({ min: 0, max: devLimits.delayMsMax }, 'How late a slow one begins; default 10000.').optional(),
  }),
  result: z.strictObject({ experts: z.array(ExpertFault) }),
  handle: async (context, request) => ({ experts: (await devOf(context).setFault(request)).map(expertJson) }),
});

export const devSetLatency = defineMethod({
  name: 'dev_setLatency',
  summary: 'Delays everything that a node, or every node, sends to its peers.',
  access: 'write',
  params: z.strictObject({
    latencyMs: countParam({ min: 0, max: devLimits.latencyMsMax }, 'Milliseconds, at most 60000; 0 ends it.'),
    node: NodeName.optional(),
  }),
  result: z.strictObject({ nodes: z.array(z.string()), latencyMs: Count }),
  handle: async (context, request) => {
    return { nodes: [...(await devOf(context).setLatency(request))], latencyMs: request.latencyMs };
  },
});

const nodeParams = z.strictObject({ node: NodeName });

export const devPauseNode = defineMethod({
  name: 'dev_pauseNode',
  summary: "Stops a node's process where it stands; it is there and does nothing. Not the node that is asked.",
  access: 'write',
  params: nodeParams,
  result: NodeNow,
  handle: async (context, { node }) => ({ node, state: await devOf(context).pauseNode(node) }),
});

export const devResumeNode = defineMethod({
  name: 'dev_resumeNode',
  summary: 'Lets a paused node go on.',
  access: 'write',
  params: nodeParams,
  result: NodeNow,
  handle: async (context, { node }) => ({ node, state: await devOf(context).resumeNode(node) }),
});

export const devKillNode = defineMethod({
  name: 'dev_killNode',
  summary: "Kills a node's process without warning. Not the node that is asked.",
  access: 'write',
  params: nodeParams,
  result: NodeNow,
  handle: async (context, { node }) => ({ node, state: await devOf(context).killNode(node) }),
});

export const devStartNode = defineMethod({
  name: 'dev_startNode',
  summary: 'Starts a node that is down and waits until it serves.',
  access: 'write',
  params: nodeParams,
  result: NodeNow,
  handle: async (context, { node }) => ({ node, state: await devOf(context).startNode(node) }),
});

export const devPartition = defineMethod({
  name: 'dev_partition',
  summary:
    'Cuts the network: nothing passes between nodes of different groups. Those not named are a group of their own.',
  access: 'write',
  params: z.strictObject({
    groups: z.array(z.array(NodeName).max(devLimits.nodesMax)).min(1).max(devLimits.groupsMax),
  }),
  result: z.strictObject({ groups: Groups }),
  handle: async (context, { groups }) => {
    return { groups: (await devOf(context).partition(groups)).map((group) => [...group]) };
  },
});

export const devHeal = defineMethod({
  name: 'dev_heal',
  summary: 'Ends every cut, latency and fault.',
  access: 'write',
  params: Nothing,
  result: z.strictObject({ healed: z.literal(true) }),
  handle: async (context) => {
    await devOf(context).heal();
    return { healed: true as const };
  },
});

const AFTERWARDS = 'The nodes stop and start again meanwhile: look at dev_getStatus until its operation is done.';

export const devSnapshot = defineMethod({
  name: 'dev_snapshot',
  summary: `Keeps the state of the whole devnet under a name. ${AFTERWARDS}`,
  access: 'write',
  params: z.strictObject({ name: StateName }),
  result: Operation,
  handle: async (context, { name }) => operationJson(await devOf(context).snapshot(name)),
});

export const devRestore = defineMethod({
  name: 'dev_restore',
  summary: `Goes back to a snapshot. ${AFTERWARDS}`,
  access: 'write',
  params: z.strictObject({ name: StateName }),
  result: Operation,
  handle: async (context, { name }) => operationJson(await devOf(context).restore(name)),
});

export const devRevert = defineMethod({ ...devRestore, name: 'dev_revert', summary: `As dev_restore. ${AFTERWARDS}` });

export const devListSnapshots = defineMethod({
  name: 'dev_listSnapshots',
  summary: 'The snapshots there are, the newest first.',
  access: 'read',
  params: Nothing,
  result: z.strictObject({
    items: z.array(
      z.strictObject({
        name: z.string(),
        height: Decimal,
        bytes: z.number(),
        takenAt: z.string(),
        version: z.string(),
      }),
    ),
  }),
  handle: async (context) => {
    const items = await devOf(context).snapshots();
    return {
      items: items.map(({ name, height, bytes, takenAt, version }) => {
        return { name, height: decimal(height), bytes, takenAt, version };
      }),
    };
  },
});

export const devDumpState = defineMethod({
  name: 'dev_dumpState',
  summary: `Writes the state of the whole devnet to the file dumps/NAME of its data directory. ${AFTERWARDS}`,
  access: 'write',
  params: z.strictObject({ name: StateName }),
  result: Operation,
  handle: async (context, { name }) => operationJson(await devOf(context).dumpState(name)),
});

export const devLoadState = defineMethod({
  name: 'dev_loadState',
  summary: `Goes on from the file dumps/NAME of the devnet's data directory. ${AFTERWARDS}`,
  access: 'write',
  params: z.strictObject({ name: StateName }),
  result: Operation,
  handle: async (context, { name }) => operationJson(await devOf(context).loadState(name)),
});

export const devSetBalance = defineMethod({
  name: 'dev_setBalance',
  summary: 'Gives an account what it lacks of a balance, from the faucet. Nobody can take money from an account.',
  access: 'write',
  params: z.strictObject({ address: AddressParam, balance: AmountParam }),
  result: z.strictObject({ address: AddressText, before: Decimal, given: Decimal, id: HexHash.nullable() }),
  handle: async (context, { address, balance }) => {
    const dev = devOf(context);
    const before = context.api.account(address)?.balance ?? 0n;
    if (before > balance)
      throw new SynodError(
        'NOT_SUPPORTED',
        `The account has ${before} nano, more than ${balance}, and only its owner can spend them. Send them with its key.`,
      );
    const given = balance - before;
    const sent = given === 0n ? null : await dev.faucet({ to: address, amount: given });
    if (sent?.status === 'rejected' || sent?.status === 'failed')
      throw new SynodError(sent.code, `The faucet's transfer was refused: ${sent.code}. ${sent.hint ?? ''}`.trim());
    return { address, before: decimal(before), given: decimal(given), id: sent === null ? null : hexOf(sent.id) };
  },
});

export const devSetParam = defineMethod({
  name: 'dev_setParam',
  summary:
    'Proposes a change of one parameter and lets every validator of the devnet vote for it; it acts when the vote is over.',
  access: 'write',
  params: z.strictObject({
    name: z.string().min(1).max(64).describe('As in params_list.'),
    value: z
      .union([z.string().regex(/^\d{1,20}$/, 'a whole number'), z.int().min(0)])
      .transform((value) => BigInt(value))
      .describe('A whole number, as in params_list.'),
  }),
  result: z.strictObject({ proposal: HexHash, votingEndsAt: Decimal, actsAt: Decimal }),
  handle: async (context, change) => {
    const { proposal, votingEndsAt, actsAt } = await devOf(context).setParam(change);
    return { proposal, votingEndsAt: decimal(votingEndsAt), actsAt: decimal(actsAt) };
  },
});

function minedJson({ from, to, timeMs }: DevMined) {
  return { from: decimal(from), to: decimal(to), time: decimal(timeMs) };
}

function expertJson({ node, expert, name, fault, delayMs }: DevExpertFault) {
  return { node, expert, name, fault, delayMs };
}

function operationJson({ kind, name, state, height, bytes, sha256, error }: DevOperation) {
  return { kind, name, state, height: height === null ? null : decimal(height), bytes, sha256, error };
}
