/** The base model that a training is for. Owns finding it and that it can take an adapter at all. */
import { SynodError } from '@synod/chain';
import { resolveModel } from '@synod/inference/models';
import { modelCacheDirectory } from '../settings/paths.ts';

/** The folder of one of this project's own models. Throws MODEL_NOT_TRAINABLE for another, before anything of it is fetched where it can. */
export async function trainableModel(model: string, signal: AbortSignal): Promise<string> {
  if (/^https?:\/\//.test(model)) throw notTrainable(model);
  const cacheDir = modelCacheDirectory(process.env);
  const { directory, info } = await resolveModel({ model, cacheDir, onProgress: () => undefined, signal });
  if (info.backend === 'synod') return directory;
  throw notTrainable(model);
}

function notTrainable(model: string): SynodError {
  return new SynodError(
    'MODEL_NOT_TRAINABLE',
    `${model} takes no adapters, so that nothing can be trained for it. Leave --model out, or name a model folder of Synod's own.`,
    { facts: { model } },
  );
}
