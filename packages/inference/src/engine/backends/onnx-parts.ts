/** An ordinary ONNX model with the default embedder as parts of an engine. Owns how they are put together. */
import type { ForeignBackend } from '../../models/backends/backend-file.ts';
import { readManifest } from '../../models/store/manifest-file.ts';
import { foreignInfo } from '../../models/store/resolve-model.ts';
import type { AdapterStore } from '../adapter-store.ts';
import { openEmbedder } from '../embedder.ts';
import type { Parts } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { limits } from '../limits.ts';
import { loadTokenizer } from '../tokenizer.ts';
import { withTemplate } from './chat-template.ts';
import { openOnnxModel } from './onnx-model.ts';

/** Throws EngineError MODEL_ERROR or the model store's own errors. */
export async function openOnnxParts(backend: Extract<ForeignBackend, { kind: 'onnx' }>): Promise<Parts> {
  const tokenizer = await withTemplate(backend.folder, await loadTokenizer(backend.folder));
  const helper = await readManifest(backend.helper);
  const model = await openOnnxModel(backend);
  const embedder = await openEmbedder(backend.helper, helper.embedder);
  const contextTokens = Math.min(backend.contextTokens, limits.contextTokensMax);
  return {
    info: { ...foreignInfo(backend), contextTokens },
    tokenizer,
    model,
    embedder,
    adapters: noAdapters(backend),
  };
}

/** Adapters are inputs of the project's own graph; another has none. */
function noAdapters({ name }: ForeignBackend): AdapterStore {
  return {
    get: async (path) => {
      if (path === null) return { hash: '', inputs: {} };
      throw new EngineError('MODEL_ERROR', `${name} takes no adapters. Serve this expert with --model default.`, {
        facts: { adapter: path },
      });
    },
    size: () => 0,
  };
}
