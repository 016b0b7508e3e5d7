/**
 * Takes transactions and tells what became of them. Owns waiting; admission is the mempool's, inclusion the chain's.
 */
import {
  decodeTransaction,
  type Hash,
  type Height,
  SynodError,
  type Transaction,
  type TransactionResult,
  transactionId,
} from '@synod/chain';
import type { Host } from '../host/index.ts';
import type { ChainReader } from './chain-reader.ts';
import { describeRefusal } from './refusals.ts';

export type SubmitResult = {
  readonly id: Hash;
  readonly status: 'pending' | 'included' | 'final' | 'rejected' | 'failed';
  readonly code: string;
  readonly hint: string | null;
  readonly height: Height | null;
};

export type TransactionView = {
  readonly id: Hash;
  readonly status: 'pending' | 'included' | 'final';
  readonly height: Height | null;
  readonly blockHash: Hash | null;
  readonly result: TransactionResult | null;
  readonly transaction: Transaction | null;
};

export type WaitFor = 'mempool' | 'block' | 'final';

const waitersMax = 10_000;

export class Submitter {
  readonly #host: Host;
  readonly #reader: ChainReader;
  readonly #requireUpToDate: () => void;
  readonly #waiters = new Set<() => void>();

  /** `requireUpToDate` throws where nothing new is taken. */
  constructor(host: Host, reader: ChainReader, requireUpToDate: () => void = () => undefined) {
    this.#host = host;
    this.#reader = reader;
    this.#requireUpToDate = requireUpToDate;
  }

  /** The id always comes back; "not included yet" is the status `pending`, never an error. Throws `SYNCING` for what is new while the node is behind. */
  async submit(raw: Uint8Array, options: { waitFor: WaitFor; timeoutMs: number }): Promise<SubmitResult> {
    const decoded = decodeTransaction(raw);
    if (!decoded.ok) {
      throw new SynodError(
        'MALFORMED',
        `The transaction does not decode: ${decoded.reason}. ${describeRefusal('MALFORMED')}`,
      );
    }
    const id = transactionId(decoded.value.body);
    if (this.#reader.transactionHeight(id) === null) {
      if (this.#host.pendingTransaction(id) === undefined) this.#requireUpToDate();
      const admission = this.#host.submitTransaction(raw);
      if (admission.kind === 'refused') {
        const { code, facts } = admission;
        return { id, status: 'rejected', code, hint: describeRefusal(code, facts), height: null };
      }
    }
    if (options.waitFor !== 'mempool') await this.#wait(() => this.#isReached(id, options.waitFor), options.timeoutMs);
    return this.#resultOf(id);
  }

  transaction(id: Hash): TransactionView | null {
    const height = this.#reader.transactionHeight(id);
    if (height === null) {
      const pending = this.#host.pendingTransaction(id);
      if (pending === undefined) return null;
      return { id, status: 'pending', height: null, blockHash: null, result: null, transaction: pending.transaction };
    }
    const view = this.#reader.block(height);
    const transaction = view?.block.transactions.find(({ body }) => transactionId(body) === id) ?? null;
    const result = this.#reader.results(height)?.transactions.find((entry) => entry.id === id) ?? null;
    const status = this.#host.head.height > height ? 'final' : 'included';
    return { id, status, height, blockHash: view?.hash ?? null, result, transaction };
  }

  /** Wakes everybody who waits. Called for every new head. */
  onHead(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  #isReached(id: Hash, waitFor: WaitFor): boolean {
    const status = this.transaction(id)?.status;
    return status === 'final' || (waitFor === 'block' && status === 'included');
  }

  #resultOf(id: Hash): SubmitResult {
    const view = this.transaction(id);
    if (view === null || view.status === 'pending')
      return { id, status: 'pending', code: 'OK', hint: null, height: null };
    const code = view.result?.code ?? 'OK';
    const status = code === 'OK' ? view.status : 'failed';
    return { id, status, code, hint: describeRefusal(code), height: view.height };
  }

  /** Resolves when the condition holds after some block, or when the time is up. */
  #wait(isDone: () => boolean, timeoutMs: number): Promise<void> {
    if (isDone() || this.#waiters.size >= waitersMax) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#waiters.delete(check);
        resolve();
      };
      const check = () => {
        if (isDone()) finish();
      };
      const timer = setTimeout(finish, timeoutMs);
      this.#waiters.add(check);
    });
  }
}
