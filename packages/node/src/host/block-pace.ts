/**
 * When the next block is begun and what time it is for it (DESIGN §9, spec: devnet §3): one block interval after the last; later where
 * nodes may idle and nothing waits for a block; or only when somebody asks. Owns the timer `start` and the clock that blocks are made
 * and judged by. A pace is a node's own choice and no rule of validity: whoever begins, its messages begin the height everywhere.
 */
import { type Address, type Height, listOpenQueries } from '@synod/chain';
import type { ConsensusState } from '@synod/consensus';
import { type ChainHead, type ChainIdentity, headTimeMs, isEverybodyOf, paramsOf } from './chain-head.ts';
import type { ConsensusRunner } from './consensus-runner.ts';
import { isLearningOpen } from './learning-coordinator.ts';
import { limits } from './limits.ts';
import type { HostPorts } from './ports.ts';

/** Heights at the start of an idling chain that never wait: whoever starts one sees at once that it moves. */
const FIRST_HEIGHTS = 2;
/** The one block that a chain without others makes unasked in manual mode: a node without any is not ready. */
const FIRST_MANUAL_HEIGHT = 1;

/** `interval`: a block every interval. `auto`: only while there is something to do. `manual`: only when asked. */
export type PaceMode = 'interval' | 'auto' | 'manual';

export type Pace = {
  readonly mode: PaceMode;
  /** Instead of the chain's block interval; null leaves that. */
  readonly intervalMs: number | null;
  /** Blocks up to this height are begun at once, whatever the mode. */
  readonly mineUntil: Height;
};

/** `pending` counts transactions and evidence that wait for a block. */
export type PaceView = { readonly head: ChainHead; readonly pending: number };

export class BlockPace {
  readonly #ports: HostPorts;
  readonly #runner: ConsensusRunner;
  readonly #identity: ChainIdentity;
  readonly #view: () => PaceView;
  readonly #connected: () => readonly Address[];
  #pace: Pace;
  #isWaiting = false;
  #armedAtMs = 0;
  /** Validators that signed the last block for which precommits were waited: the others are away. */
  #signing = Number.MAX_SAFE_INTEGER;

  constructor(
    ports: HostPorts,
    parts: {
      readonly runner: ConsensusRunner;
      readonly identity: ChainIdentity;
      readonly view: () => PaceView;
      /** Operators of the validators that can be talked to, this node's own among them. */
      readonly connected: () => readonly Address[];
    },
  ) {
    this.#ports = ports;
    this.#runner = parts.runner;
    this.#identity = parts.identity;
    this.#view = parts.view;
    this.#connected = parts.connected;
    this.#pace = { mode: ports.pace ?? 'interval', intervalMs: null, mineUntil: 0 };
  }

  get pace(): Pace {
    return this.#pace;
  }

  /** From now on, the height that waits included. */
  set(pace: Pace): void {
    this.#pace = pace;
    this.arm();
  }

  /**
   * What time it is for a block. In manual mode one interval after the last block, on every node alike: time then follows from the
   * blocks alone, and the bound on a proposer's clock (consensus §1.12) is kept against that.
   */
  nowMs(): number {
    return this.#pace.mode === 'manual' ? this.#dueMs() : this.#ports.clock.nowMs();
  }

  /** At every new head, and when a quorum is first connected: the block interval comes first. */
  arm(): void {
    this.#isWaiting = false;
    this.#armedAtMs = this.#ports.clock.nowMs();
    const isAtOnce = this.#pace.mode === 'manual' || this.#isAsked();
    this.#ports.timers.set('start', isAtOnce ? 0 : this.#msUntilDue());
  }

  /** Begins the height, or waits on. */
  onTimer(): void {
    const leftMs = this.#restMs();
    this.#isWaiting = leftMs !== 0;
    if (leftMs === 0) this.#begin();
    else if (leftMs !== null) this.#ports.timers.set('start', leftMs);
  }

  /** After anything that may be something to do. */
  wake(): void {
    if (this.#isWaiting && this.#restMs() === 0) this.onTimer();
  }

  #begin(): void {
    const signed = this.#runner.lastCommit()?.precommits.length ?? 0;
    // Fewer than before only after the wait: whoever others hurried has not looked.
    if (signed > 0 && (signed >= this.#signing || this.#lateMs() === 0)) this.#signing = signed;
    this.#runner.begin();
  }

  /** How long precommits may still come late. */
  #lateMs(): number {
    return Math.max(0, this.#armedAtMs + limits.latePrecommitMs - this.#ports.clock.nowMs());
  }

  /** How long the height still rests; null: until somebody asks. */
  #restMs(): number | null {
    if (this.#pace.mode === 'manual') return this.#manualRestMs();
    return this.#mayIdle() ? this.#msUntilDue(limits.idleIntervalMs) : 0;
  }

  /**
   * Asked for or begun by others. What was signed of the block before is given a moment to arrive, so that the same
   * commands give the same blocks.
   */
  #manualRestMs(): number | null {
    if (isBegun(this.#runner.state)) return 0;
    const { head } = this.#view();
    if (!this.#isAsked() && head.height >= FIRST_MANUAL_HEIGHT) return null;
    // Who is not there yet would be missing in the first commit, which is part of the second block.
    if (head.height === 0 && !isEverybodyOf(head, this.#connected())) {
      return Math.max(0, this.#armedAtMs + limits.firstManualBlockMs - this.#ports.clock.nowMs());
    }
    const commit = this.#runner.lastCommit();
    const expected = Math.min(this.#signing, this.#runner.state?.context.validators.length ?? 0);
    return commit === null || commit.precommits.length >= expected ? 0 : this.#lateMs();
  }

  #isAsked(): boolean {
    return this.#view().head.height < this.#pace.mineUntil;
  }

  #dueMs(): number {
    const { head } = this.#view();
    return headTimeMs(head, this.#identity) + (this.#pace.intervalMs ?? paramsOf(head).timeouts.blockIntervalMs);
  }

  /** Milliseconds until the next block may be proposed, or until as many after that. */
  #msUntilDue(afterMs = 0): number {
    return Math.max(0, this.#dueMs() + afterMs - this.#ports.clock.nowMs());
  }

  /**
   * True when a block would change nothing that anybody waits for: nobody asked, no transaction, no evidence, no open window, no
   * round, canary or blob under way, no result that the next header has yet to prove, and nobody has begun the height.
   */
  #mayIdle(): boolean {
    if (this.#pace.mode !== 'auto' || this.#isAsked()) return false;
    const { head, pending } = this.#view();
    if (head.height < FIRST_HEIGHTS || pending > 0 || isBegun(this.#runner.state)) return false;
    const { results } = head;
    if (results === null || results.transactions.length > 0 || results.receipts.length > 0) return false;
    return listOpenQueries(head.state).length === 0 && !isLearningOpen(head.state);
  }
}

function isBegun(consensus: ConsensusState | null): boolean {
  if (consensus === null) return false;
  return consensus.proposals.size > 0 || consensus.keeper.rounds.size > 0 || consensus.parked.size > 0;
}
