/**
 * Executing a block once for all honest and dishonest nodes of one schedule, which otherwise do the same work each: for whoever
 * built it, judges it and applies it. Owns what is remembered. The checker does not use it: it judges and executes every block of
 * the reference chain itself. Schedules in which a node does too are the test that separate executions come to equal state roots.
 */
import {
  type AppliedBlock,
  type Block,
  type BlockExecution,
  type BlockVerdict,
  blockId,
  bodyProblem,
  type Hash,
  type StateTree,
} from '@synod/chain';
import { chainExecution, type Execution } from '@synod/node/host';

/** Results of one kind that are kept; a schedule has fewer heights and candidates by far. */
const RESULTS_MAX = 1_024;

/**
 * An execution port for all nodes of one network, whose rules of signatures are the same. What building a block came to stands
 * for executing it, where state, id and so the body are the same: everything else about the block is judged. A verdict is shared between equal
 * states and parents for the very same block object: what its id does not commit to, as extensions' signatures, is part of it.
 * An applied block is shared by state and id, for bodies that are the ones their headers commit to.
 */
export function sharedExecution(): Execution {
  const built = new Places<() => BlockExecution>();
  const verdicts = new WeakMap<Block, Places<BlockVerdict>>();
  const applied = new Places<AppliedBlock>();
  return {
    buildBlock(input) {
      const result = chainExecution.buildBlock(input);
      built.set(input.state, blockId(result.block.header), result.execute);
      return result;
    },
    validateBlock(block, context) {
      const known = verdicts.get(block) ?? new Places<BlockVerdict>();
      verdicts.set(block, known);
      const { state, parent } = context;
      const before = known.get(state, parent.blockId);
      if (before !== undefined) return before;
      const execute = bodyProblem(block) === null ? built.get(state, blockId(block.header)) : undefined;
      const verdict = chainExecution.validateBlock(block, execute === undefined ? context : { ...context, execute });
      known.set(state, parent.blockId, verdict);
      return verdict;
    },
    applyBlock(state, block, options) {
      const id = blockId(block.header);
      const before = applied.get(state, id);
      if (before !== undefined && bodyProblem(block) === null) return before;
      const result = chainExecution.applyBlock(state, block, options);
      if (result.ok && before === undefined && bodyProblem(block) === null) applied.set(state, id, result);
      return result;
    },
  };
}

/** Results by state and block; a row of two texts costs more to join and compare than to look up one after the other. */
class Places<T> {
  readonly #byRoot = new Map<Hash, Map<Hash, T>>();
  #size = 0;

  get(state: StateTree, id: Hash): T | undefined {
    return this.#byRoot.get(state.root)?.get(id);
  }

  set(state: StateTree, id: Hash, result: T): void {
    if (this.#size >= RESULTS_MAX) return;
    this.#size += 1;
    const known = this.#byRoot.get(state.root);
    if (known === undefined) this.#byRoot.set(state.root, new Map([[id, result]]));
    else known.set(id, result);
  }
}
