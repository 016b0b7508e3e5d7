/**
 * What this node's files tell of an expert beside what the chain has: its parameters, its data with licences, its figures. Owns
 * the reading of them; a file that is missing or damaged leaves its part out, for a card binds nobody.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Address, Expert } from '@synod/chain';
import type { ExpertSetup, GenerationProfile, ModelInfo } from '@synod/inference';

/** Cards and figures are small; more is not read. */
const FILE_BYTES_MAX = 256 * 1024;

export type HostedSetup = { readonly address: Address } & ExpertSetup;

export type ExpertCard = {
  readonly expert: Expert;
  /** True when the expert answers through this node; only then profile and adapter are known. */
  readonly isHosted: boolean;
  readonly profile: GenerationProfile | null;
  readonly model: (Omit<ModelInfo, 'contextTokens'> & { readonly backend: string }) | null;
  /** Published knowledge of the root that the expert registered; null when this node has none of it. */
  readonly knowledge: KnowledgeFacts | null;
  readonly adapter: AdapterFacts | null;
};

export type KnowledgeFacts = {
  readonly title: string;
  readonly sources: readonly {
    readonly id: string;
    readonly title: string;
    readonly licence: string;
    readonly version: string;
  }[];
  /** Figures measured on this very knowledge, by name; empty when none were published with it. */
  readonly scores: Readonly<Record<string, number>>;
};

export type AdapterFacts = {
  readonly hash: string;
  readonly licence: string;
  readonly steps: number;
  readonly seed: number;
  readonly dataHash: string;
};

export type CardOptions = {
  readonly hosted: readonly HostedSetup[];
  readonly knowledge: ReadonlyMap<string, string>;
  readonly model: () => ModelInfo | undefined;
};

export async function expertCard(expert: Expert, { hosted, knowledge, model }: CardOptions): Promise<ExpertCard> {
  const own = hosted.find(({ address }) => address === expert.address);
  const folder = own?.knowledge ?? knowledge.get(expert.profile.domain) ?? null;
  const info = model();
  const isSameModel = info !== undefined && info.name === expert.profile.modelName;
  return {
    expert,
    isHosted: own !== undefined,
    profile: own?.profile ?? null,
    model: isSameModel ? modelFacts(info) : null,
    knowledge: folder === null ? null : await knowledgeFacts(folder, expert.profile.knowledgeRoot),
    adapter: own === undefined || own.adapter === null ? null : await adapterFacts(own.adapter),
  };
}

function modelFacts({ name, hash, parameters, licence, backend }: ModelInfo): ExpertCard['model'] {
  return { name, hash, parameters, licence, backend };
}

async function knowledgeFacts(folder: string, registered: string): Promise<KnowledgeFacts | null> {
  const card = await readJson(join(folder, 'card.json'));
  if (card === null || card['root'] !== registered) return null;
  const sources = Array.isArray(card['sources']) ? card['sources'].map(sourceOf) : [];
  const measured = await readJson(join(folder, 'scores.json'));
  const figures = measured !== null && measured['root'] === registered ? measured['figures'] : null;
  return { title: String(card['title'] ?? ''), sources, scores: numbersOf(figures) };
}

function sourceOf(value: unknown): KnowledgeFacts['sources'][number] {
  const { id, title, licence, version } = (value ?? {}) as Record<string, unknown>;
  return { id: String(id), title: String(title), licence: String(licence), version: String(version) };
}

function numbersOf(value: unknown): Record<string, number> {
  const entries = Object.entries((value ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => Number.isFinite(entry[1])));
}

async function adapterFacts(file: string): Promise<AdapterFacts | null> {
  try {
    const { readAdapterAbout } = await import('@synod/inference/adapters');
    const { hash, about } = await readAdapterAbout(file);
    return { hash, licence: about.licence, steps: about.steps, seed: about.seed, dataHash: about.dataHash };
  } catch {
    // The card leaves out what it cannot read; the worker reports a damaged adapter when it is to use it.
    return null;
  }
}

async function readJson(file: string): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const text = await readFile(file, 'utf8');
    const value: unknown = text.length > FILE_BYTES_MAX ? null : JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown> | null) : null;
  } catch {
    // As above: the card leaves it out.
    return null;
  }
}
