/**
 * When the next block is begun (DESIGN §9): one block interval after the last, or later where nodes may idle and nothing waits for a
 * block. Owns the timer `start`. Idling is a node's own choice and no rule of validity: whoever has something to do begins, and its
 * messages begin the height everywhere.
 */
import { listOpenQueries } from '@synod/chain';
import type { ConsensusState } from '@synod/consensus';
import type { ChainHead } from './chain-head.ts';
import type { ConsensusRunner } from './consensus-runner.ts';
import { isLearningOpen } from './learning-coordinator.ts';
import { limits } from './limits.ts';
import type { HostPorts } from './ports.ts';

/** Heights at the start of a chain that never wait: whoever starts one sees at once that it moves. */
const FIRST_HEIGHTS = 2;

/** `pending` counts transactions and evidence that wait for a block. */
export type PaceView = { readonly head: ChainHead; readonly pending: number };

export class BlockPace {
  readonly #ports: HostPorts;
  readonly #runner: ConsensusRunner;
  readonly #view: () => PaceView;
  #isIdling = false;

  constructor(ports: HostPorts, runner: ConsensusRunner, view: () => PaceView) {
    this.#ports = ports;
    this.#runner = runner;
    this.#view = view;
  }

  /** At every new head, and when a quorum is first connected: the block interval comes first. */
  arm(): void {
    this.#isIdling = false;
    this.#ports.timers.set('start', this.#runner.msUntilStart());
  }

  /** Begins the height, or waits on. */
  onTimer(): void {
    const leftMs = this.#mayIdle() ? this.#runner.msUntilStart(limits.idleIntervalMs) : 0;
    this.#isIdling = leftMs > 0;
    if (this.#isIdling) this.#ports.timers.set('start', leftMs);
    else this.#runner.begin();
  }

  /** After anything that may be something to do. */
  wake(): void {
    if (this.#isIdling && !this.#mayIdle()) this.onTimer();
  }

  /**
   * True when a block would change nothing that anybody waits for: no transaction, no evidence, no open window, no round, canary or
   * blob under way, no result that the next header has yet to prove, and nobody has begun the height.
   */
  #mayIdle(): boolean {
    if (!this.#ports.idles) return false;
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
