/**
 * `synod model fetch`: downloads, converts and verifies a model before it is needed, for machines that will be offline.
 */
import { resolveModel } from '@synod/inference/models';
import { modelName } from '../devnet/model-name.ts';
import { stopSignal } from '../processes/stop-signals.ts';
import { displayPath, modelCacheDirectory } from '../settings/paths.ts';
import { type CommonOptions, note, print, printJson } from '../terminal/output.ts';

export type ModelFetchFlags = CommonOptions & { readonly model: string };

export async function runModelFetch(flags: ModelFetchFlags): Promise<void> {
  let last = '';
  const { directory, info, hash } = await resolveModel({
    model: modelName(flags.model),
    cacheDir: modelCacheDirectory(process.env),
    onProgress: ({ message }) => {
      if (message !== last && !flags.json) note(`  … ${message}`);
      last = message;
    },
    signal: stopSignal(),
  });
  if (flags.json)
    return printJson({ model: info.name, hash, directory, parameters: info.parameters, licence: info.licence });
  print(`✔ ${info.name}   ${(info.parameters / 1e6).toFixed(1)} M parameters   ${info.licence}`);
  print(`  ${displayPath(directory)}   sha256 ${hash}`);
}
