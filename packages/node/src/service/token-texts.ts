/**
 * What recorded tokens stand for, for whoever asks this node: its own worker has the tokenizer of one model. Owns whether a model's tokens
 * can be told here, and the bounds of asking; where they stand in a text is the surface's.
 */
import { decodeRecipe, type Hash, SynodError } from '@synod/chain';
import type { ModelLibrary } from '../host/index.ts';
import type { NodeWorker } from '../worker.ts';

export const tokenTextLimits = {
  /** Longest wait for the worker, which answers and scores first. */
  waitMs: 10_000,
  /** Tokens of one answer. */
  tokensMax: 8_192,
} as const;

/**
 * `ready`: tokens of the model can be told. `unknownModel`: its recipe is not here. `otherModel`: its recipe names another base model than
 * the worker has. `notYet`: the worker starts. `none`: there is no worker, or one whose model is on a server.
 */
export type TokenizerStanding = 'ready' | 'unknownModel' | 'otherModel' | 'notYet' | 'none';

export type TokenTexts = {
  /** How it stands with the tokens of the model behind a model id. */
  standing(modelId: Hash): TokenizerStanding;
  /**
   * The bytes of each token; none for what is no token of text. Throws `TOKENS_UNAVAILABLE`, with its standing where that is not `ready`, or
   * `TOKENS_BUSY`.
   */
  bytesOf(modelId: Hash, tokens: readonly number[]): Promise<readonly Uint8Array[]>;
};

export type TokenTextOptions = {
  readonly worker: Pick<NodeWorker, 'ask' | 'cancel' | 'status'>;
  readonly library: Pick<ModelLibrary, 'read'>;
};

/** Tokens told by this worker, as its least urgent work: it never takes room that answers, scores or checks need. */
export function createTokenTexts({ worker, library }: TokenTextOptions): TokenTexts {
  let next = 0;
  const standing = (modelId: Hash): TokenizerStanding => {
    const { state, info } = worker.status();
    if (state === 'off' || info?.backend === 'http') return 'none';
    if (state !== 'ready' || info === undefined) return 'notYet';
    const bytes = library.read('recipe', modelId);
    const recipe = bytes === null ? null : decodeRecipe(bytes);
    if (recipe === null) return 'unknownModel';
    return recipe.baseModel === info.hash ? 'ready' : 'otherModel';
  };
  return {
    standing,
    async bytesOf(modelId, tokens) {
      const now = standing(modelId);
      if (now === 'notYet') throw busy();
      if (now !== 'ready') throw unavailable(now, standings[now]);
      if (tokens.length > tokenTextLimits.tokensMax)
        throw unavailable(now, `tells at most ${tokenTextLimits.tokensMax} tokens of an answer`);
      const event = await askBounded(worker, `detokenize/${next++}`, tokens);
      if (event === 'late' || (event.kind === 'failed' && event.code === 'BUSY')) throw busy();
      if (event.kind === 'detokenized') return event.bytes;
      throw unavailable(now, `has a worker that failed (${event.kind === 'failed' ? event.code : event.kind})`);
    },
  };
}

/** Of a node without a worker. */
export const absentTokenTexts: TokenTexts = {
  standing: () => 'none',
  bytesOf: () => Promise.reject(unavailable('none', standings.none)),
};

const standings: Readonly<Record<Exclude<TokenizerStanding, 'ready' | 'notYet'>, string>> = {
  unknownModel: 'has not the recipe of that model',
  otherModel: 'runs another',
  none: 'has none',
};

async function askBounded(worker: TokenTextOptions['worker'], id: string, tokens: readonly number[]) {
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), tokenTextLimits.waitMs);
  const event = await Promise.race([worker.ask({ kind: 'detokenize', id, priority: 'train', tokens }), late]);
  clearTimeout(timer);
  if (event === 'late') worker.cancel(id);
  return event;
}

function busy(): SynodError {
  return new SynodError(
    'TOKENS_BUSY',
    "This node's worker answers and scores first, and has no time for tokens now. Ask again in a moment.",
  );
}

function unavailable(standing: TokenizerStanding, why: string): SynodError {
  return new SynodError(
    'TOKENS_UNAVAILABLE',
    `Tokens are told by a worker that runs their model, and this node ${why}. Ask a node that runs it.`,
    { facts: { standing } },
  );
}
