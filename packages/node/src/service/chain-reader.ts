/**
 * Look-ups in blocks, results and state, present and recent. Owns the window of provable states (spec: state §1).
 */
import {
  type Account,
  type Address,
  type Amount,
  type Block,
  type BlockResults,
  blockId,
  type ChainEvent,
  decodeBlock,
  decodeBlockResults,
  decodeExtendedCommit,
  type Expert,
  type ExtendedCommit,
  type Genesis,
  type Hash,
  type Height,
  type LightBlock,
  listExperts,
  type Reputation,
  readAccount,
  readBaseFee,
  readExpert,
  readReputation,
  type StateProof,
  type StateTree,
  SynodError,
  type Validator,
} from '@synod/chain';
import {
  type ChainHead,
  decodeEvents,
  type KeptEvent,
  lightBlockAt,
  type SetSources,
  type Store,
  validatorSet,
} from '../host/index.ts';

/** Indices a store keeps beside the host's port. */
export type Lookups = {
  heightOfHash(hash: Hash): Height | null;
  transactionHeight(id: Hash): Height | null;
  querySettledHeight(id: Hash): Height | null;
  events(height: Height): Uint8Array | null;
  oldestHeight(): Height | null;
};

export type BlockTag = Height | Hash | 'latest' | 'finalized' | 'earliest';

/** Heights back from the head at which a key can be proven (DESIGN §2). */
const provableHeights = 128;

export class ChainReader {
  readonly #store: Store & Lookups;
  readonly #head: () => ChainHead;
  readonly #genesis: Genesis;
  readonly #states = new Map<Height, StateTree>();
  /** Read from state once and kept up by events, because state has no list of them. */
  readonly #domains: Set<string>;

  constructor(options: { store: Store & Lookups; head: () => ChainHead; genesis: Genesis }) {
    this.#store = options.store;
    this.#head = options.head;
    this.#genesis = options.genesis;
    const head = options.head();
    this.#domains = domainsOf(head.state);
    this.remember(head, []);
  }

  /** Keeps the state after this head provable for the next 128 heights. States share what did not change. */
  remember(head: ChainHead, events: readonly ChainEvent[]): void {
    for (const event of events) if (event.type === 'expert.registered') this.#domains.add(event.domain);
    this.#states.set(head.height, head.state);
    this.#states.delete(head.height - provableHeights);
  }

  /** The state after that block; null where it is no longer kept. */
  stateAt(height: Height): StateTree | null {
    return this.#states.get(height) ?? null;
  }

  get state(): StateTree {
    return this.#head().state;
  }

  oldestHeight(): Height {
    return this.#store.oldestHeight() ?? 0;
  }

  /** Null when no such block is known; pruned ones are below `oldestHeight`. */
  block(tag: BlockTag): { hash: Hash; block: Block; stateRootAfter: Hash | null } | null {
    const height = this.#heightOf(tag);
    const block = height === null ? null : this.blockAt(height);
    if (height === null || block === null) return null;
    return {
      hash: blockId(block.header),
      block,
      stateRootAfter: this.#states.get(height)?.root ?? this.#nextStateRoot(height),
    };
  }

  blockAt(height: Height): Block | null {
    const stored = this.#store.block(height);
    const decoded = stored === null ? null : decodeBlock(stored.block);
    return decoded?.ok ? decoded.value : null;
  }

  commit(
    tag: Height | 'latest',
  ): { height: Height; hash: Hash; commit: ExtendedCommit; validators: readonly Validator[] } | null {
    const height = tag === 'latest' ? this.#head().height : tag;
    const stored = this.#store.block(height);
    const commit = stored === null ? null : decodeExtendedCommit(stored.commit);
    const validators = this.validatorsAt(height);
    if (stored === null || !commit?.ok || validators === null) return null;
    return { height, hash: stored.hash, commit: commit.value, validators };
  }

  /** The block with its certificate and sets, or null where it is not stored. */
  lightBlock(height: Height): LightBlock | null {
    return lightBlockAt(this.#setSources(), height);
  }

  results(height: Height): BlockResults | null {
    const bytes = this.#store.results(height);
    const decoded = bytes === null ? null : decodeBlockResults(bytes);
    return decoded?.ok ? decoded.value : null;
  }

  /** What the block did; null where it is not kept. */
  events(height: Height): readonly KeptEvent[] | null {
    const bytes = this.#store.events(height);
    return bytes && decodeEvents(bytes);
  }

  transactionHeight(id: Hash): Height | null {
    return this.#store.transactionHeight(id);
  }

  querySettledHeight(id: Hash): Height | null {
    return this.#store.querySettledHeight(id);
  }

  /** What the next block charges, nano a byte. */
  baseFeePerByte(): Amount {
    return readBaseFee(this.state);
  }

  account(address: Address): Account | null {
    return readAccount(this.state, address);
  }

  /**
   * A record with its proof. Without a height the newest state whose root stands in a decided header: that before the head.
   * Throws FUTURE or PRUNED outside the provable window.
   */
  proof(
    key: string,
    wanted: Height | null,
  ): { height: Height; stateRoot: Hash; value: Uint8Array | null; proof: StateProof } {
    const head = this.#head().height;
    const height = wanted ?? (this.#states.has(head - 1) ? head - 1 : head);
    const state = this.#states.get(height);
    if (height > head) {
      throw new SynodError('FUTURE', `Height ${height} does not exist yet; the newest is ${head}. Ask again later.`, {
        facts: { height, head },
      });
    }
    if (state === undefined) {
      throw new SynodError(
        'PRUNED',
        `The state after block ${height} is no longer provable here; the last ${provableHeights} heights since this node started are. Ask a node that kept it.`,
        { facts: { height, head } },
      );
    }
    return { height, stateRoot: state.root, value: state.get(key) ?? null, proof: state.prove(key) };
  }

  experts(domain: string | null): readonly Expert[] {
    const domains = domain === null ? this.domains() : [domain];
    return domains
      .flatMap((name) => listExperts(this.state, name))
      .flatMap((address) => readExpert(this.state, address) ?? []);
  }

  /** Domains that have an expert, sorted. */
  domains(): readonly string[] {
    return [...this.#domains].sort();
  }

  reputation(
    expert: Address,
    domain: string | null,
  ): readonly { expert: Address; domain: string; reputation: Reputation }[] {
    const domains = domain === null ? this.domains() : [domain];
    return domains
      .filter((name) => listExperts(this.state, name).includes(expert))
      .map((name) => ({ expert, domain: name, reputation: readReputation(this.state, expert, name) }));
  }

  /** The set that decided a height, which is known where the block is. */
  validatorsAt(height: Height): readonly Validator[] | null {
    const hash = this.blockAt(height)?.header.validatorsHash;
    return hash === undefined ? null : validatorSet(this.#setSources(), height, hash);
  }

  #setSources(): SetSources {
    return { store: this.#store, genesis: this.#genesis, state: this.state };
  }

  /** The root after a block stands in the header above it. */
  #nextStateRoot(height: Height): Hash | null {
    return this.blockAt(height + 1)?.header.stateRoot ?? null;
  }

  #heightOf(tag: BlockTag): Height | null {
    if (typeof tag === 'number') return tag;
    if (tag === 'latest' || tag === 'finalized') return this.#head().height;
    if (tag === 'earliest') return this.#store.oldestHeight();
    return this.#store.heightOfHash(tag);
  }
}

function domainsOf(state: StateTree): Set<string> {
  const prefix = 'experts/';
  const domains = new Set<string>();
  for (const { key } of state.entries()) if (key.startsWith(prefix)) domains.add(key.slice(prefix.length));
  return domains;
}
