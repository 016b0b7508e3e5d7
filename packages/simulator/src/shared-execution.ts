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
  const built = new Map<string, () => BlockExecution>();
  const verdicts = new WeakMap<Block, Map<string, BlockVerdict>>();
  const applied = new Map<string, AppliedBlock>();
  return {
    buildBlock(input) {
      const result = chainExecution.buildBlock(input);
      const place = placeOf(input.state, blockId(result.block.header));
      if (built.size < RESULTS_MAX) built.set(place, result.execute);
      return result;
    },
    validateBlock(block, context) {
      const known = verdicts.get(block) ?? new Map<string, BlockVerdict>();
      verdicts.set(block, known);
      const place = placeOf(context.state, context.parent.blockId);
      const before = known.get(place);
      if (before !== undefined) return before;
      const execute =
        bodyProblem(block) === null ? built.get(placeOf(context.state, blockId(block.header))) : undefined;
      const verdict = chainExecution.validateBlock(block, execute === undefined ? context : { ...context, execute });
      if (known.size < RESULTS_MAX) known.set(place, verdict);
      return verdict;
    },
    applyBlock(state, block, options) {
      const place = placeOf(state, blockId(block.header));
      const before = applied.get(place);
      if (before !== undefined && bodyProblem(block) === null) return before;
      const result = chainExecution.applyBlock(state, block, options);
      if (result.ok && before === undefined && applied.size < RESULTS_MAX && bodyProblem(block) === null)
        applied.set(place, result);
      return result;
    },
  };
}

function placeOf(state: StateTree, id: Hash): string {
  return `${state.root} ${id}`;
}
