/**
 * `library/joined/` in a node's home: folders that several experts' knowledge was joined into, for the judge (spec: knowledge §10). Owns which of
 * them exist: the newest of each domain and the one before, which a running job may still read. They are derived, so every start begins without.
 */
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as others } from 'node:timers/promises';
import { type Hash, readKeptBundle } from '@synod/chain';
import { JoinedKnowledge } from './joined-knowledge.ts';
import type { LibraryLog } from './library-folder.ts';
import type { Deliver } from './node-store.ts';
import { writeFailed } from './store-errors.ts';

export type JoinedFoldersOptions = {
  readonly folder: string;
  /** A bundle that is here, or null. */
  readonly read: (id: Hash) => Uint8Array | null;
  readonly deliver: Deliver;
  readonly log: LibraryLog;
};

/** Opening it throws `STORE_WRITE_FAILED`. */
export class JoinedFolders {
  readonly #options: JoinedFoldersOptions;
  /** By domain, the newest last. */
  readonly #made = new Map<string, readonly string[]>();
  #count = 0;

  constructor(options: JoinedFoldersOptions) {
    this.#options = options;
    try {
      rmSync(options.folder, { recursive: true, force: true });
    } catch (cause) {
      throw writeFailed(options.folder, cause);
    }
  }

  /** Makes the folder and tells it; without ids the domain's folders go. What fails is a warning and told too, and the old folder stays. */
  async make(domain: string, ids: readonly Hash[]): Promise<void> {
    const { folder, deliver, log } = this.#options;
    // Never a name again: jobs may be reading what was made before of the same bundles.
    const path = join(folder, String(++this.#count));
    try {
      if (ids.length > 0) await this.#write(path, domain, ids);
      else await this.#keep(domain, []);
    } catch (error) {
      log.warn({ folder: path, domain, error: String(error) }, 'published knowledge not joined');
      if (ids.length > 0) deliver({ kind: 'knowledgeJoined', domain, ids, folder: null, passages: 0, isWhole: false });
    }
  }

  async #write(folder: string, domain: string, ids: readonly Hash[]): Promise<void> {
    const { read, deliver, log } = this.#options;
    const joined = new JoinedKnowledge();
    let isWhole = true;
    for (const id of ids) {
      // Votes come between: a bundle takes some 50 ms.
      await others();
      const bytes = read(id);
      const bundle = bytes === null ? null : readKeptBundle(bytes, id);
      if (bundle !== null && joined.add(bundle)) continue;
      isWhole &&= bundle !== null;
      const why = bundle === null ? 'it is not here' : 'one folder would have too much';
      log.warn({ knowledge: id, domain, why }, 'knowledge of an expert is left out');
    }
    if (joined.size === 0) {
      deliver({ kind: 'knowledgeJoined', domain, ids, folder: null, passages: 0, isWhole });
      return;
    }
    await joined.write(folder, domain);
    await this.#keep(domain, [...(this.#made.get(domain) ?? []).slice(-1), folder]);
    deliver({ kind: 'knowledgeJoined', domain, ids, folder, passages: joined.size, isWhole });
  }

  async #keep(domain: string, folders: readonly string[]): Promise<void> {
    const gone = (this.#made.get(domain) ?? []).filter((each) => !folders.includes(each));
    if (folders.length === 0) this.#made.delete(domain);
    else this.#made.set(domain, folders);
    for (const each of gone) await rm(each, { recursive: true, force: true });
  }
}
