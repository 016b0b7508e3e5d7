/** Knowledge with gaps: a folder that keeps a share of another's passages, the same ones every time. Owns which passages stay. */
import { join } from 'node:path';
import { knowledgeRootOf, readFolder, writeFolder } from '../../packages/experts/src/knowledge-folder.ts';
import { fraction } from '../judge/random.ts';

/** Returns the folder itself for a share of 1; else a copy under `directory` whose passages were drawn by seed and text. */
export async function degradedFolder(
  folder: string,
  { share, seed, directory }: { readonly share: number; readonly seed: string; readonly directory: string },
): Promise<string> {
  if (share === 1) return folder;
  const { card, passages, aliases, relations } = await readFolder(folder);
  const kept = passages.filter(({ text }) => fraction(`${seed} ${text}`) < share);
  const out = join(directory, `${card.domain}-${seed}`);
  const degraded = { ...card, root: knowledgeRootOf(kept), size: kept.length };
  await writeFolder(out, { card: degraded, passages: kept, aliases, relations });
  return out;
}
