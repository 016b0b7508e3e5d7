/**
 * Transactions waiting for a block. Owns admission, order and removal; the chain's own check decides what is acceptable.
 * Signatures are verified once, here, and remembered by id (consensus budget: verify once at entry).
 */
import {
  checkTransaction,
  createSignatureCheck,
  decodeTransaction,
  type ErrorFacts,
  type Hash,
  type Height,
  oncePerObject,
  provesPossession,
  type SignatureCheck,
  type StateView,
  signatureKey,
  type Transaction,
  transactionForm,
} from '@synod/chain';
import { limits } from './limits.ts';
import { type Crypto, chainCrypto, type GossipVerdict } from './ports.ts';

export type MempoolEntry = { readonly id: Hash; readonly bytes: Uint8Array; readonly transaction: Transaction };

export type Admission =
  | { readonly kind: 'added'; readonly id: Hash }
  | { readonly kind: 'known'; readonly id: Hash }
  | { readonly kind: 'refused'; readonly id: Hash | null; readonly code: string; readonly facts?: ErrorFacts };

/** What a transaction is checked against: the state after the newest block. */
export type MempoolView = { readonly state: StateView; readonly height: Height };

/** Once for the same bytes, which must not change after they came in. */
const transactionOf = oncePerObject(decodeTransaction);

const alreadyChecked: SignatureCheck = () => true;

export class Mempool {
  readonly #entries = new Map<Hash, MempoolEntry>();
  readonly #verified = new Set<string>();
  readonly #checkSignature: SignatureCheck;
  #bytes = 0;
  #possessions = 0;

  constructor(crypto: Crypto = chainCrypto) {
    this.#checkSignature = createSignatureCheck(crypto.verifySignature);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Signatures of waiting transactions, verified at entry. */
  get verifiedSignatures(): ReadonlySet<string> {
    return this.#verified;
  }

  has(id: Hash): boolean {
    return this.#entries.has(id);
  }

  get(id: Hash): MempoolEntry | undefined {
    return this.#entries.get(id);
  }

  /** Decodes, checks and keeps an encoded transaction. Never throws on peer input. */
  add(bytes: Uint8Array, view: MempoolView): Admission {
    const decoded = transactionOf(bytes);
    if (!decoded.ok) return { kind: 'refused', id: null, code: 'MALFORMED' };
    const transaction = decoded.value;
    const { id } = transactionForm(transaction, bytes);
    if (this.#entries.has(id)) return { kind: 'known', id };
    if (this.#isFull(bytes.length, transaction)) return { kind: 'refused', id, code: 'MEMPOOL_FULL' };
    const verdict = checkTransaction(view.state, transaction, this.#context(view, this.#checkSignature));
    if (!verdict.ok) return { kind: 'refused', id, code: verdict.code, facts: verdict.facts };
    // Bytes of its own: those that came are a part of their message, which would stay as long as the smallest of its transactions.
    this.#entries.set(id, { id, bytes: new Uint8Array(bytes), transaction });
    this.#bytes += bytes.length;
    if (provesPossession(transaction.body.payload)) this.#possessions += 1;
    this.#verified.add(signatureKey(id, transaction.signature));
    return { kind: 'added', id };
  }

  /** Candidates for the next block: highest tip first, then first come. */
  candidates(): readonly Transaction[] {
    return [...this.#entries.values()]
      .map((entry, order) => ({ transaction: entry.transaction, order }))
      .sort((a, b) => compareTips(b.transaction, a.transaction) || a.order - b.order)
      .map(({ transaction }) => transaction);
  }

  /** Encoded transactions for a peer that has just connected. */
  sample(countMax: number): readonly Uint8Array[] {
    return [...this.#entries.values()].slice(0, countMax).map((entry) => entry.bytes);
  }

  /** Drops what the new block included and what can no longer be. */
  onBlock(included: readonly Hash[], view: MempoolView): void {
    // The check below would refuse them as duplicates too; this costs less for a full block.
    for (const id of included) this.#remove(id);
    for (const { id, transaction } of [...this.#entries.values()]) {
      const verdict = checkTransaction(view.state, transaction, this.#context(view, alreadyChecked));
      if (!verdict.ok) this.#remove(id);
    }
  }

  #remove(id: Hash): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#bytes -= entry.bytes.length;
    if (provesPossession(entry.transaction.body.payload)) this.#possessions -= 1;
    this.#verified.delete(signatureKey(id, entry.transaction.signature));
  }

  #context(view: MempoolView, isSignatureValid: SignatureCheck) {
    return { height: view.height + 1, isSignatureValid };
  }

  /** Blocks take few with proofs of possession: what waits of them must not keep out the rest. */
  #isFull(byteCount: number, { body }: Transaction): boolean {
    if (provesPossession(body.payload) && this.#possessions >= limits.mempoolPossessions) return true;
    return this.#entries.size >= limits.mempoolTransactions || this.#bytes + byteCount > limits.mempoolBytes;
  }
}

function compareTips(a: Transaction, b: Transaction): number {
  return a.body.tip < b.body.tip ? -1 : a.body.tip > b.body.tip ? 1 : 0;
}

/** What gossip does with a batch: one forged transaction condemns it, unless it brought something. */
export function batchVerdict(admissions: readonly Admission[]): GossipVerdict {
  if (admissions.some(({ kind }) => kind === 'added')) return 'accept';
  const isForged = ({ kind, ...rest }: Admission) =>
    kind === 'refused' && 'code' in rest && (rest.code === 'MALFORMED' || rest.code === 'BAD_SIGNATURE');
  return admissions.some(isForged) ? 'reject' : 'ignore';
}
