/** Small archives and a recipe over them. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DomainRecipe, FetchPackage, PinnedPackage } from '@synod/experts';
import { zipSync } from 'fflate';

export const FACTS = 'Iron,Fe\nGold,Au\nSilver,Ag\n';

export function zipOf(files: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)] as const);
  return zipSync(Object.fromEntries(entries));
}

export function pinOf(bytes: Uint8Array, fileName = 'facts-1.0.0-py3-none-any.whl'): PinnedPackage {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    registry: 'pypi',
    name: 'facts',
    version: '1.0.0',
    fileName,
    bytes: bytes.length,
    sha256,
    members: /\.csv$/,
  };
}

/** A recipe with one package: a table of names and symbols. */
export function recipeOf(source: PinnedPackage): DomainRecipe {
  const symbols = async (read: Parameters<DomainRecipe['passages']>[0]) =>
    (await read('facts'))
      .text('facts.csv')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
  return {
    domain: 'metals',
    title: 'Metals',
    sources: [{ id: 'facts', title: 'Facts', licence: 'CC0', version: '1.0.0', package: source }],
    passages: async (read) =>
      (await symbols(read)).map(([name, symbol]) => ({
        text: `The symbol of ${name} is ${symbol}.`,
        source: 'Facts (CC0)',
        subject: name!,
        relation: 'symbol',
        value: symbol!,
      })),
    aliases: async () => ({ Gold: ['aurum'], Copper: ['cuprum'] }),
    relations: { symbol: ['chemical symbol'] },
    questions: {
      templates: [],
      inventedSubjects: [],
      unheldRelations: [],
      perTemplate: { train: 1, tune: 1, test: 1 },
    },
  };
}

/** A fetch that serves bytes and counts its calls. */
export function serving(bytes: Uint8Array): FetchPackage & { calls: number } {
  const fetch = async (source: PinnedPackage, { folder }: { readonly folder: string }) => {
    fetch.calls += 1;
    await mkdir(folder, { recursive: true });
    const path = join(folder, source.fileName);
    await writeFile(path, bytes);
    return path;
  };
  fetch.calls = 0;
  return fetch;
}

export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'experts-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function filesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = ['passages.jsonl', 'aliases.json', 'relations.json', 'card.json'];
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}
