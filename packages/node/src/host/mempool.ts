/**
 * Transactions waiting for a block. Owns admission, order and removal; the chain's own check decides what is acceptable.
 * Signatures are verified once, here, and remembered by id (consensus budget: verify once at entry).
 */
import {
  type Amount,
  type CheckedTransaction,
  checkTransaction,
  createSignatureCheck,
  decodeTransaction,
  type ErrorFacts,
  type Hash,
  type Height,
  oncePerObject,
  provesPossession,
  readAccount,
  type SignatureCheck,
  type StateView,
  signatureKey,
  type Transaction,
  transactionForm,
} from '@synod/chain';
import { limits } from './limits.ts';
import { hasVictim, inTurns, type Newcomer, PayerRooms, victimFor } from './mempool-room.ts';
import { type Crypto, chainCrypto, type GossipVerdict } from './ports.ts';

export type MempoolEntry = {
  readonly id: Hash;
  readonly bytes: Uint8Array;
  readonly transaction: Transaction;
  /** What it would pay in the block after the one at which it was admitted. */
  readonly fee: Amount;
};

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
  readonly #rooms = new PayerRooms();
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
    // The id does not cover the signature: another one was not verified, and is not to be passed on.
    const isVerified = this.#verified.has(signatureKey(id, transaction.signature));
    if (this.#entries.has(id)) return isVerified ? { kind: 'known', id } : { kind: 'refused', id, code: 'DUPLICATE' };
    const full = { kind: 'refused', id, code: 'MEMPOOL_FULL' } as const;
    // Asked before the signature, which costs more, and acted on only after it.
    const newcomer = { sender: transaction.body.sender, tip: transaction.body.tip, bytes: bytes.length };
    if (this.#isCrowded(transaction, bytes.length) && !hasVictim(this.#rivals(transaction), this.#rooms, newcomer))
      return full;
    const verdict = checkTransaction(view.state, transaction, this.#context(view, this.#checkSignature));
    if (!verdict.ok) return { kind: 'refused', id, code: verdict.code, facts: verdict.facts };
    // Nobody waits with more than it could pay the fees of.
    const unpaid = unpaidFee(view.state, verdict.checked, this.#rooms.feesOf(newcomer.sender));
    if (unpaid !== null) return { kind: 'refused', id, code: 'INSUFFICIENT_BALANCE', facts: unpaid };
    if (!this.#makeRoom(transaction, newcomer)) return full;
    // Bytes of its own: those that came are a part of their message, which would stay as long as the smallest of its transactions.
    const entry = { id, bytes: new Uint8Array(bytes), transaction, fee: verdict.checked.fee };
    this.#entries.set(id, entry);
    this.#rooms.add(entry);
    this.#bytes += bytes.length;
    if (provesPossession(transaction.body.payload)) this.#possessions += 1;
    this.#verified.add(signatureKey(id, transaction.signature));
    return { kind: 'added', id };
  }

  /** Candidates for the next block: highest tip first, then payers in turns. */
  candidates(): readonly Transaction[] {
    return inTurns(this.#entries.values()).map(({ transaction }) => transaction);
  }

  /** Encoded transactions for a peer that has just connected, as many as a batch may hold. */
  sample(): readonly Uint8Array[] {
    const sample: Uint8Array[] = [];
    let size = 0;
    for (const { bytes } of this.#entries.values()) {
      size += bytes.length;
      if (sample.length === limits.gossipBatchTransactions || size > limits.gossipBatchBytes) break;
      sample.push(bytes);
    }
    return sample;
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
    this.#rooms.remove(entry);
  }

  #context(view: MempoolView, isSignatureValid: SignatureCheck) {
    return { height: view.height + 1, isSignatureValid };
  }

  #makeRoom(transaction: Transaction, newcomer: Newcomer): boolean {
    while (this.#isCrowded(transaction, newcomer.bytes)) {
      const victim = victimFor(this.#rivals(transaction), this.#rooms, newcomer);
      if (victim === null) return false;
      this.#remove(victim.id);
    }
    return true;
  }

  /** Those in whose place it could wait. */
  #rivals({ body }: Transaction): readonly MempoolEntry[] {
    const all = [...this.#entries.values()];
    if (!provesPossession(body.payload) || this.#possessions < limits.mempoolPossessions) return all;
    return all.filter(({ transaction }) => provesPossession(transaction.body.payload));
  }

  /** Blocks take few with proofs of possession: what waits of them must not keep out the rest. */
  #isCrowded({ body }: Transaction, bytes: number): boolean {
    if (provesPossession(body.payload) && this.#possessions >= limits.mempoolPossessions) return true;
    return this.#entries.size >= limits.mempoolTransactions || this.#bytes + bytes > limits.mempoolBytes;
  }
}

/** Facts of a payer who cannot pay this fee beside those of its transactions that wait; null for one who can. */
function unpaidFee(state: StateView, { sender, fee }: CheckedTransaction, waiting: Amount): ErrorFacts | null {
  const { balance } = readAccount(state, sender);
  return balance < waiting + fee ? { balance: `${balance}`, needed: `${fee}`, waiting: `${waiting}` } : null;
}

/**
 * What gossip does with a batch. It is passed on as it came only when every transaction in it was verified here: of what was refused
 * unread, a peer whose state differs may find that it is forged, and would blame whoever passed it on.
 */
export function batchVerdict(admissions: readonly Admission[]): GossipVerdict {
  const isForged = (one: Admission) =>
    one.kind === 'refused' && (one.code === 'MALFORMED' || one.code === 'BAD_SIGNATURE');
  if (admissions.some(isForged)) return 'reject';
  if (admissions.some(({ kind }) => kind === 'refused')) return 'ignore';
  return admissions.some(({ kind }) => kind === 'added') ? 'accept' : 'ignore';
}
