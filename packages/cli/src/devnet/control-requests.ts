/**
 * What can be asked of a running devnet's supervisor, by name. Owns the shapes of requests and answers and the checks of what comes in;
 * controls.ts and operations.ts do it. Commands and the `dev_` methods of every node ask the same.
 */
import { SynodError } from '@synod/chain';
import type { PaceMode } from '@synod/node';
import { SYNOD } from '../terminal/command-name.ts';
import type { ControlHandlers } from './control.ts';
import { type ControlStatus, controlStatus } from './control-status.ts';
import { CONTROL_LIMITS, type Controls, type FaultRequest, type Mined } from './controls.ts';
import type { ExpertTarget } from './expert-targets.ts';
import type { Fleet, NodeState, StartedNode } from './fleet.ts';
import type { ValidatorKeys } from './keys.ts';
import type { Operation, Operations } from './operations.ts';
import { type ParamVote, voteForParam } from './param-vote.ts';
import type { ListedSnapshot } from './snapshots.ts';

/** The node that passes a request on, if one does: what would silence it is refused, for then nobody could undo it there. */
type Via = { readonly via?: string | undefined };
type OfNode = Via & { readonly node: string };

export type FaultSet = { readonly experts: readonly (ExpertTarget & { fault: string; delayMs: number })[] };

export type ControlRequests = {
  readonly status: { readonly params: Via; readonly result: ControlStatus };
  readonly start: { readonly params: OfNode; readonly result: StartedNode };
  readonly pause: { readonly params: OfNode; readonly result: NodeNow };
  readonly resume: { readonly params: OfNode; readonly result: NodeNow };
  readonly kill: { readonly params: OfNode; readonly result: NodeNow };
  readonly partition: {
    readonly params: Via & { readonly groups: readonly (readonly string[])[] };
    readonly result: { readonly groups: readonly (readonly string[])[] };
  };
  readonly heal: { readonly params: Via; readonly result: { readonly healed: true } };
  /** Without a node: of all. */
  readonly latency: {
    readonly params: Via & { readonly node?: string | undefined; readonly latencyMs: number };
    readonly result: { readonly nodes: readonly string[]; readonly latencyMs: number };
  };
  readonly fault: { readonly params: Via & FaultRequest; readonly result: FaultSet };
  readonly mine: { readonly params: Via & { readonly blocks: number }; readonly result: Mined };
  readonly blockTime: {
    readonly params: Via & { readonly mode: PaceMode; readonly intervalMs: number | null };
    readonly result: { readonly mode: PaceMode; readonly intervalMs: number | null };
  };
  readonly advanceEpoch: { readonly params: Via; readonly result: Mined };
  readonly advanceTime: { readonly params: Via & { readonly ms: number }; readonly result: Mined };
  /** A vote of all validators; the value in digits. */
  readonly param: {
    readonly params: Via & { readonly name: string; readonly value: string };
    readonly result: ParamVote;
  };
  readonly snapshot: { readonly params: Via & { readonly name: string }; readonly result: Operation };
  readonly restore: { readonly params: Via & { readonly name: string }; readonly result: Operation };
  readonly snapshots: { readonly params: Via; readonly result: { readonly items: readonly ListedSnapshot[] } };
  /** Absolute paths; a node names files of the devnet's own folder alone. */
  readonly dump: { readonly params: Via & FileRequest; readonly result: Operation };
  readonly load: { readonly params: Via & FileRequest; readonly result: Operation };
};

export type NodeNow = { readonly node: string; readonly state: NodeState };
type FileRequest = { readonly name: string; readonly file: string };

export type ControlTargets = {
  readonly fleet: Fleet;
  readonly controls: Controls;
  readonly operations: Operations;
  readonly snapshots: () => readonly ListedSnapshot[];
  readonly validators: readonly ValidatorKeys[];
  /** Called after what changes which nodes run. */
  readonly onChanged: () => void;
};

/** The handlers of every request. They throw `DEVNET_BUSY` while nodes are stopped for an operation. */
export function controlHandlers(targets: ControlTargets): ControlHandlers {
  const { fleet, controls, operations } = targets;
  const now = async <Result extends object>(params: unknown, run: (params: Params) => Promise<Result>) => {
    if (operations.isBusy) throw busy(operations.last!);
    return await run(new Params(params));
  };
  /** Of what moves the chain one at a time. */
  const inTurn = <Result extends object>(params: unknown, run: (params: Params) => Promise<Result>) =>
    now(params, (given) => controls.inTurn(() => run(given)));
  const ofNode = (params: unknown, run: (node: string) => Promise<unknown>) =>
    now(params, async (given) => {
      const node = given.text('node');
      await run(node);
      targets.onChanged();
      return { node, state: fleet.state(node) };
    });
  return {
    status: async () => controlStatus(targets),
    start: (params) =>
      now(params, async (given) => {
        const started = await controls.start(given.text('node'));
        targets.onChanged();
        return started;
      }),
    pause: (params) => ofNode(silencing(params, 'pause'), (node) => controls.pause(node)),
    resume: (params) => ofNode(params, (node) => controls.resume(node)),
    kill: (params) => ofNode(silencing(params, 'kill'), (node) => controls.kill(node)),
    partition: (params) =>
      now(params, async (given) => ({ groups: await controls.disturbances.partition(given.groups('groups')) })),
    heal: (params) =>
      now(params, async () => {
        await controls.disturbances.heal();
        return { healed: true };
      }),
    latency: (params) =>
      now(params, async (given) => {
        const node = given.optionalText('node');
        const nodes = node === undefined ? fleet.nodes.map(({ place }) => place.name) : [node];
        const latencyMs = given.count('latencyMs', { min: 0, max: CONTROL_LIMITS.latencyMsMax });
        await controls.disturbances.setLatency(nodes, latencyMs);
        return { nodes, latencyMs };
      }),
    fault: (params) => now(params, async (given) => ({ experts: await controls.setFault(given.fault()) })),
    mine: (params) =>
      inTurn(params, (given) => controls.mine(given.count('blocks', { min: 1, max: CONTROL_LIMITS.blocksMax }))),
    blockTime: (params) =>
      inTurn(params, async (given) => {
        const wanted = given.pace();
        await controls.setBlockTime(wanted.mode, wanted.intervalMs);
        return wanted;
      }),
    advanceEpoch: (params) => inTurn(params, () => controls.advanceEpoch()),
    advanceTime: (params) =>
      inTurn(params, (given) => controls.advanceTime(given.count('ms', { min: 1, max: CONTROL_LIMITS.advanceMsMax }))),
    param: (params) =>
      inTurn(params, (given) => voteForParam(targets, { name: given.text('name'), value: given.text('value') })),
    snapshot: async (params) => operations.snapshot(new Params(params).text('name')),
    restore: async (params) => operations.restore(new Params(params).text('name')),
    snapshots: async () => ({ items: targets.snapshots() }),
    dump: async (params) => operations.dump(...new Params(params).file()),
    load: async (params) => operations.load(...new Params(params).file()),
  };
}

function busy({ kind, name }: Operation): SynodError {
  return new SynodError('DEVNET_BUSY', `The devnet is busy with ${kind} "${name}". Try again when it is done.`);
}

/** Throws `NODE_ASKED` when the node that was asked is the one to be silenced. */
function silencing(params: unknown, command: string): unknown {
  const given = new Params(params);
  const node = given.text('node');
  if (given.optionalText('via') !== node) return params;
  throw new SynodError(
    'NODE_ASKED',
    `${node} answers this request, and could not be asked to end it again. Ask another node, or run:  ${SYNOD} devnet ${command} ${node}`,
    { facts: { node } },
  );
}

/** What was sent, read strictly: each reader throws `INVALID_PARAMS` naming the field. */
class Params {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null) throw wrong('The parameters', 'an object');
    this.#fields = value as Record<string, unknown>;
  }

  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value !== 'string' || value === '') throw wrong(name, 'text');
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.#fields[name] === undefined ? undefined : this.text(name);
  }

  count(name: string, { min, max }: { readonly min: number; readonly max: number }): number {
    const value = this.#fields[name];
    if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max)
      throw wrong(name, `a whole number from ${min} to ${max}`);
    return value as number;
  }

  groups(name: string): readonly (readonly string[])[] {
    const value = this.#fields[name];
    const isGroup = (group: unknown) => Array.isArray(group) && group.every((node) => typeof node === 'string');
    if (!Array.isArray(value) || !value.every(isGroup)) throw wrong(name, 'a list of lists of nodes');
    return value as readonly (readonly string[])[];
  }

  pace(): { readonly mode: PaceMode; readonly intervalMs: number | null } {
    const mode = (['interval', 'auto', 'manual'] as const).find((one) => one === this.#fields['mode']);
    if (mode === undefined) throw wrong('mode', 'interval, auto or manual');
    const intervalMs = this.#fields['intervalMs'] === null ? null : this.count('intervalMs', { min: 50, max: 60_000 });
    return { mode, intervalMs };
  }

  fault(): FaultRequest {
    const fault = (['none', 'lie', 'slow', 'drop'] as const).find((one) => one === this.#fields['fault']);
    if (fault === undefined) throw wrong('fault', 'lie, slow, drop or none');
    const delayMs =
      this.#fields['delayMs'] === undefined
        ? undefined
        : this.count('delayMs', { min: 0, max: CONTROL_LIMITS.expertDelayMsMax });
    return { node: this.optionalText('node'), expert: this.optionalText('expert'), fault, delayMs };
  }

  file(): readonly [name: string, file: string] {
    return [this.text('name'), this.text('file')];
  }
}

function wrong(name: string, expected: string): SynodError {
  return new SynodError('INVALID_PARAMS', `${name} must be ${expected}.`, { facts: { field: name } });
}
