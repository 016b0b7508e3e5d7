/**
 * The domains of a devnet beside `general`: those shipped with this version and those a user built. Owns finding their files
 * and what of them the chain registers; what stands in a folder is the experts package's.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Hash, isHex, SynodError } from '@synod/chain';
import { displayPath } from '../settings/paths.ts';
import { GENERAL } from './experts.ts';
import type { ChainChoice } from './options.ts';

export type DevnetDomain = {
  readonly name: string;
  /** Absolute folder. */
  readonly knowledge: string;
  readonly root: Hash;
  /** Passages. */
  readonly size: number;
  /** Absolute file with the SHA-256 of its bytes; null when the domain's experts run the base model as it is. */
  readonly adapter: { readonly file: string; readonly hash: Hash } | null;
};

export type DomainChoice = Pick<ChainChoice, 'experts' | 'knowledge'>;

/** Domains that every devnet of this version can offer, sorted. */
export function shippedDomains(): readonly string[] {
  const folder = join(expertsPackage(), 'knowledge');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'card.json')))
    .toSorted();
}

export function shippedKnowledge(domain: string): string {
  return join(expertsPackage(), 'knowledge', domain);
}

/** Null when none is shipped. */
export function shippedAdapter(domain: string): string | null {
  const file = join(expertsPackage(), 'adapters', `${domain}.adapter`);
  return existsSync(file) ? file : null;
}

/** Names that the choice stands for, `general` among them unless it was left out. Throws `USAGE` for one without knowledge. */
export function chosenDomains({ experts, knowledge }: DomainChoice): readonly string[] {
  const own = Object.keys(knowledge);
  const known = [...new Set([GENERAL, ...shippedDomains(), ...own])];
  const wanted = experts === 'all' ? known : [...new Set([...experts.split(','), ...own])];
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown === undefined) return wanted;
  throw new SynodError(
    'USAGE',
    `--experts: there is no knowledge of "${unknown}" here. Choose of ${known.join(', ')}, or build it and name it with --knowledge ${unknown}=FOLDER.`,
    { facts: { domain: unknown } },
  );
}

/**
 * The chosen domains but `general`, with those shipped adapters that were trained on the base model. Throws `KNOWLEDGE_MISSING` or
 * `KNOWLEDGE_DAMAGED`; passages are read by the nodes.
 */
export async function devnetDomains(choice: DomainChoice, baseModel: string): Promise<readonly DevnetDomain[]> {
  const names = chosenDomains(choice).filter((name) => name !== GENERAL);
  return await Promise.all(
    names.map(async (name) => {
      const folder = choice.knowledge[name] ?? shippedKnowledge(name);
      return { name, knowledge: folder, ...readCard(folder, name), adapter: await adapterFor(name, baseModel) };
    }),
  );
}

/** Root and number of passages of a shipped domain. Throws as `devnetDomains`. */
export function shippedCard(domain: string): { readonly root: Hash; readonly size: number } {
  return readCard(shippedKnowledge(domain), domain);
}

/** Null for none, and for one that other weights were trained into. */
async function adapterFor(domain: string, baseModel: string): Promise<DevnetDomain['adapter']> {
  const file = shippedAdapter(domain);
  if (file === null) return null;
  const { readAdapterAbout } = await import('@synod/inference/adapters');
  const { hash, about } = await readAdapterAbout(file);
  return about.baseModel === baseModel ? { file, hash: hash as Hash } : null;
}

function readCard(folder: string, domain: string): { readonly root: Hash; readonly size: number } {
  const file = join(folder, 'card.json');
  const next = `Build it:  synod expert build ${domain} --out FOLDER`;
  if (!existsSync(file)) {
    throw new SynodError(
      'KNOWLEDGE_MISSING',
      `${displayPath(folder)} is no knowledge folder: it has no card.json. ${next}`,
      {
        facts: { folder },
      },
    );
  }
  const card = parseCard(readFileSync(file, 'utf8'));
  if (card === null) {
    throw new SynodError('KNOWLEDGE_DAMAGED', `${displayPath(file)} names no domain, root and size. ${next}`, {
      facts: { file },
    });
  }
  if (card.domain === domain) return { root: card.root, size: card.size };
  throw new SynodError(
    'KNOWLEDGE_OTHER_DOMAIN',
    `${displayPath(folder)} holds knowledge of ${card.domain}, not of ${domain}. Name it ${card.domain}=FOLDER.`,
    { facts: { folder, found: card.domain, wanted: domain } },
  );
}

function parseCard(text: string): { readonly domain: string; readonly root: Hash; readonly size: number } | null {
  try {
    const { domain, root, size } = JSON.parse(text) as { domain?: unknown; root?: unknown; size?: unknown };
    const isWhole = typeof size === 'number' && Number.isSafeInteger(size) && size > 0;
    if (typeof domain !== 'string' || typeof root !== 'string' || !isHex(root, 32) || !isWhole) return null;
    return { domain, root: root as Hash, size };
  } catch {
    // Not JSON: damaged, as the caller says.
    return null;
  }
}

/** Folder of the experts package, whose resources are shipped with this version. */
export function expertsPackage(): string {
  return resolve(import.meta.dirname, '../../../experts');
}
