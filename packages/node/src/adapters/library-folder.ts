/**
 * `library/` in a node's home: recipes, adapters and knowledge, each in a file named by its hash. Owns that a file is whole or not there, and
 * how many there are: the oldest of a kind makes room. What is lost is fetched, or published, again.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Hash,
  KNOWLEDGE_BUNDLE_BYTES_MAX,
  knowledgeId,
  knowledgeIdOf,
  RECIPE_LIMITS,
  recipeHash,
  sha256,
  toHex,
  ZERO_HASH,
} from '@synod/chain';
import { type ContentKind, type ExpertSigner, limits as hostLimits, type ModelLibrary } from '../host/index.ts';
import { JoinedFolders } from './joined-folders.ts';
import { bundleOf } from './joined-knowledge.ts';
import { readKnowledgeRoot } from './knowledge-prover.ts';
import { makeDirectory } from './make-directory.ts';
import type { Deliver } from './node-store.ts';
import { writeFailed } from './store-errors.ts';

/** Files kept of each kind: at most 16 MiB of recipes, 128 MiB of adapters and 384 MiB of knowledge; more of that than a judge wants (`knowledgeWanted`). */
export const LIBRARY_FILES_MAX: Readonly<Record<ContentKind, number>> = { recipe: 2_048, adapter: 128, knowledge: 96 };

const FOLDERS: Readonly<Record<ContentKind, string>> = {
  recipe: 'recipes',
  adapter: 'adapters',
  knowledge: 'knowledge',
};
const BYTES_MAX: Readonly<Record<ContentKind, number>> = {
  recipe: RECIPE_LIMITS.bytesMax,
  adapter: hostLimits.adapterBytesMax,
  knowledge: KNOWLEDGE_BUNDLE_BYTES_MAX,
};
const NAME = /^[0-9a-f]{64}$/;

export type LibraryLog = { warn(facts: object, message: string): void };

export type LibraryOptions = {
  /** The folder; made where it is missing. */
  readonly folder: string;
  readonly baseModel: () => Hash | null;
  readonly deliver: Deliver;
  readonly log: LibraryLog;
};

/** Opening it throws `STORE_WRITE_FAILED`. */
export class LibraryFolder implements ModelLibrary {
  readonly #options: LibraryOptions;
  /** Names that are there, oldest first. */
  readonly #names: Readonly<Record<ContentKind, Set<Hash>>>;
  /** Knowledge of this node's own experts, which nobody else may have yet: it never makes room. */
  readonly #own = new Set<Hash>();
  /** What this node judges with, by domain: it makes room only where nothing else is left. */
  readonly #judged = new Map<string, readonly Hash[]>();
  readonly #joined: JoinedFolders;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: LibraryOptions) {
    this.#options = options;
    this.#names = {
      recipe: this.#open('recipe'),
      adapter: this.#open('adapter'),
      knowledge: this.#open('knowledge'),
    };
    const { deliver, log } = options;
    const read = (id: Hash) => this.read('knowledge', id);
    this.#joined = new JoinedFolders({ folder: join(options.folder, 'joined'), read, deliver, log });
  }

  baseModel(): Hash | null {
    return this.#options.baseModel();
  }

  has(content: ContentKind, hash: Hash): boolean {
    return this.#names[content].has(hash);
  }

  read(content: ContentKind, hash: Hash): Uint8Array | null {
    if (!this.has(content, hash)) return null;
    const path = this.#path(content, hash);
    const bytes = existsSync(path) ? readFileSync(path) : null;
    if (bytes !== null && hashOf(content, bytes) === hash) return bytes;
    this.#names[content].delete(hash);
    this.#options.log.warn({ file: path }, 'damaged or missing file of the library, it is fetched again');
    return null;
  }

  adapterFile(hash: Hash): string {
    return this.#path('adapter', hash);
  }

  save(content: ContentKind, hash: Hash, bytes: Uint8Array): void {
    this.#writing = this.#writing.then(() => this.#write(content, hash, bytes));
  }

  /**
   * Takes in an expert's own adapter, so that peers can fetch it, and gives its hash: `ZERO_HASH` for none. Null, with a warning, for
   * a file that cannot be read or is too long.
   */
  publish(file: string | null): Hash | null {
    if (file === null) return ZERO_HASH;
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? null;
    if (size === null || size > BYTES_MAX.adapter) {
      this.#options.log.warn({ file, size }, 'no adapter that could be published');
      return null;
    }
    const bytes = readFileSync(file);
    const hash = toHex(sha256(bytes)) as Hash;
    if (!this.has('adapter', hash)) this.save('adapter', hash, bytes);
    return hash;
  }

  join(domain: string, ids: readonly Hash[]): void {
    if (ids.length === 0) this.#judged.delete(domain);
    else this.#judged.set(domain, ids);
    this.#writing = this.#writing.then(() => this.#joined.make(domain, ids));
  }

  /** Takes in what an own expert knows, signed by it, so that peers can fetch it; a folder that is out of bounds is a warning. */
  publishKnowledge(folder: string, signer: ExpertSigner): void {
    this.#writing = this.#writing.then(() => this.#publishKnowledge(folder, signer));
  }

  async #publishKnowledge(folder: string, signer: ExpertSigner): Promise<void> {
    if (await this.#isPublished(folder, signer)) return;
    const bundle = await bundleOf(folder, signer);
    const id = bundle.ok ? knowledgeIdOf(bundle.value) : null;
    if (bundle.ok && id !== null) {
      this.#own.add(id);
      return this.#write('knowledge', id, bundle.value);
    }
    const facts = { folder, expert: signer.address, why: bundle.ok ? 'its key does not sign' : bundle.problem };
    this.#options.log.warn(
      facts,
      'knowledge of an expert of this node is not published: judges elsewhere cannot look its answers up',
    );
  }

  /** True where the bundle is here that was made of the folder as it is now: whoever builds a folder writes its card last. */
  async #isPublished(folder: string, signer: ExpertSigner): Promise<boolean> {
    try {
      const id = knowledgeId(signer.address, (await readKnowledgeRoot(folder)).root);
      if (!this.has('knowledge', id)) return false;
      this.#own.add(id);
      const [card, bundle] = await Promise.all([stat(join(folder, 'card.json')), stat(this.#path('knowledge', id))]);
      return card.mtimeMs < bundle.mtimeMs;
    } catch {
      // Whatever keeps it from being looked at is said by whoever reads all of it.
      return false;
    }
  }

  /** Resolves when everything saved is on disk, or has failed. */
  settled(): Promise<void> {
    return this.#writing;
  }

  async #write(content: ContentKind, hash: Hash, bytes: Uint8Array): Promise<void> {
    const path = this.#path(content, hash);
    const names = this.#names[content];
    try {
      await this.#makeRoom(content);
      await writeFile(`${path}.new`, bytes, { mode: 0o600, flush: true });
      await rename(`${path}.new`, path);
    } catch (error) {
      this.#options.log.warn({ file: path, error: String(error) }, 'file of the library not written');
      return;
    }
    names.delete(hash);
    names.add(hash);
    this.#options.deliver({ kind: 'contentStored', content, hash });
  }

  async #makeRoom(content: ContentKind): Promise<void> {
    const names = this.#names[content];
    const judged = new Set([...this.#judged.values()].flat());
    while (names.size >= LIBRARY_FILES_MAX[content]) {
      const foreign = [...names].filter((name) => !this.#own.has(name));
      const oldest = foreign.find((name) => !judged.has(name)) ?? foreign[0];
      if (oldest === undefined) return;
      names.delete(oldest);
      await rm(this.#path(content, oldest), { force: true });
    }
  }

  /** What is there, oldest first; half-written files of a process that died are removed. */
  #open(content: ContentKind): Set<Hash> {
    const folder = join(this.#options.folder, FOLDERS[content]);
    try {
      makeDirectory(folder, 0o700);
      const found = readdirSync(folder);
      for (const name of found.filter((each) => each.endsWith('.new'))) rmSync(join(folder, name), { force: true });
      const files = found
        .filter((name) => NAME.test(name))
        .map((name) => ({ name: name as Hash, atMs: statSync(join(folder, name)).mtimeMs }));
      return new Set(files.toSorted((a, b) => a.atMs - b.atMs).map(({ name }) => name));
    } catch (cause) {
      throw writeFailed(folder, cause);
    }
  }

  #path(content: ContentKind, hash: Hash): string {
    return join(this.#options.folder, FOLDERS[content], hash);
  }
}

/** Null for bytes that can have no name: knowledge that nobody signed. */
function hashOf(content: ContentKind, bytes: Uint8Array): Hash | null {
  if (content === 'knowledge') return knowledgeIdOf(bytes);
  return content === 'recipe' ? recipeHash(bytes) : (toHex(sha256(bytes)) as Hash);
}
