/**
 * Sentence vectors for whoever asks this node: its own worker makes them, when it has nothing more urgent to do. Owns the wait's bound;
 * the texts' bounds are the surface's.
 */
import { SynodError } from '@synod/chain';
import type { NodeWorker } from '../worker.ts';

export const embeddingLimits = {
  /** Longest wait for the worker, which answers and scores first. */
  waitMs: 30_000,
} as const;

export type Embeddings = {
  /** One unit vector a text, all of one length. Throws `EMBEDDINGS_UNAVAILABLE` or `EMBEDDINGS_BUSY`. */
  embed(texts: readonly string[]): Promise<{ readonly model: string; readonly vectors: readonly Float32Array[] }>;
};

/** Vectors by this worker, as its least urgent work. */
export function createEmbeddings(worker: Pick<NodeWorker, 'ask' | 'cancel' | 'status'>): Embeddings {
  let next = 0;
  return {
    async embed(texts) {
      const { state, info } = worker.status();
      if (state !== 'ready' || info === undefined)
        throw unavailable(state === 'off' ? 'has none' : `has one that is ${state}`);
      const id = `embed/${next++}`;
      const { promise: late, resolve } = Promise.withResolvers<'late'>();
      const timer = setTimeout(() => resolve('late'), embeddingLimits.waitMs);
      const event = await Promise.race([worker.ask({ kind: 'embed', id, priority: 'train', texts }), late]);
      clearTimeout(timer);
      if (event === 'late') worker.cancel(id);
      else if (event.kind === 'embedded') return { model: info.name, vectors: event.vectors };
      else if (event.kind !== 'failed' || event.code !== 'BUSY') {
        throw unavailable(`has one that failed (${event.kind === 'failed' ? event.code : event.kind})`);
      }
      throw new SynodError(
        'EMBEDDINGS_BUSY',
        "This node's worker answers and scores first, and has no time now. Ask again in a moment.",
      );
    },
  };
}

/** Of a node without a worker. */
export const absentEmbeddings: Embeddings = {
  embed: () => Promise.reject(unavailable('has none')),
};

function unavailable(why: string): SynodError {
  return new SynodError(
    'EMBEDDINGS_UNAVAILABLE',
    `Vectors need an inference worker, and this node ${why}. Ask a node that runs a model.`,
  );
}
