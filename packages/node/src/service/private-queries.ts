/**
 * Private queries as their requesters see them (spec: privacy §6): salts and read keys are made here, and texts given to whoever holds
 * the key. Owns that; who carries the texts is the host's private desk.
 */
import { randomBytes } from 'node:crypto';
import {
  type Answer,
  type Hash,
  type Height,
  type PrivatePrompt,
  type PrivateTerms,
  privatePromptHash,
  type QueryContract,
  type QueryState,
  SynodError,
  taggedHash,
  toHex,
  utf8Bytes,
} from '@synod/chain';
import type { Host } from '../host/index.ts';
import type { ChainReader } from './chain-reader.ts';
import { DisclosedTexts } from './disclosed-texts.ts';
import type { QueryView } from './query-view.ts';

/** A query that was opened. `readKey`: 32 bytes in hex that open the texts of a private one; null for a public one. */
export type OpenedQuery = { readonly queryId: Hash; readonly validUntil: Height; readonly readKey: Hash | null };

/** Everything that `query.disclose` opens. */
export type Disclosure = PrivatePrompt & {
  readonly answers: readonly { readonly respondent: number; readonly answer: Answer }[];
};

export class PrivateQueries {
  readonly #host: Host;
  readonly #disclosures: DisclosedTexts;
  readonly #waiting = new Map<Hash, () => void>();

  constructor(host: Host, reader: ChainReader) {
    this.#host = host;
    this.#disclosures = new DisclosedTexts(reader, () => host.head.height);
  }

  /** A salt for the prompt, and what stands for both in the contract. */
  seal(prompt: string): { readonly secret: PrivatePrompt; readonly terms: PrivateTerms } {
    const salt = randomBytes(32);
    const terms = { promptHash: privatePromptHash(prompt, salt), promptBytes: utf8Bytes(prompt) };
    return { secret: { prompt, salt }, terms };
  }

  /** Makes the content durable before the query is opened; returns its read key. Throws when it is not this contract's content. */
  async keep(
    queryId: Hash,
    options: { readonly contract: QueryContract; readonly secret: PrivatePrompt | null; readonly openBy: Height },
  ): Promise<Hash> {
    const { contract, secret, openBy } = options;
    const prompt = requireContent(contract, secret);
    const { privacy } = this.#host.queries;
    if (privacy.note(queryId)?.readKeyHash != null) {
      throw new SynodError('DUPLICATE', 'This private query was opened here before. Use the read key given then.', {
        facts: { queryId },
      });
    }
    const readKey = toHex(randomBytes(32)) as Hash;
    const kept = new Promise<void>((resolve) => this.#waiting.set(queryId, resolve));
    if (!privacy.keep(queryId, { prompt, readKeyHash: hashOf(readKey), openBy })) {
      this.#waiting.delete(queryId);
      throw new SynodError(
        'PRIVATE_QUERIES_FULL',
        'This node keeps as many private queries as it can. Ask another node, or again in some minutes.',
      );
    }
    await kept;
    return readKey;
  }

  /** The host has the content on disk. */
  onKept(queryId: Hash): void {
    this.#waiting.get(queryId)?.();
    this.#waiting.delete(queryId);
  }

  isReader(queryId: Hash, readKey: Hash | null): boolean {
    const expected = this.#host.queries.privacy.note(queryId)?.readKeyHash ?? null;
    return readKey !== null && expected === hashOf(readKey);
  }

  /** The view with texts in the place of hashes: all for whoever holds the key, for anybody else what was disclosed. */
  opened(sealed: QueryView, readKey: Hash | null): QueryView {
    return this.openedByKey(this.#disclosed(sealed), readKey);
  }

  /** As `opened`, but a disclosure opens nothing: for what only whoever asked may do. */
  openedByKey(view: QueryView, readKey: Hash | null): QueryView {
    const note = this.#host.queries.privacy.note(view.queryId);
    if (note?.prompt == null || !this.isReader(view.queryId, readKey)) return view;
    const { state } = view;
    const opened = { ...view, isSealed: false, prompt: note.prompt.prompt };
    return state === null
      ? opened
      : withTexts(opened, (member) => this.#host.queries.privacy.fullAnswer(state, member));
  }

  #disclosed(view: QueryView): QueryView {
    const found = view.isSealed ? this.#disclosures.of(view.queryId, view) : null;
    if (found === null) return view;
    const opened = { ...view, isSealed: false, prompt: found.prompt, disclosedAt: found.height };
    return withTexts(opened, (member) => found.answers.get(member) ?? null);
  }

  /** What this node can disclose of a query in state. Throws `READ_KEY_WRONG`. */
  disclosure(state: QueryState, readKey: Hash): Disclosure {
    const { privacy } = this.#host.queries;
    const prompt = privacy.note(state.id)?.prompt ?? null;
    if (prompt === null || !this.isReader(state.id, readKey)) {
      throw new SynodError(
        'READ_KEY_WRONG',
        'This node keeps no text of this query under this read key. Ask the node that opened it, with the key it gave.',
        { facts: { queryId: state.id } },
      );
    }
    const answers = state.respondents.flatMap((_, respondent) => {
      const answer = privacy.fullAnswer(state, respondent);
      return answer === null ? [] : [{ respondent, answer }];
    });
    return { ...prompt, answers };
  }
}

/** With whole answers in the place of sealed ones, where one of a group's members has one. */
function withTexts(view: QueryView, answerOf: (respondent: number) => Answer | null): QueryView {
  const opened = (groups: QueryState['groups']) =>
    groups.map((group) => {
      const full = group.members.map(answerOf).find((answer) => answer !== null);
      return full === undefined ? group : { ...group, answer: full };
    });
  const { state, receipt } = view;
  return {
    ...view,
    state: state && { ...state, groups: opened(state.groups) },
    receipt: receipt && { ...receipt, groups: opened(receipt.groups) },
  };
}

function requireContent({ privacy }: QueryContract, secret: PrivatePrompt | null): PrivatePrompt {
  if (secret === null) {
    throw new SynodError(
      'PRIVATE_PROMPT_MISSING',
      'The contract is private, and this node was not given its prompt and salt. Send both beside the transaction.',
    );
  }
  const isContent =
    secret.salt.length === 32 &&
    secret.prompt.isWellFormed() &&
    privacy?.promptBytes === utf8Bytes(secret.prompt) &&
    privacy.promptHash === privatePromptHash(secret.prompt, secret.salt);
  if (isContent) return secret;
  throw new SynodError(
    'PRIVATE_PROMPT_MISMATCH',
    'Prompt and salt are not those that the contract stands for. Sign the contract with the hash of this very prompt and salt.',
  );
}

function hashOf(readKey: Hash): Hash {
  return taggedHash('synod/read-key/1', Buffer.from(readKey, 'hex'));
}
