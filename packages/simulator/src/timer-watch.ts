/**
 * The timeouts that honest validators set, and the rounds they go through. Owns what each process has set and which steps a
 * validator may take without a quorum's votes: where its signer refused, or where it goes on from its sign state
 * (consensus §1.7). What Algorithm 1 says of a timeout is voting-rules.ts.
 */
import type { Height, Round, VoteType } from '@synod/chain';
import type { SimNode } from './sim-node.ts';
import type { VotingRules } from './voting-rules.ts';

type Slot = { readonly height: Height; readonly round: Round };

export class TimerWatch {
  readonly #rules: VotingRules;
  /** Steps that need no quorum, by node, height, round and step. */
  readonly #unaided = new Set<string>();
  /** Rounds that a node entered from its sign state. */
  readonly #resumed = new Set<string>();
  /** Where each node's process is and when its timers end, reset when it starts. */
  readonly #rounds = new Map<SimNode, Slot & { readonly ends: ReadonlyMap<string, number> }>();
  readonly #bootsMs = new Map<SimNode, number>();

  constructor(rules: VotingRules) {
    this.#rules = rules;
  }

  onBoot(node: SimNode, nowMs: number): void {
    this.#rounds.delete(node);
    this.#bootsMs.set(node, nowMs);
    const { signState } = node.disk;
    if (signState === null) return;
    this.#unaided.add(placeOf(node, signState, signState.step));
    this.#resumed.add(placeOf(node, signState, 'round'));
  }

  /** The signer refused a vote: this step's timeout must not wait for votes that may be lost. */
  onRefused(node: SimNode, slot: Slot & { readonly type: VoteType }): void {
    this.#unaided.add(placeOf(node, slot, slot.type));
  }

  isRefused(node: SimNode, slot: Slot, type: VoteType): boolean {
    return this.#unaided.has(placeOf(node, slot, type));
  }

  /** What is wrong with a timer that an honest host sets, or null. */
  onTimer(
    node: SimNode,
    timer: { readonly name: string; readonly delayMs: number; readonly nowMs: number },
  ): string | null {
    const { name, delayMs, nowMs } = timer;
    const [, kind, ...numbers] = /^timeout\/(\w+)\/(\d+)\/(\d+)$/.exec(name) ?? [];
    const [height = 0, round = 0] = numbers.map(Number);
    if (kind === undefined || !node.isHonest) return null;
    const slot = { height, round };
    const before = this.#rounds.get(node);
    const isSame = before?.height === height;
    const ends = new Map(isSame ? before.ends : []).set(name, nowMs + delayMs);
    this.#rounds.set(node, { ...slot, ends });
    const isAided = !this.#unaided.has(placeOf(node, slot, kind));
    const problem = this.#rules.timeoutProblem({ ...slot, kind, delayMs, isAided });
    return problem ?? (isSame ? this.#stepProblem(node, before, round) : null);
  }

  /** True when the present process has set this timeout. */
  has(node: SimNode, kind: string, { height, round }: Slot): boolean {
    return this.#rounds.get(node)?.ends.has(`timeout/${kind}/${height}/${round}`) === true;
  }

  /** True when this timeout of the present process is over. */
  isOver(node: SimNode, { kind, slot, nowMs }: { kind: string; slot: Slot; nowMs: number }): boolean {
    const endMs = this.#rounds.get(node)?.ends.get(`timeout/${kind}/${slot.height}/${slot.round}`);
    return endMs !== undefined && endMs <= nowMs;
  }

  /** True at the moment of a start: what is sent then follows from an earlier life. */
  isBooting(node: SimNode, nowMs: number): boolean {
    return this.#bootsMs.get(node) === nowMs;
  }

  #stepProblem(node: SimNode, from: Slot, to: Round): string | null {
    const target = { height: from.height, round: to };
    if (this.#resumed.has(placeOf(node, target, 'round'))) return null;
    if (to === from.round + 1 && this.#unaided.has(placeOf(node, from, 'precommit'))) return null;
    return this.#rules.roundProblem(from.height, from.round, to);
  }
}

function placeOf(node: SimNode, { height, round }: Slot, step: string): string {
  return `${node.peerId}/${height}/${round}/${step}`;
}
