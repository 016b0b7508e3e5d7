/**
 * The workload of a chaos run: clients that pay between accounts and append to lists, each waiting until its transfer is final,
 * and a reader that asks changing nodes for balances. Owns the accounts, the transfers and the record of what was told.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Address,
  addressOf,
  decodeAccount,
  encodeTransaction,
  fromHex,
  NANO_PER_SYN,
  publicKeyOf,
  SynodError,
  sha256,
  sign,
  toHex,
  transactionId,
  transactionSignBytes,
} from '@synod/chain';
import { Prng } from '@synod/simulator/prng';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import type { Read, Submitted } from './check-history.ts';

const limits = {
  payers: 16,
  lists: 8,
  clients: 16,
  /** One transfer in this many goes to another payer, the others append. */
  transferEvery: 4,
  submitWaitMs: 4_000,
  /** A transfer can stand in a block for this many heights; then its outcome is certain. */
  validHeights: 100,
  /** After this long a client gives up on one transfer and goes on; the end tells what became of it. */
  giveUpMs: 60_000,
  retryMs: 100,
  readEveryMs: 50,
} as const;

const FUNDING = 20n * NANO_PER_SYN;
const AMOUNT_FIRST = 1_000n;
const FEE_PER_BYTE_MAX = 1_000n;

type Account = { readonly seed: Uint8Array; readonly address: Address };

export class Bank {
  readonly payers: readonly Account[];
  readonly lists: readonly Account[];
  readonly submitted: Submitted[] = [];
  readonly reads: Read[] = [];
  /** Milliseconds from the first sending to the answer "final", of the acknowledged. */
  readonly latenciesMs: number[] = [];
  readonly #prng: Prng;
  readonly #nodes: readonly { readonly name: string; readonly submit: NodeClient; readonly read: NodeClient }[];
  readonly #chainId: string;
  readonly #height: () => number;
  #amount = AMOUNT_FIRST;
  #isOver = false;
  #running: Promise<void>[] = [];
  #defect: unknown = null;

  constructor(options: {
    readonly seed: string;
    readonly chainId: string;
    readonly nodes: readonly { readonly name: string; readonly url: string }[];
    /** Highest head known. */
    readonly height: () => number;
  }) {
    this.#prng = new Prng(0, `bank ${options.seed}`);
    this.#chainId = options.chainId;
    this.#height = options.height;
    this.#nodes = options.nodes.map(({ name, url }) => {
      const submit = createNodeClient(url, limits.submitWaitMs + 1_000);
      return { name, submit, read: createNodeClient(url, 1_000) };
    });
    const accounts = (role: string, count: number) =>
      Array.from({ length: count }, (_, index) => accountOf(`chaos ${options.seed} ${role} ${index}`));
    this.payers = accounts('payer', limits.payers);
    this.lists = accounts('list', limits.lists);
  }

  /** Gives every payer its money from the given account. Throws when that takes too long. */
  async fund(from: Uint8Array): Promise<void> {
    await Promise.all(this.payers.map(({ address }) => this.#pay({ seed: from, to: address, amount: FUNDING })));
    if (this.submitted.some(({ outcome }) => outcome !== 'acknowledged'))
      throw new SynodError('TIMEOUT', 'The accounts of the workload could not be funded. Look at the nodes’ logs.');
  }

  /** Starts the clients and the reader; `finish` ends them. */
  run(): void {
    const clients = Array.from({ length: limits.clients }, () => this.#client());
    const keep = (error: unknown) => {
      this.#defect ??= error;
    };
    this.#running = [...clients, this.#reader()].map((one) => one.catch(keep));
  }

  /** No new transfer is begun; resolves when the last one has its answer or was given up. Throws a client's defect. */
  async finish(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#running);
    if (this.#defect !== null) throw this.#defect;
  }

  get acknowledged(): number {
    return this.submitted.filter(({ outcome }) => outcome === 'acknowledged').length;
  }

  async #client(): Promise<void> {
    while (!this.#isOver) {
      const isTransfer = this.#prng.below(limits.transferEvery) === 0;
      const { address: to } = this.#prng.pick(isTransfer ? this.payers : this.lists);
      this.#amount += 1n;
      await this.#pay({ seed: this.#prng.pick(this.payers).seed, to, amount: this.#amount });
    }
  }

  /** The same signed bytes to one node after the other until one says "final", says no, or time is up. */
  async #pay(payment: { readonly seed: Uint8Array; readonly to: Address; readonly amount: bigint }): Promise<void> {
    const { to, amount } = payment;
    const { id, raw } = this.#signed(payment);
    const startedMs = performance.now();
    let isKnown = false;
    while (performance.now() - startedMs < limits.giveUpMs) {
      const answer = await this.#submit(raw);
      if (answer.kind === 'final') {
        this.latenciesMs.push(performance.now() - startedMs);
        this.submitted.push({ id, to, amount, outcome: 'acknowledged', height: answer.height });
        return;
      }
      if (answer.kind === 'refused' && !isKnown) {
        this.submitted.push({ id, to, amount, outcome: 'refused', height: null });
        return;
      }
      // Once a node may have taken it, a refusal of another one says nothing about it.
      isKnown ||= answer.kind === 'unknown';
      await delay(limits.retryMs);
    }
    this.submitted.push({ id, to, amount, outcome: 'unknown', height: null });
  }

  async #submit(raw: string): Promise<{ kind: 'final'; height: number } | { kind: 'refused' | 'unknown' | 'down' }> {
    const { submit } = this.#prng.pick(this.#nodes);
    try {
      const result = await submit.call('tx_submit', { raw, waitFor: 'final', timeoutMs: limits.submitWaitMs });
      if (result.status === 'final' && result.height !== null) return { kind: 'final', height: Number(result.height) };
      return { kind: result.status === 'failed' ? 'refused' : 'unknown' };
    } catch (error) {
      return { kind: kindOfError(error) };
    }
  }

  #signed({ seed, to, amount }: { readonly seed: Uint8Array; readonly to: Address; readonly amount: bigint }) {
    const body = {
      chainId: this.#chainId,
      sender: publicKeyOf(seed),
      salt: randomBytes(16),
      validUntil: this.#height() + limits.validHeights,
      maxBaseFeePerByte: FEE_PER_BYTE_MAX,
      tip: 0n,
      payload: { type: 'transfer', to, amount },
    } as const;
    const raw = encodeTransaction({ body, signature: sign(seed, transactionSignBytes(body)) });
    return { id: transactionId(body), raw: `0x${toHex(raw)}` };
  }

  async #reader(): Promise<void> {
    while (!this.#isOver) {
      const { name, read } = this.#prng.pick(this.#nodes);
      const { address } = this.#prng.pick([...this.lists, ...this.payers]);
      try {
        const { height, value } = await read.call('state_getProof', { key: `account/${address}` });
        const account = value === null ? null : decodeAccount(fromHex(value.replace(/^0x/, '')));
        if (account !== null && !account.ok) throw new TypeError(`${name} gave an account that does not decode`);
        const balance = account?.value.balance ?? 0n;
        this.reads.push({ node: name, account: address, height: Number(height), balance });
      } catch (error) {
        // A node that is down or stopped cannot be read; anything else is a defect.
        if (!(error instanceof SynodError)) throw error;
      }
      await delay(limits.readEveryMs);
    }
  }
}

/** `down`: nothing reached the node. `unknown`: it may have. */
function kindOfError(error: unknown): 'refused' | 'unknown' | 'down' {
  if (!(error instanceof SynodError)) throw error;
  if (error.code === 'TRANSACTION_REJECTED') return 'refused';
  const cause = error.cause instanceof Error ? error.cause.cause : undefined;
  const fetchCause = cause instanceof Error ? cause.cause : undefined;
  const isRefused = [cause, fetchCause].some(
    (one) => one instanceof Error && 'code' in one && one.code === 'ECONNREFUSED',
  );
  return isRefused ? 'down' : 'unknown';
}

function accountOf(text: string): Account {
  const seed = sha256(new TextEncoder().encode(text));
  return { seed, address: addressOf(publicKeyOf(seed)) };
}
