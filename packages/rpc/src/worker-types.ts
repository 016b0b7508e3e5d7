/** What the RPC server asks of a node's inference worker. Owns this part of the port. */
import type { Hash } from '@synod/chain';

/**
 * `ready`: tokens of the model can be told. `unknownModel`: its recipe is not here. `otherModel`: its recipe names another base model than
 * the worker has. `notYet`: the worker starts. `none`: there is no worker, or one whose model is on a server.
 */
export type TokenizerStanding = 'ready' | 'unknownModel' | 'otherModel' | 'notYet' | 'none';

export type WorkerApi = {
  /** Sentence vectors by this node's own worker, one a text, all of one length. Throws `EMBEDDINGS_UNAVAILABLE` or `EMBEDDINGS_BUSY`. */
  embed(texts: readonly string[]): Promise<{ readonly model: string; readonly vectors: readonly Float32Array[] }>;
  /** Whether this node can tell what tokens of the model behind a model id stand for. */
  tokenizerStanding(modelId: Hash): TokenizerStanding;
  /**
   * The bytes of each token of that model; none for what is no token of text. Throws `TOKENS_UNAVAILABLE` (`facts.standing`) or `TOKENS_BUSY`.
   */
  tokenBytes(modelId: Hash, tokens: readonly number[]): Promise<readonly Uint8Array[]>;
};
