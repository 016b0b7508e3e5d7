/**
 * A few validators around production cores: performs their effects as a host would, without signatures or bytes, under
 * a logical clock and a network whose every delivery the test decides. Owns no rule of the protocol.
 */
import type {
  Address,
  DuplicateEvidence,
  ExtendedCommit,
  Hash,
  Proposal,
  PublicKey,
  TimeoutParams,
  Validator,
  Vote,
  VoteType,
} from '@synod/chain';
import { createHeight, step } from '../src/consensus.ts';
import type { ConsensusEffect, ConsensusInput, ConsensusState, Timeout } from '../src/consensus-types.ts';
import { commitOf, proposalsFor, roundState, votesForPeer } from '../src/views.ts';

export const TIMEOUTS: TimeoutParams = {
  proposeMs: 400,
  proposeDeltaMs: 200,
  prevoteMs: 200,
  prevoteDeltaMs: 100,
  precommitMs: 200,
  precommitDeltaMs: 100,
  blockIntervalMs: 500,
};

export function validator(operator: string, power = 1n): Validator {
  return { operator: operator as Address, publicKey: operator as PublicKey, vrfKey: operator as PublicKey, power };
}

export function makeVote(fields: {
  type: VoteType;
  height?: number;
  round?: number;
  blockId: string | null;
  by: string;
}): Vote {
  const { type, height = 1, round = 0, blockId, by } = fields;
  return {
    type,
    height,
    round,
    blockId: blockId as Hash | null,
    validator: by as Address,
    signature: Buffer.from(`${by} signs`),
    extension:
      type === 'precommit' && blockId !== null
        ? { bytes: Buffer.from(`${by} extends`), signature: Buffer.from(`${by} signs extension`) }
        : null,
  };
}

export function makeProposal(fields: {
  height?: number;
  round?: number;
  polRound?: number;
  blockId: string;
  by: string;
}): Proposal {
  const { height = 1, round = 0, polRound = -1, blockId, by } = fields;
  const signature = Buffer.from(`${by} signs`);
  return { height, round, polRound, blockId: blockId as Hash, proposer: by as Address, signature };
}

/** One running core. Twins are replicas with different labels and one identity. */
export type Replica = {
  readonly label: string;
  readonly self: Address;
  state: ConsensusState;
  timeouts: { dueMs: number; timeout: Timeout }[];
};

type Message = { readonly from: string; readonly to: string; readonly inputs: readonly ConsensusInput[] };

export type WorldOptions = {
  /** Label → operator. The validator set is the distinct operators, sorted. */
  readonly replicas: Readonly<Record<string, string>>;
  readonly powers?: Readonly<Record<string, bigint>>;
  /** Who may talk to whom at all. */
  readonly isLinked?: (from: string, to: string) => boolean;
};

export class World {
  readonly replicas = new Map<string, Replica>();
  readonly validators: readonly Validator[];
  readonly lines: string[] = [];
  readonly evidence: DuplicateEvidence[] = [];
  readonly decisions: { label: string; height: number; blockId: Hash }[] = [];
  /** Everything replicas asked to sign: `label height/round type`. */
  readonly signed: string[] = [];
  readonly blocks = new Set<Hash>();
  queue: Message[] = [];
  nowMs = 0;
  height = 0;
  readonly #options: WorldOptions;

  constructor(options: WorldOptions) {
    this.#options = options;
    const operators = [...new Set(Object.values(options.replicas))].sort();
    this.validators = operators.map((operator) => validator(operator, options.powers?.[operator] ?? 1n));
  }

  /** Replaces every core by one for the given height; messages of the height before are gone. */
  beginHeight(height: number): void {
    this.height = height;
    this.queue = [];
    for (const [label, operator] of Object.entries(this.#options.replicas)) {
      const self = operator as Address;
      const state = createHeight(
        { chainId: 'world', self, timeouts: TIMEOUTS },
        { height, validators: this.validators, proposerOf: (round) => this.proposerOf(round) },
      );
      this.replicas.set(label, { label, self, state, timeouts: [] });
    }
  }

  proposerOf(round: number): Address {
    return this.validators[(this.height - 1 + round) % this.validators.length]!.operator;
  }

  replica(label: string): Replica {
    const found = this.replicas.get(label);
    if (found === undefined) throw new Error(`no replica ${label}`);
    return found;
  }

  /** Feeds inputs to one core, performs what it asks, and feeds its own messages back first of all. */
  feed(label: string, ...inputs: readonly ConsensusInput[]): void {
    const replica = this.replica(label);
    const pending = [...inputs];
    for (let input = pending.shift(); input !== undefined; input = pending.shift()) {
      const result = step(replica.state, input);
      replica.state = result.state;
      for (const effect of result.effects) pending.push(...this.#perform(replica, effect));
    }
  }

  startAll(): void {
    for (const label of this.replicas.keys()) this.feed(label, { kind: 'start' });
  }

  /** Delivers the message at an index, once; with `keep` it stays and will be delivered again. */
  deliver(index: number, keep = false): void {
    const message = this.queue[index];
    if (message === undefined) return;
    if (!keep) this.queue.splice(index, 1);
    this.feed(message.to, ...message.inputs);
  }

  deliverAll(matches: (message: Message) => boolean = () => true): void {
    for (let index = this.queue.findIndex(matches); index !== -1; index = this.queue.findIndex(matches)) {
      this.deliver(index);
    }
  }

  /** Lets the earliest timeout of one replica (or of anybody) expire. */
  expire(label?: string): void {
    const owners = label === undefined ? [...this.replicas.values()] : [this.replica(label)];
    const due = owners.flatMap((replica) => replica.timeouts.map((one) => ({ replica, one })));
    const [first] = due.sort((left, right) => left.one.dueMs - right.one.dueMs);
    if (first === undefined) return;
    this.nowMs = Math.max(this.nowMs, first.one.dueMs);
    first.replica.timeouts = first.replica.timeouts.filter((one) => one !== first.one);
    this.feed(first.replica.label, { kind: 'timeout', timeout: first.one.timeout });
  }

  /** One round of catch-up by request and response between all linked pairs, as hosts do it (consensus §1.16). */
  exchange(isReached: (label: string) => boolean = () => true): void {
    const reached = [...this.replicas.values()].filter(({ label }) => isReached(label));
    for (const from of reached) {
      for (const to of reached) {
        if (from !== to && this.#isLinked(from.label, to.label)) this.feed(to.label, ...catchUp(from.state, to.state));
      }
    }
  }

  #isLinked(from: string, to: string): boolean {
    return this.#options.isLinked?.(from, to) ?? true;
  }

  #broadcast(replica: Replica, inputs: readonly ConsensusInput[]): readonly ConsensusInput[] {
    for (const to of this.replicas.keys()) {
      if (to !== replica.label && this.#isLinked(replica.label, to))
        this.queue.push({ from: replica.label, to, inputs });
    }
    return inputs;
  }

  #perform(replica: Replica, effect: ConsensusEffect): readonly ConsensusInput[] {
    const { label, self } = replica;
    this.lines.push(`${label}: ${describe(effect)}`);
    switch (effect.kind) {
      case 'scheduleTimeout':
        replica.timeouts.push({ dueMs: this.nowMs + effect.delayMs, timeout: effect.timeout });
        return [];
      case 'buildValue':
        return [
          { kind: 'localValue', round: effect.round, blockId: `${label}.${effect.height}.${effect.round}` as Hash },
        ];
      case 'propose': {
        this.signed.push(`${label} ${effect.height}/${effect.round} proposal`);
        this.blocks.add(effect.blockId);
        const proposal = makeProposal({ ...effect, by: self });
        return this.#broadcast(replica, [
          { kind: 'proposal', proposal },
          { kind: 'verdict', blockId: effect.blockId, valid: true },
        ]);
      }
      case 'vote':
        this.signed.push(`${label} ${effect.height}/${effect.round} ${effect.type}`);
        return this.#broadcast(replica, [{ kind: 'vote', vote: makeVote({ ...effect, by: self }) }]);
      case 'decide':
        this.decisions.push({ label, height: effect.height, blockId: effect.blockId });
        return [];
      case 'evidence':
        this.evidence.push(effect.evidence);
        return [];
      case 'fetchBlock':
        return this.blocks.has(effect.blockId) ? [{ kind: 'verdict', blockId: effect.blockId, valid: true }] : [];
      case 'roundEntered':
        return [];
    }
  }
}

/** What `from` sends to `to` when asked: proposals and votes of its rounds, or the certificate once decided. */
function catchUp(from: ConsensusState, to: ConsensusState): ConsensusInput[] {
  const { decision } = from;
  const commit: ExtendedCommit | null = decision === null ? null : commitOf(from, decision.round, decision.blockId);
  const inputs: ConsensusInput[] = commit === null ? [] : [{ kind: 'certificate', commit }];
  for (const bits of roundState(from).votes) {
    const peer = roundState(to).votes.find(({ round }) => round === bits.round);
    const asked = peer ?? { round: bits.round, prevotes: [], precommits: [] };
    inputs.push(...votesForPeer(from, asked).map((vote) => ({ kind: 'vote' as const, vote })));
  }
  for (const { round } of roundState(from).proposals) {
    for (const proposal of proposalsFor(from, round)) {
      inputs.push({ kind: 'proposal', proposal }, { kind: 'verdict', blockId: proposal.blockId, valid: true });
    }
  }
  return inputs;
}

/** One effect in one line. */
export function describe(effect: ConsensusEffect): string {
  switch (effect.kind) {
    case 'roundEntered':
      return `enter ${effect.height}/${effect.round} proposer ${effect.proposer}`;
    case 'scheduleTimeout':
      return `timeout ${effect.timeout.kind} ${effect.timeout.round} in ${effect.delayMs} ms`;
    case 'buildValue':
      return `build ${effect.round}`;
    case 'propose':
      return `propose ${effect.round} ${effect.blockId} pol ${effect.polRound}`;
    case 'vote':
      return `${effect.type} ${effect.round} ${effect.blockId ?? 'nil'}`;
    case 'decide':
      return `decide ${effect.round} ${effect.blockId}`;
    case 'fetchBlock':
      return `fetch ${effect.round} ${effect.blockId}`;
    case 'evidence': {
      const { first, second } = effect.evidence;
      const who = 'proposer' in first ? `proposer ${first.proposer}` : `${first.type}r ${first.validator}`;
      return `evidence ${who} ${first.round} ${first.blockId ?? 'nil'} ${second.blockId ?? 'nil'}`;
    }
  }
}
