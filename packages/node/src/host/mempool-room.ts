/**
 * Who gives way when the mempool is full, and who comes first in a block. Owns the two orders, which keep one payer from crowding out the others;
 * what is acceptable at all is mempool.ts's.
 */
import type { Amount, PublicKey } from '@synod/chain';
import { limits } from './limits.ts';
import type { MempoolEntry } from './mempool.ts';

/** What is asked for: the payer's transaction and its length. */
export type Newcomer = { readonly sender: PublicKey; readonly tip: bigint; readonly bytes: number };

type Room = { readonly transactions: number; readonly bytes: number; readonly fee: Amount };

const NO_ROOM: Room = { transactions: 0, bytes: 0, fee: 0n };

/** What each payer has waiting, kept as entries come and go: looking at all of them for every refusal would cost more than they do. */
export class PayerRooms {
  readonly #rooms = new Map<PublicKey, Room>();

  add({ transaction, bytes, fee }: MempoolEntry): void {
    const before = this.#of(transaction.body.sender);
    this.#rooms.set(transaction.body.sender, {
      transactions: before.transactions + 1,
      bytes: before.bytes + bytes.length,
      fee: before.fee + fee,
    });
  }

  remove({ transaction, bytes, fee }: MempoolEntry): void {
    const { sender } = transaction.body;
    const before = this.#of(sender);
    if (before.transactions <= 1) this.#rooms.delete(sender);
    else {
      const transactions = before.transactions - 1;
      this.#rooms.set(sender, { transactions, bytes: before.bytes - bytes.length, fee: before.fee - fee });
    }
  }

  /** Fees of what the payer has waiting. */
  feesOf(sender: PublicKey): Amount {
    return this.#of(sender).fee;
  }

  shareOf(sender: PublicKey): number {
    return shareOf(this.#of(sender));
  }

  /** The payer's share with the newcomer in it. */
  shareWith({ sender, bytes }: Newcomer): number {
    const own = this.#of(sender);
    return shareOf({ transactions: own.transactions + 1, bytes: own.bytes + bytes });
  }

  /** Whether any payer has more than that. */
  isAnyAbove(share: number): boolean {
    for (const room of this.#rooms.values()) if (shareOf(room) > share) return true;
    return false;
  }

  #of(sender: PublicKey): Room {
    return this.#rooms.get(sender) ?? NO_ROOM;
  }
}

/** In parts of the two bounds, whichever is the tighter. */
function shareOf({ transactions, bytes }: Pick<Room, 'transactions' | 'bytes'>): number {
  return Math.max(transactions / limits.mempoolTransactions, bytes / limits.mempoolBytes);
}

/** Whether {@link victimFor} would find one; costs less. */
export function hasVictim(entries: readonly MempoolEntry[], rooms: PayerRooms, newcomer: Newcomer): boolean {
  if (rooms.isAnyAbove(rooms.shareWith(newcomer))) return true;
  return newcomer.tip > 0n && entries.some(({ transaction }) => transaction.body.tip < newcomer.tip);
}

/**
 * The entry that gives way: of the payer that takes most room, if that is more than the newcomer's payer would take with it; else, if the
 * newcomer's tip is higher than the lowest of all, one with that tip. Of several the largest payer's, then what came last. Null: it waits outside.
 */
export function victimFor(
  entries: readonly MempoolEntry[],
  rooms: PayerRooms,
  newcomer: Newcomer,
): MempoolEntry | null {
  const wanted = rooms.shareWith(newcomer);
  const shared = entries.map((entry) => ({ entry, share: rooms.shareOf(entry.transaction.body.sender) }));
  const most = shared.reduce((share, one) => Math.max(share, one.share), 0);
  const rivals = most > wanted ? shared.filter(({ share }) => share === most) : shared;
  const [first, ...others] = rivals;
  if (first === undefined) return null;
  const victim = others.reduce((worst, one) => (isBefore(worst, one) ? worst : one), first).entry;
  return most > wanted || victim.transaction.body.tip < newcomer.tip ? victim : null;
}

type Shared = { readonly entry: MempoolEntry; readonly share: number };

/** Whether the first gives way before the second, which came later. */
function isBefore(first: Shared, second: Shared): boolean {
  const [one, other] = [first.entry.transaction.body.tip, second.entry.transaction.body.tip];
  return one === other ? first.share > second.share : one < other;
}

/** Highest tip first; of equal ones the first of every payer, then the second of every payer, each in the order in which they came. */
export function inTurns(entries: Iterable<MempoolEntry>): readonly MempoolEntry[] {
  // Sorts are stable: what is equal stays in the order in which it came.
  const byTip = [...entries].sort((a, b) => compareTips(b, a));
  const turns = new Map<PublicKey, number>();
  const placed = byTip.map((entry, index) => {
    const before = byTip[index - 1];
    if (before !== undefined && compareTips(before, entry) !== 0) turns.clear();
    const { sender } = entry.transaction.body;
    const turn = turns.get(sender) ?? 0;
    turns.set(sender, turn + 1);
    return { entry, turn };
  });
  return placed.sort((a, b) => compareTips(b.entry, a.entry) || a.turn - b.turn).map(({ entry }) => entry);
}

function compareTips({ transaction: { body: a } }: MempoolEntry, { transaction: { body: b } }: MempoolEntry): number {
  return a.tip === b.tip ? 0 : a.tip < b.tip ? -1 : 1;
}
