/**
 * The recipes behind model ids: publishes those of this node's experts, and fetches those that it may have to verify, with their
 * adapters, from peers (spec: verification, "Recipes"). Owns whom it asks for what and when; files are the library's.
 */
import {
  type ChainEvent,
  decodeRecipe,
  encodeRecipe,
  type Hash,
  listOpenQueries,
  type Recipe,
  readExpert,
  readQuery,
  recipeHash,
  sha256,
  toHex,
  ZERO_HASH,
} from '@synod/chain';
import type { ExpertSetup } from '@synod/inference';
import type { ChainHead } from './chain-head.ts';
import { ContentSearches } from './content-searches.ts';
import { limits } from './limits.ts';
import type { DirectMessage } from './messages.ts';
import type { ContentKind, HostedExpert, HostPorts, ModelLibrary, PeerId } from './ports.ts';
import type { Peer } from './sync.ts';

type ContentAnswer = Extract<DirectMessage, { kind: 'recipe' | 'adapter' }>;

/** What `setup` found: see there. */
export type RecipeSetup = ExpertSetup | 'unknown' | 'waiting' | null;

export class RecipeDesk {
  readonly #ports: HostPorts;
  readonly #head: () => ChainHead;
  readonly #searches: ContentSearches;
  /** Read before, by model id; null for bytes that are no recipe. */
  readonly #known = new Map<Hash, Recipe | null>();
  /** Model ids of own experts that are not what this node would run: said once. */
  readonly #foreign = new Set<Hash>();

  constructor(options: { ports: HostPorts; head: () => ChainHead; peers: () => readonly Peer[] }) {
    this.#ports = options.ports;
    this.#head = options.head;
    this.#searches = new ContentSearches({ ports: options.ports, peers: options.peers });
  }

  /**
   * How the expert behind a model id writes, for the worker. `unknown`: it is being looked for; `waiting`: the worker's own model is
   * not known yet; null: this node can never run it.
   */
  setup(modelId: Hash): RecipeSetup {
    const { library } = this.#ports;
    if (library === undefined) return null;
    const baseModel = library.baseModel();
    if (baseModel === null) return 'waiting';
    const recipe = this.#fetch(library, modelId, true);
    if (recipe === 'unknown') return 'unknown';
    if (recipe?.baseModel !== baseModel) return null;
    const { profile, adapter, knowledgeRoot } = recipe;
    // A verifier opens no knowledge for a single question (verification §2.2): that there is some is enough.
    const knowledge = knowledgeRoot === ZERO_HASH ? null : knowledgeRoot;
    if (adapter === ZERO_HASH) return { profile, knowledge, adapter: null };
    return library.has('adapter', adapter) ? { profile, knowledge, adapter: library.adapterFile(adapter) } : 'unknown';
  }

  /** Publishes what own experts are registered with, and looks for what open queries were given to. Called for every new head. */
  onHead(): void {
    const { library, experts, signer } = this.#ports;
    if (library === undefined) return;
    for (const expert of experts) this.#publish(library, expert);
    if (signer === null) return;
    const { state } = this.#head();
    for (const id of listOpenQueries(state)) {
      for (const { modelId } of readQuery(state, id)!.respondents) this.#fetch(library, modelId, true);
    }
    this.proceed();
  }

  /** Who registers may be verified soon. */
  onEvents(events: readonly ChainEvent[]): void {
    const { library, signer } = this.#ports;
    if (library === undefined || signer === null) return;
    for (const event of events) {
      if (event.type !== 'expert.registered' && event.type !== 'expert.updated') continue;
      const expert = readExpert(this.#head().state, event.expert);
      if (expert !== null) this.#fetch(library, expert.profile.modelId, false);
    }
  }

  /** Asks on. Called on a timer too. */
  proceed(): void {
    this.#searches.proceed();
  }

  onAnswer(peer: PeerId, { kind, hash, bytes }: ContentAnswer): void {
    if (!this.#searches.takes(peer, kind, hash)) return;
    const isRight = bytes === null || (kind === 'recipe' ? recipeHash(bytes) : toHex(sha256(bytes))) === hash;
    if (!isRight) this.#ports.network.penalise(peer, `another ${kind} than was asked for`, 'severe');
    this.#searches.onAnswer(peer, { kind, hash, bytes: isRight ? bytes : null });
  }

  onStored(content: ContentKind, hash: Hash): void {
    this.#searches.end(content, hash);
    if (content === 'recipe' && this.#ports.library !== undefined) this.#fetch(this.#ports.library, hash, true);
    this.proceed();
  }

  /** The recipe if it is here, with a search for it, or for its adapter, where something is missing. */
  #fetch(library: ModelLibrary, modelId: Hash, isNeeded: boolean): Recipe | 'unknown' | null {
    const recipe = this.#recipe(library, modelId);
    if (recipe === 'unknown') this.#searches.begin('recipe', modelId, isNeeded);
    else if (recipe !== null && recipe.adapter !== ZERO_HASH && recipe.baseModel === library.baseModel()) {
      if (!library.has('adapter', recipe.adapter)) this.#searches.begin('adapter', recipe.adapter, isNeeded);
    }
    return recipe;
  }

  #recipe(library: ModelLibrary, modelId: Hash): Recipe | 'unknown' | null {
    const known = this.#known.get(modelId);
    if (known !== undefined) return known;
    const bytes = library.has('recipe', modelId) ? library.read('recipe', modelId) : null;
    if (bytes === null) return 'unknown';
    const recipe = decodeRecipe(bytes);
    this.#known.set(modelId, recipe);
    const [oldest] = this.#known.keys();
    if (this.#known.size > limits.recipesKnown && oldest !== undefined) this.#known.delete(oldest);
    return recipe;
  }

  #publish(library: ModelLibrary, { signer, setup, adapterHash }: HostedExpert): void {
    const registered = readExpert(this.#head().state, signer.address)?.profile;
    const baseModel = library.baseModel();
    if (registered === undefined || baseModel === null || adapterHash === null) return;
    const { modelId, knowledgeRoot, name } = registered;
    if (library.has('recipe', modelId) || this.#foreign.has(modelId)) return;
    const bytes = encodeRecipe({ baseModel, adapter: adapterHash, knowledgeRoot, profile: setup.profile });
    if (recipeHash(bytes) === modelId) return library.save('recipe', modelId, bytes);
    this.#foreign.add(modelId);
    const facts = { expert: signer.address, name, modelId };
    const message =
      'an expert is registered with another model than this node runs for it; its recipe is not published';
    this.#ports.observer.onHostEvent({ kind: 'log', level: 'warn', message, facts });
  }
}
