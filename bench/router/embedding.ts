/** Options shared by the router's two programs, and vectors of prompts. Owns nothing of the router. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openEmbedder } from '../../packages/inference/src/engine/embedder.ts';
import { resolveModel } from '../../packages/inference/src/models/index.ts';
import { readManifest } from '../../packages/inference/src/models/store/manifest-file.ts';
import { shorten } from '../../packages/inference/src/routing/shorten.ts';
import type { Prompt } from './prompts.ts';

const KNOWLEDGE_FOLDER = fileURLToPath(new URL('../../packages/experts/knowledge', import.meta.url));
const DOMAINS_FOLDER = fileURLToPath(new URL('../domains', import.meta.url));
export const undisturbed = { signal: new AbortController().signal, checkpoint: async () => {} };

/** `--questions`, `--knowledge`: folders with one folder a domain. `--model`: as everywhere. */
export function options(): {
  readonly questions: string;
  readonly knowledge: string;
  readonly model: string;
  readonly showWrong: boolean;
} {
  const { values } = parseArgs({
    options: {
      questions: { type: 'string', default: DOMAINS_FOLDER },
      knowledge: { type: 'string', default: KNOWLEDGE_FOLDER },
      model: { type: 'string', default: 'default' },
      wrong: { type: 'boolean', default: false },
    },
  });
  return {
    questions: resolve(values.questions),
    knowledge: resolve(values.knowledge),
    model: values.model,
    showWrong: values.wrong,
  };
}

export async function modelDirectory(model: string): Promise<string> {
  const cacheDir = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'synod', 'models');
  return (await resolveModel({ model, cacheDir })).directory;
}

export async function embedPrompts(model: string, prompts: readonly Prompt[]): Promise<Float32Array[]> {
  const directory = await modelDirectory(model);
  const embedder = await openEmbedder(directory, (await readManifest(directory)).embedder);
  const vectors = await embedder.embed(
    prompts.map(({ text }) => shorten(text)),
    undisturbed,
  );
  await embedder.close();
  return vectors;
}
