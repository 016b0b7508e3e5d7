/**
 * What this node knows of private queries, in memory and in the store's local notes until the query leaves state (spec: privacy §6).
 * Owns the notes, their list and when they go; who sends and reads what they hold is private-desk.ts.
 */
import {
  type Address,
  decodePrivateNote,
  encodePrivateNote,
  fromHex,
  type Hash,
  type Height,
  type PrivateAnswer,
  type PrivateNote,
  type PrivatePrompt,
  type Round,
  readQuery,
  type StateView,
  toHex,
} from '@synod/chain';
import { limits } from './limits.ts';
import type { Store } from './ports.ts';

type Kept = { note: PrivateNote /** Writes under way. */; unstored: number };

const LIST_KEY = 'private/list';
const HASH_BYTES = 32;
const nothing: PrivateNote = { prompt: null, answers: [], readKeyHash: null, openBy: 0 };

export class PrivateNotes {
  readonly #store: Store;
  readonly #kept = new Map<Hash, Kept>();

  /** Reads what an earlier process kept. */
  constructor(store: Store) {
    this.#store = store;
    for (const id of listed(store.getLocal(LIST_KEY))) {
      const bytes = store.getLocal(noteKey(id));
      const note = bytes === null ? null : decodePrivateNote(bytes);
      if (note?.ok) this.#kept.set(id, { note: note.value, unstored: 0 });
    }
  }

  get ids(): readonly Hash[] {
    return [...this.#kept.keys()];
  }

  get(id: Hash): PrivateNote | null {
    return this.#kept.get(id)?.note ?? null;
  }

  /** Whether all that is known of the query survives a crash. */
  isDurable(id: Hash): boolean {
    return this.#kept.get(id)?.unstored === 0;
  }

  answer(id: Hash, expert: Address, round: Round): PrivateAnswer | null {
    const found = this.get(id)?.answers.find((one) => one.expert === expert && one.round === round);
    return found ?? null;
  }

  /** Begins the note of a query that this node is about to open. False where no more can be kept. */
  open(
    id: Hash,
    own: { readonly prompt: PrivatePrompt; readonly readKeyHash: Hash; readonly openBy: Height },
  ): boolean {
    return this.#write(id, { ...nothing, ...own });
  }

  keepPrompt(id: Hash, prompt: PrivatePrompt): boolean {
    return this.#write(id, { ...(this.get(id) ?? nothing), prompt });
  }

  /** The first answer of an expert in a round stays. */
  keepAnswer(id: Hash, one: PrivateAnswer): boolean {
    if (this.answer(id, one.expert, one.round) !== null) return true;
    const note = this.get(id) ?? nothing;
    return this.#write(id, { ...note, answers: [...note.answers, one] });
  }

  /** The query whose note this write completed, with nothing of it under way any more; else null. */
  onStored(key: string): Hash | null {
    for (const [id, kept] of this.#kept) {
      if (key !== noteKey(id)) continue;
      kept.unstored -= 1;
      return kept.unstored === 0 ? id : null;
    }
    return null;
  }

  /** Drops the notes of queries that have left state, or were never opened in time. */
  onHead(state: StateView, height: Height): void {
    const gone = this.ids.filter((id) => readQuery(state, id) === null && height > this.get(id)!.openBy);
    for (const id of gone) {
      this.#kept.delete(id);
      this.#store.deleteLocal(noteKey(id));
    }
    if (gone.length > 0) this.#list();
  }

  /** The list is written first: a note that no list names would stay for ever. */
  #write(id: Hash, note: PrivateNote): boolean {
    const kept = this.#kept.get(id);
    if (kept === undefined && this.#kept.size >= limits.privateQueries) return false;
    this.#kept.set(id, { note, unstored: (kept?.unstored ?? 0) + 1 });
    if (kept === undefined) this.#list();
    this.#store.putLocal(noteKey(id), encodePrivateNote(note));
    return true;
  }

  #list(): void {
    const bytes = new Uint8Array(HASH_BYTES * this.#kept.size);
    this.ids.forEach((id, index) => {
      bytes.set(fromHex(id), HASH_BYTES * index);
    });
    this.#store.putLocal(LIST_KEY, bytes);
  }
}

function noteKey(id: Hash): string {
  return `private/note/${id}`;
}

function listed(bytes: Uint8Array | null): readonly Hash[] {
  const count = Math.floor((bytes?.length ?? 0) / HASH_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const at = HASH_BYTES * index;
    return toHex(bytes!.subarray(at, at + HASH_BYTES)) as Hash;
  });
}
