/**
 * Spend keys of one node: makes and revokes them, sets aside what their queries and feedback can cost before they are out, and puts the true
 * cost in its place once the chain has it, also after a crash. Owns the books; it is their only writer.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Amount, type Hash, SynodError, toHex } from '@synod/chain';
import {
  feedbackQuotaExceeded,
  type NodeApi,
  quotaExceeded,
  SPEND_KEY_PREFIX,
  type SpendKeyAdmin,
  type SpendKeys,
  type SpendKeyView,
  type Wallet,
} from '@synod/rpc';
import { type FeedbackSource, feedbackCourse } from './feedback-cost.ts';
import {
  availableOf,
  cancelling,
  type HeldFeedback,
  holdFeedback,
  paidFor,
  type Reservation,
  reserve,
  reservedOf,
  type SpendKey,
  settle,
  settleFeedback,
  standingOf,
} from './ledger.ts';
import type { SpendFile } from './spend-file.ts';
import { type CostSource, trueCost } from './true-cost.ts';

export const spendLimits = {
  /** Keys a node keeps, revoked and expired ones included. */
  keysMax: 1_000,
  /** Queries of one key that are open at a time. */
  reservationsMax: 256,
  /** Feedback of one key whose deposits are held at a time. */
  feedbackMax: 256,
} as const;

/** Nano set aside for the transaction that may end a query early: a small one, at a price far above the usual. */
export const CANCEL_FEE_MAX = 100_000n;

/** Nano left aside for the block space of the query itself, where the budget is what limits its price. */
export const OPEN_FEE_ALLOWANCE = 100_000n;

/** `create` throws `PAYER_UNKNOWN`, `SPEND_KEY_EXISTS` or `SPEND_KEYS_FULL`, the rest `SPEND_KEY_UNKNOWN`. */
export type SpendDesk = SpendKeys &
  SpendKeyAdmin & {
    /** Puts true costs in the place of what is settled by now. */
    reconcile(): void;
  };

type NewSpendKey = Parameters<SpendKeyAdmin['create']>[0];

export type SpendDeskOptions = {
  readonly api: CostSource & FeedbackSource & Pick<NodeApi, 'payers'>;
  readonly file: SpendFile;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
};

/** Opens the books. Throws `FILE_DAMAGED` or `KEY_FILE_OPEN`. */
export function openSpendDesk(options: SpendDeskOptions): SpendDesk {
  return new Desk(options);
}

class Desk implements SpendDesk {
  readonly #options: SpendDeskOptions;
  #keys: readonly SpendKey[];

  constructor(options: SpendDeskOptions) {
    this.#options = options;
    this.#keys = options.file.load();
  }

  walletOf(secret: string): Wallet {
    const hash = hashOf(secret);
    const key = this.#keys.find((one) => one.hash === hash);
    if (key === undefined) {
      throw invalidKey('This node has no such spend key. Check that it is whole, and of this node.');
    }
    this.#requireOpen(key);
    const { id, account } = key;
    return {
      id,
      account,
      available: () => available(this.#named(id)),
      reserve: (query) => this.#reserve(id, { ...query, amount: query.costMax + CANCEL_FEE_MAX }),
      cancelFeeMax: (queryId) => reservationOf(this.#named(id), queryId)?.cancelFeeMax ?? null,
      cancelling: (queryId, cancel) => this.#put(cancelling(this.#named(id), queryId, cancel)),
      paidFor: (queryId) => paidFor(this.#named(id), queryId),
      feedbackSent: (queryId) => sentOf(this.#named(id), queryId),
      reserveFeedback: ({ deposit, feeMax, raw, ...sent }) =>
        this.#hold(id, { ...sent, raw: toHex(raw), deposit, amount: deposit + feeMax, isTaken: false }),
    };
  }

  create({ budget, lifeMs, account, name }: NewSpendKey): { secret: string; key: SpendKeyView } {
    const { api, nowMs } = this.#options;
    const payers = api.payers();
    const payer = account === null ? payers[0] : payers.find((one) => one.name === account || one.address === account);
    if (payer === undefined) throw unknownPayer(account, payers);
    if (this.#keys.length >= spendLimits.keysMax) throw keysFull();
    if (name !== null && this.#keys.some((one) => one.name === name)) throw nameTaken(name);
    const secret = `${SPEND_KEY_PREFIX}${randomBytes(32).toString('hex')}`;
    const id = `spend-${randomBytes(4).toString('hex')}`;
    const createdAtMs = nowMs();
    const key: SpendKey = {
      id,
      name: name ?? id,
      hash: hashOf(secret),
      account: payer.address,
      budget,
      spent: 0n,
      reservations: [],
      paid: [],
      feedback: [],
      createdAtMs,
      expiresAtMs: lifeMs === null ? null : createdAtMs + lifeMs,
      revokedAtMs: null,
    };
    this.#save([...this.#keys, key]);
    return { secret, key: viewOf(key, nowMs()) };
  }

  list(): readonly SpendKeyView[] {
    return this.#keys.map((key) => viewOf(key, this.#options.nowMs()));
  }

  show(idOrName: string): SpendKeyView {
    return viewOf(this.#named(idOrName), this.#options.nowMs());
  }

  revoke(idOrName: string): SpendKeyView {
    const key = this.#named(idOrName);
    if (key.revokedAtMs === null) this.#put({ ...key, revokedAtMs: this.#options.nowMs() });
    return this.show(key.id);
  }

  reconcile(): void {
    const next = this.#keys.map((key) => this.#settled(key));
    if (next.some((key, index) => key !== this.#keys[index])) this.#save(next);
  }

  #reserve(id: string, wanted: Pick<Reservation, 'queryId' | 'validUntil' | 'amount'>): void {
    const key = this.#named(id);
    // It may have been revoked while its question was being priced.
    this.#requireOpen(key);
    const { queryId, validUntil, amount } = wanted;
    const reservation = { queryId, validUntil, amount, cancelFeeMax: CANCEL_FEE_MAX, cancel: null };
    const isFull = key.reservations.length >= spendLimits.reservationsMax;
    const reserved = isFull ? null : reserve(key, reservation);
    if (reserved === null) throw quotaExceeded();
    this.#put(reserved);
  }

  #hold(id: string, held: HeldFeedback): void {
    const key = this.#named(id);
    this.#requireOpen(key);
    const isFull = key.feedback.length >= spendLimits.feedbackMax;
    const next = isFull ? null : holdFeedback(key, held);
    if (next === null) throw feedbackQuotaExceeded(held.amount);
    this.#put(next);
  }

  #settled(key: SpendKey): SpendKey {
    let settled = key;
    for (const reservation of key.reservations) {
      const cost = trueCost(this.#options.api, reservation);
      if (cost !== null) settled = settle(settled, reservation.queryId, cost);
    }
    for (const held of key.feedback) {
      const course = feedbackCourse(this.#options.api, held);
      if (course !== null) settled = settleFeedback(settled, held.queryId, course);
    }
    return settled;
  }

  #requireOpen(key: SpendKey): void {
    const standing = standingOf(key, this.#options.nowMs());
    if (standing === 'revoked') throw invalidKey('This spend key was revoked. Ask its owner for another.');
    if (standing === 'expired') throw invalidKey('This spend key has expired. Ask its owner for another.');
  }

  #named(idOrName: string): SpendKey {
    const key = this.#keys.find(({ id }) => id === idOrName) ?? this.#keys.find(({ name }) => name === idOrName);
    if (key !== undefined) return key;
    throw new SynodError(
      'SPEND_KEY_UNKNOWN',
      `This node has no spend key "${idOrName}". "synod spend-key list" tells those there are.`,
      { facts: { key: idOrName } },
    );
  }

  #put(changed: SpendKey): void {
    this.#save(this.#keys.map((key) => (key.id === changed.id ? changed : key)));
  }

  /** On disk before anybody acts on it. */
  #save(keys: readonly SpendKey[]): void {
    this.#options.file.save(keys);
    this.#keys = keys;
  }
}

/** What a query may cost, besides the transactions that open it and may end it. */
function available(key: SpendKey): Amount {
  const left = availableOf(key) - CANCEL_FEE_MAX - OPEN_FEE_ALLOWANCE;
  return left > 0n ? left : 0n;
}

function reservationOf(key: SpendKey, queryId: Hash): Reservation | undefined {
  return key.reservations.find((one) => one.queryId === queryId);
}

function viewOf(key: SpendKey, nowMs: number): SpendKeyView {
  const { hash: _, paid: __, reservations, feedback, ...shown } = key;
  return {
    ...shown,
    standing: standingOf(key, nowMs),
    reserved: reservedOf(key),
    available: availableOf(key),
    openQueries: reservations.map(({ queryId }) => queryId),
    heldFeedback: feedback.map(({ queryId }) => queryId),
  };
}

function sentOf({ feedback }: SpendKey, queryId: Hash): ReturnType<Wallet['feedbackSent']> {
  const held = feedback.find((one) => one.queryId === queryId);
  return held === undefined ? null : { id: held.id, content: held.content, raw: Buffer.from(held.raw, 'hex') };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function invalidKey(message: string): SynodError {
  return new SynodError('API_KEY_INVALID', message);
}

function unknownPayer(account: string | null, payers: readonly { readonly name: string }[]): SynodError {
  const message =
    payers.length === 0
      ? 'This node holds no account that could pay. Start it with one:  synod start --pay-from KEYFILE'
      : `This node cannot pay from "${account}". It can from: ${payers.map(({ name }) => name).join(', ')}.`;
  return new SynodError('PAYER_UNKNOWN', message, { facts: { account } });
}

function nameTaken(name: string): SynodError {
  return new SynodError(
    'SPEND_KEY_EXISTS',
    `There is a spend key named "${name}". Choose another name, or leave --name out.`,
  );
}

function keysFull(): SynodError {
  return new SynodError(
    'SPEND_KEYS_FULL',
    `This node keeps ${spendLimits.keysMax} spend keys already. Stop it and remove old ones from spend-keys.json.`,
  );
}
