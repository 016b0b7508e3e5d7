/**
 * What a node runs for the experts that were offered through its home. Owns joining them with node.json and keys.json: one base model
 * a node, and their knowledge for its judge.
 */
import { resolve } from 'node:path';
import { SynodError } from '@synod/chain';
import type { NodeHome } from '../node-home.ts';
import { displayPath } from '../settings/paths.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { ANY_EXPERT } from '../tree/flags.ts';
import { type HostedEntry, hostedKeys, readHosted } from './hosted-experts.ts';

/**
 * The home with its experts. `wanted` are folders that must be among them; `ANY_EXPERT` means whichever. Throws `EXPERT_NOT_OFFERED`, `MODEL_DIFFERS`, or as
 * `hostedKeys`.
 */
export function withHosted(
  home: NodeHome,
  { directory, wanted }: { readonly directory: string; readonly wanted: readonly string[] },
): NodeHome {
  const entries = readHosted(directory);
  if (wanted.includes(ANY_EXPERT)) requireAny(home, entries, directory);
  for (const folder of wanted) if (folder !== ANY_EXPERT) requireOffered(resolve(folder), entries, directory);
  if (entries.length === 0) return home;
  const { node, keys } = home;
  const modelDirectory = oneModel(node.modelDirectory, entries, directory);
  const own = new Set(keys.experts.map(({ seed }) => Buffer.from(seed).toString('hex')));
  const added = hostedKeys(directory, entries).filter(({ seed }) => !own.has(Buffer.from(seed).toString('hex')));
  const known = entries.flatMap(({ domain, setup }) => (setup.knowledge === null ? [] : [[domain, setup.knowledge]]));
  return {
    ...home,
    node: { ...node, modelDirectory, knowledge: { ...Object.fromEntries(known), ...node.knowledge } },
    keys: { ...keys, experts: [...keys.experts, ...added] },
  };
}

function requireAny({ keys }: NodeHome, entries: readonly HostedEntry[], home: string): void {
  if (entries.length + keys.experts.length > 0) return;
  throw new SynodError(
    'EXPERT_NOT_OFFERED',
    `No expert was offered through ${displayPath(home)}, and --expert asks for one. Offer one first:  ${SYNOD} expert offer FOLDER --domain DOMAIN --price PRICE --home ${displayPath(home)}`,
    { facts: { home } },
  );
}

function requireOffered(folder: string, entries: readonly HostedEntry[], home: string): void {
  if (entries.some((entry) => entry.folder === folder)) return;
  const offered = entries.map((entry) => displayPath(entry.folder)).join(', ');
  throw new SynodError(
    'EXPERT_NOT_OFFERED',
    `${displayPath(folder)} was not offered through ${displayPath(home)}${offered === '' ? '' : `, which has ${offered}`}. Offer it first:  ${SYNOD} expert offer ${displayPath(folder)} --domain DOMAIN --price PRICE --home ${displayPath(home)}`,
    { facts: { folder, home } },
  );
}

/** A worker runs one base model, and an answer of another than the registered one is worth nothing. */
function oneModel(own: string | null, entries: readonly HostedEntry[], home: string): string {
  const wanted = new Set([...(own === null ? [] : [own]), ...entries.map(({ modelDirectory }) => modelDirectory)]);
  const [first, ...others] = [...wanted];
  if (first !== undefined && others.length === 0) return first;
  throw new SynodError(
    'MODEL_DIFFERS',
    `The experts of ${displayPath(home)} need different base models (${[...wanted].map(displayPath).join(', ')}), and a node runs one. Offer them through homes of their own with --home.`,
    { facts: { home } },
  );
}
