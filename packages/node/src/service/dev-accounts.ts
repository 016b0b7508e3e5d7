/**
 * The accounts that a node signs for: those of a devnet for whoever asks, and those that pay for holders of spend keys alone. Owns which
 * there are and the transactions made for them.
 */
import { randomBytes } from 'node:crypto';
import {
  type Address,
  addressOf,
  encodeTransaction,
  type Genesis,
  type Payload,
  type PublicKey,
  publicKeyOf,
  readBaseFee,
  SynodError,
  sign,
  type TransactionBody,
  transactionSignBytes,
} from '@synod/chain';
import type { Host } from '../host/index.ts';

export type DevAccountKey = { readonly name: string; readonly seed: Uint8Array };

export type HeldAccount = DevAccountKey & { readonly address: Address };

/** Heights that what is made here may wait for a block. */
const validHeights = 60;

export class DevAccounts {
  readonly #host: Host;
  readonly #genesis: Genesis;
  readonly #accounts: readonly HeldAccount[];
  readonly #paying: readonly HeldAccount[];
  readonly #requireUpToDate: () => void;

  constructor(options: {
    readonly host: Host;
    readonly genesis: Genesis;
    readonly accounts: readonly DevAccountKey[];
    /** None when left out. */
    readonly paying?: readonly DevAccountKey[];
    /** Throws where nothing can be signed by the head's height; left out: never. */
    readonly requireUpToDate?: () => void;
  }) {
    this.#host = options.host;
    this.#genesis = options.genesis;
    this.#accounts = options.accounts.map(held);
    this.#paying = (options.paying ?? []).map(held);
    this.#requireUpToDate = options.requireUpToDate ?? (() => undefined);
  }

  list(): readonly { name: string; address: Address }[] {
    return this.#accounts.map(({ name, address }) => ({ name, address }));
  }

  /** Every account that a spend key may draw on. */
  payers(): readonly { name: string; address: Address }[] {
    return [...this.#paying, ...this.#accounts].map(({ name, address }) => ({ name, address }));
  }

  /** One of `payers`; null where no key of it is held. */
  payerOf(address: Address): HeldAccount | null {
    return this.#paying.find((account) => account.address === address) ?? this.of(address);
  }

  /** The one of that address; null where no key of it is held. */
  of(address: Address): HeldAccount | null {
    return this.#accounts.find((account) => account.address === address) ?? null;
  }

  /** By name or address; the first one where none is named. Throws `NOT_DEVNET` or `ACCOUNT_UNKNOWN`. */
  require(from: string | undefined): HeldAccount {
    const [first] = this.#accounts;
    if (!this.#genesis.devnet || first === undefined) {
      throw new SynodError(
        'NOT_DEVNET',
        'This node signs for nobody: it is no devnet. Sign the transaction yourself and send it as raw.',
      );
    }
    const found =
      from === undefined ? first : this.#accounts.find(({ name, address }) => name === from || address === from);
    if (found !== undefined) return found;
    const names = this.#accounts.map(({ name }) => name).join(', ');
    throw new SynodError('ACCOUNT_UNKNOWN', `This node holds no key for "${from}". It can pay from: ${names}.`, {
      facts: { from: from ?? null },
    });
  }

  /** Signed by that account. Throws as `require`. */
  transaction(from: string, payload: Payload): Uint8Array {
    const { seed } = this.require(from);
    return this.signed(seed, this.body(publicKeyOf(seed), payload));
  }

  signed(seed: Uint8Array, body: TransactionBody): Uint8Array {
    return encodeTransaction({ body, signature: sign(seed, transactionSignBytes(body)) });
  }

  /** Throws `SYNCING` while the node is behind. */
  body(sender: PublicKey, payload: Payload): TransactionBody {
    this.#requireUpToDate();
    const { height, state } = this.#host.head;
    return {
      chainId: this.#genesis.chainId,
      sender,
      salt: randomBytes(16),
      validUntil: height + validHeights,
      maxBaseFeePerByte: 4n * readBaseFee(state),
      tip: 0n,
      payload,
    };
  }
}

function held(key: DevAccountKey): HeldAccount {
  return { ...key, address: addressOf(publicKeyOf(key.seed)) };
}
