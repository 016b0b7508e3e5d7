/** One whole evaluate job as a validator does it, and the processor time that it takes. Owns the job; what is measured belongs to its callers. */
import { join } from 'node:path';
import { evaluate } from '../../packages/inference/src/learning/evaluate.ts';
import type { LearnerControl } from '../../packages/inference/src/learning/learner-control.ts';
import type { LearningExample } from '../../packages/inference/src/learning/protocol.ts';
import { type Bench, ROUND } from './gate-deltas.ts';
import { knowledgeFolder } from './gate-items.ts';

export type GatedDelta = {
  readonly path: string;
  readonly shard: readonly LearningExample[];
  readonly isOwn?: boolean;
};

export type GateJob = {
  readonly deltas: readonly GatedDelta[];
  readonly items: readonly LearningExample[];
  readonly gateSeed: string;
  readonly normMax: number;
};

/** The candidate is aggregated by the chain's default rule and left in the bench's folder. */
export function evaluateRound(bench: Bench, { deltas, items, gateSeed, normMax }: GateJob, control: LearnerControl) {
  return evaluate(
    {
      kind: 'evaluate',
      id: 'gate',
      modelDirectory: bench.modelDirectory,
      domain: bench.domain,
      base: { factors: bench.baseFactors, learnt: null },
      round: ROUND,
      knowledge: knowledgeFolder(bench.domain),
      deltas: deltas.map(({ path, shard, isOwn = false }, order) => ({
        path,
        order,
        shard: shard.map(({ number }) => number),
        isOwn,
      })),
      items,
      earlier: [],
      gateSeed,
      aggregator: 2,
      normMax,
      outFactors: join(bench.folder, 'candidate.factors'),
      outAdapter: join(bench.folder, 'candidate.adapter'),
    },
    control,
  );
}
