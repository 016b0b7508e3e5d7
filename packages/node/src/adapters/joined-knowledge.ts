/**
 * Knowledge bundles and knowledge folders (spec: knowledge §9, §10): a hosted expert's folder as a bundle, and several bundles as the one folder that
 * a worker judges with. Owns both conversions; whose bundles they are, and in which order, is said by the caller.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BundleCard,
  encodeKnowledgeBundle,
  KNOWLEDGE_BUNDLE_BYTES_MAX,
  type KnowledgeBundle,
  type KnowledgePassage,
  type NameTable,
  type Opened,
  PASSAGE_LIMITS,
  PassageTree,
  publicKeyOf,
  sign,
  togetherProblem,
} from '@synod/chain';
import { KnowledgeError, readKnowledgeFolder } from '@synod/inference/knowledge';
import type { ExpertSigner } from '../host/index.ts';

/** The folder as a bundle of this expert, or why others cannot have it. */
export async function bundleOf(
  folder: string,
  signer: Pick<ExpertSigner, 'publicKey' | 'sign'>,
): Promise<Opened<Uint8Array>> {
  try {
    const { size } = await stat(join(folder, 'passages.jsonl'));
    if (size > KNOWLEDGE_BUNDLE_BYTES_MAX)
      return { ok: false, problem: `its passages have ${size} bytes, above ${KNOWLEDGE_BUNDLE_BYTES_MAX}` };
    const { card, aliases, relations, passages } = await readKnowledgeFolder(folder);
    const bundle = { card: card as BundleCard, aliases: tableOf(aliases), relations: tableOf(relations), passages };
    return encodeKnowledgeBundle(bundle, signer);
  } catch (error) {
    if (error instanceof KnowledgeError) return { ok: false, problem: error.message };
    return { ok: false, problem: `it cannot be read: ${String(error)}` };
  }
}

/** Why others cannot have the folder, whoever's it will be, or null. There may be no key yet, so one is made that signs this alone. */
export async function publishProblem(folder: string): Promise<string | null> {
  const seed = randomBytes(32);
  const bundle = await bundleOf(folder, { publicKey: publicKeyOf(seed), sign: (message) => sign(seed, message) });
  return bundle.ok ? null : bundle.problem;
}

/** Several bundles as one, growing: equal texts stand once, and who comes first says what a subject or relation is called besides. */
export class JoinedKnowledge {
  #passages: readonly KnowledgePassage[] = [];
  readonly #texts = new Set<string>();
  readonly #subjects = new Set<string>();
  #aliases: ReadonlyMap<string, readonly string[]> = new Map();
  #relations: ReadonlyMap<string, readonly string[]> = new Map();
  /** Relations that have phrases, and those that only passages name. */
  readonly #named = new Set<string>();
  readonly #sources = new Map<string, BundleCard['sources'][number]>();

  get size(): number {
    return this.#passages.length;
  }

  /** Takes all of it, or nothing where a folder would have more than it may: then false. */
  add({ card, aliases, relations, passages }: KnowledgeBundle): boolean {
    const fresh = passages.filter(({ text }) => !this.#texts.has(text));
    if (this.size + fresh.length > PASSAGE_LIMITS.passages) return false;
    const joined = {
      passages: [...this.#passages, ...fresh],
      aliases: new Map([...this.#aliases, ...aliases.filter(([subject]) => !this.#subjects.has(subject))]),
      relations: new Map([...this.#relations, ...relations.filter(([name]) => !this.#named.has(name))]),
    };
    if (togetherProblem({ ...joined, relations: joined.relations.keys() }) !== null) return false;
    this.#passages = joined.passages;
    this.#aliases = joined.aliases;
    this.#relations = joined.relations;
    for (const [name] of relations) this.#named.add(name);
    for (const { subject, text, relation } of passages) {
      this.#subjects.add(subject);
      this.#named.add(relation);
      this.#texts.add(text);
    }
    for (const source of card.sources) this.#sources.set(JSON.stringify(source), source);
    return true;
  }

  /** Writes the folder beside its place and renames it there, the card last: a crash leaves it whole or not at all. */
  async write(folder: string, domain: string): Promise<void> {
    const work = `${folder}.new`;
    const card = {
      formatVersion: 1,
      domain,
      title: `What the experts of ${domain} published`,
      root: new PassageTree(this.#passages).root,
      size: this.size,
      sources: [...this.#sources.values()],
    };
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true, mode: 0o700 });
    const lines = this.#passages.map((passage) => `${JSON.stringify(passage)}\n`);
    await writeFile(join(work, 'passages.jsonl'), lines.join(''));
    await writeFile(join(work, 'aliases.json'), JSON.stringify(Object.fromEntries(this.#aliases)));
    await writeFile(join(work, 'relations.json'), JSON.stringify(Object.fromEntries(this.#relations)));
    await writeFile(join(work, 'card.json'), `${JSON.stringify(card, null, 2)}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(work, folder);
  }
}

function tableOf(names: ReadonlyMap<string, readonly string[]>): NameTable {
  return [...names].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
