/**
 * Vectors of knowledge folders, computed by a worker of their own and kept in the user's cache. Owns which are computed when: all of a
 * folder by `expert build`, those of the ways to ask before a devnet's first question, since retrieval leans on them most.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Knowledge, openKnowledge, vectorsDirectory, vectorsFile } from '@synod/inference/knowledge';
import { writeJsonAtomic } from '../files/write-file.ts';
import { type LocalWorker, type LocalWorkerOptions, withWorker } from './local-worker.ts';

export type VectorsProgress = (done: number, total: number, domain: string) => void;

/** Every vector of the folder that is missing. They are kept as they are made, so that a repeated run goes on. */
export async function computeVectors(
  folder: string,
  options: LocalWorkerOptions & { readonly onProgress: VectorsProgress },
): Promise<void> {
  await withWorker(options, async (worker) => {
    const knowledge = await open(folder, worker);
    const { domain } = knowledge.card;
    await knowledge.embedAll((done, total) => options.onProgress(done, total, domain), controlOf(options.signal));
  });
}

/** The vectors of all ways to ask of these folders, once a folder and model; later calls cost a hash each. */
export async function computePhraseVectors(
  folders: readonly { readonly name: string; readonly knowledge: string }[],
  options: LocalWorkerOptions & { readonly modelHash: string; readonly onProgress: VectorsProgress },
): Promise<void> {
  const wanted = folders
    .map(({ name, knowledge }) => ({ name, knowledge, mark: markOf(knowledge, options.modelHash) }))
    .filter(({ name, mark }) => readMark(name) !== mark);
  if (wanted.length === 0) return;
  await withWorker(options, async (worker) => {
    for (const { name, knowledge: folder, mark } of wanted) {
      const knowledge = await open(folder, worker);
      const onProgress = (done: number, total: number): void => options.onProgress(done, total, name);
      await knowledge.embedPhrases(onProgress, controlOf(options.signal));
      mkdirSync(dirname(markFile(name)), { recursive: true });
      writeJsonAtomic(markFile(name), mark);
    }
  });
}

async function open(folder: string, worker: LocalWorker): Promise<Knowledge> {
  let next = 0;
  const embed = async (texts: readonly string[]): Promise<Float32Array[]> => {
    const event = await worker.run({ kind: 'embed', id: `embed/${folder}/${next++}`, priority: 'verify', texts });
    return event.kind === 'embedded' ? [...event.vectors] : [];
  };
  return await openKnowledge(folder, {
    embed,
    vectorsFile: (card) => vectorsFile(vectorsDirectory(process.env), card),
  });
}

const controlOf = (signal: AbortSignal) => ({ signal, checkpoint: async () => undefined });

/** Says which phrases, for which model, are in the cache. */
function markOf(folder: string, modelHash: string): string {
  const phrases = readFileSync(join(folder, 'relations.json'));
  return createHash('sha256').update(modelHash).update(phrases).digest('hex');
}

const markFile = (domain: string): string => join(vectorsDirectory(process.env), `${domain}.phrases.json`);

function readMark(domain: string): unknown {
  try {
    return JSON.parse(readFileSync(markFile(domain), 'utf8')) as unknown;
  } catch {
    // Missing or unreadable: the vectors that are there already cost nothing again.
    return null;
  }
}
