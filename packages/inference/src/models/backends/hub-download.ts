/** Fetches an ONNX causal model by its hub id, by means of `@huggingface/transformers`. Owns where it is kept and what a failure says. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskFullError, isDiskFull, refusalIn } from '../../files/disk-full.ts';
import { ModelError } from '../errors.ts';
import type { OnProgress } from '../store/progress.ts';

/** As hubs name repositories: owner/name. */
export const isHubId = (model: string): boolean => /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(model);

export type HubOptions = { readonly cacheDir: string; readonly onProgress: OnProgress | undefined };

/** The folder of the model's files, fetched unless they are there. Errors: MODEL_FETCH_FAILED, DISK_FULL. */
export async function fetchFromHub(id: string, { cacheDir, onProgress }: HubOptions): Promise<string> {
  const { AutoModelForCausalLM, AutoTokenizer, env } = await import('@xenova/transformers');
  const folder = join(cacheDir, 'hub');
  await mkdir(folder, { recursive: true });
  const before = { cacheDir: env.cacheDir, allowLocalModels: env.allowLocalModels };
  Object.assign(env, { cacheDir: folder, allowLocalModels: false });
  const progress_callback = (progress: object) => {
    const { status, file, loaded, total } = progress as Record<string, string | number | undefined>;
    if (status !== 'progress') return;
    const [doneBytes, totalBytes] = [Number(loaded), Number(total)];
    onProgress?.({ phase: 'download', item: id, doneBytes, totalBytes, message: `Downloading ${file} of ${id}` });
  };
  try {
    await AutoTokenizer.from_pretrained(id, { progress_callback });
    const model = await AutoModelForCausalLM.from_pretrained(id, { dtype: 'fp32', device: 'cpu', progress_callback });
    await model.dispose();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (isDiskFull(cause) || refusalIn(reason) !== undefined) throw new DiskFullError(join(folder, id), null, cause);
    throw new ModelError(
      'MODEL_FETCH_FAILED',
      `${id} could not be fetched from ${env.remoteHost}: ${reason}. Check the name and the network, or download the repository elsewhere and name its folder with --model DIR.`,
      { facts: { model: id, host: env.remoteHost }, cause },
    );
  } finally {
    Object.assign(env, before);
  }
  return join(folder, id);
}
