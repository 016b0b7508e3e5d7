/**
 * This node's part in private queries (spec: privacy §5–§7): sends the prompt it coordinates and its experts' answers, sealed for
 * the committee, and opens what others send. Owns what is sent when and what is believed; desks ask it for texts.
 */
import {
  type Address,
  type Answer,
  addressOf,
  answerHash,
  answerProblem,
  answerText,
  committeeKeys,
  decodeAnswer,
  decodePrivatePrompt,
  encodeAnswer,
  encodePrivatePrompt,
  encodeSealedMessage,
  type Hash,
  type Height,
  learntOf,
  openBox,
  type PrivateNote,
  type PrivatePrompt,
  type PublicKey,
  privatePromptHash,
  type QueryState,
  readExpert,
  readQuery,
  readValidatorRecord,
  type SealedMessage,
  type SealedPlace,
  sealAnswer,
  sealBox,
  sealedContext,
  sealedSignBytes,
  taggedHash,
} from '@synod/chain';
import { keysOf, paramsOf } from './chain-head.ts';
import { limits } from './limits.ts';
import type { ExpertSigner, GossipVerdict } from './ports.ts';
import { PrivateNotes } from './private-notes.ts';
import type { CoordinatorOptions } from './query-coordinator.ts';
import { type AdmittedMessage, isLive, revealedHash, SealedInbox } from './sealed-inbox.ts';

/** What scorers read of a query: its prompt, and each group's answer or null where none of its members showed a valid one. */
export type ScoringTexts = { readonly prompt: string; readonly answers: readonly (Answer | null)[] };

type Answered = Pick<QueryState, 'id' | 'respondents' | 'earlier'>;

/** An author's means: what it derives secrets and signatures with. */
type Hand = {
  deriveSecret(label: string): Uint8Array;
  /** Null where the key cannot be reached now: nothing is sent. */
  sign(message: Omit<SealedMessage, 'signature'>): Uint8Array | null;
};

export class PrivateDesk {
  readonly #options: CoordinatorOptions;
  readonly #notes: PrivateNotes;
  readonly #inbox: SealedInbox;
  /** When content was sent first and last, by query and place. */
  readonly #sent = new Map<string, { readonly first: Height; readonly last: Height; readonly queryId: Hash }>();

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    this.#notes = new PrivateNotes(options.ports.store);
    this.#inbox = new SealedInbox(options);
  }

  /** Keeps the content of a query that this node is about to open; `privateKept` tells when it is durable. False: no room. */
  keep(
    id: Hash,
    own: { readonly prompt: PrivatePrompt; readonly readKeyHash: Hash; readonly openBy: Height },
  ): boolean {
    return this.#notes.open(id, own);
  }

  /** What is known of a private query; null where nothing is. */
  note(id: Hash): PrivateNote | null {
    return this.#notes.get(id);
  }

  onStored(key: string): void {
    const queryId = this.#notes.onStored(key);
    if (queryId === null) return;
    this.#options.ports.observer.onHostEvent({ kind: 'privateKept', queryId });
    const query = readQuery(this.#options.head().state, queryId);
    if (query !== null) this.#send(query);
  }

  onHead(): void {
    const { height, state } = this.#options.head();
    this.#notes.onHead(state, height);
    for (const [key, { queryId }] of this.#sent) if (this.#notes.get(queryId) === null) this.#sent.delete(key);
    for (const admitted of this.#inbox.onHead()) this.#open(admitted);
    for (const id of this.#notes.ids) {
      const query = readQuery(state, id);
      if (query !== null) this.#send(query);
    }
  }

  /** A message of the sealed topic: what gossip does with it, and whether this node knows more than before. */
  onGossip(bytes: Uint8Array): { readonly verdict: GossipVerdict; readonly isNews: boolean } {
    const { verdict, admitted } = this.#inbox.take(bytes);
    return { verdict, isNews: admitted !== null && this.#open(admitted) };
  }

  /** The prompt, or null while a private one has not come. */
  promptOf({ id, contract }: QueryState): string | null {
    return contract.privacy === null ? contract.prompt : (this.#notes.get(id)?.prompt?.prompt ?? null);
  }

  /** An own expert's answer, to be sent once it is revealed. It must be kept before its hash leaves. */
  keepAnswer(query: QueryState, expert: Address, answer: Answer): void {
    if (query.contract.privacy !== null) this.#notes.keepAnswer(query.id, { expert, round: query.round, answer });
  }

  /** The answer as it stands on chain; null while the salt of a private query has not come. */
  onChain({ id, contract }: QueryState, answer: Answer): Answer | null {
    if (contract.privacy === null) return answer;
    const prompt = this.#notes.get(id)?.prompt ?? null;
    return prompt === null ? null : sealAnswer(id, prompt.salt, answer);
  }

  /** The answer that a respondent's hash on chain stands for, in full; null where this node does not have it. */
  fullAnswer(query: Answered, respondent: number): Answer | null {
    const revealed = [
      ...query.earlier.map(({ answers }) => answers[respondent]),
      query.respondents[respondent]?.answerHash,
    ];
    return this.#answerOf(query.id, revealed.findLast((hash) => hash != null) ?? null);
  }

  /** What an expert may build on (market §5.3); null while a private text of a peer may still come. */
  peersOf(query: QueryState, expert: Address, open: readonly string[]): readonly string[] | null {
    const before = query.earlier.at(-1);
    if (query.contract.privacy === null || before === undefined) return open;
    const own = query.respondents.findIndex((slot) => slot.expert === expert);
    const groups = before.groups.filter(({ members }) => members.some((member) => member !== own));
    const full = groups.map(({ members }) =>
      this.#firstOf(
        query.id,
        members.map((member) => before.answers[member] ?? null),
      ),
    );
    const found = full.filter((answer) => answer !== null);
    return found.length < full.length && this.#isEarly(query) ? null : found.map(answerText);
  }

  #firstOf(id: Hash, hashes: readonly (Hash | null)[]): Answer | null {
    return hashes.map((hash) => this.#answerOf(id, hash)).find((answer) => answer !== null) ?? null;
  }

  #answerOf(id: Hash, hash: Hash | null): Answer | null {
    const note = this.#notes.get(id);
    if (note?.prompt == null || hash === null) return null;
    const { salt } = note.prompt;
    return note.answers.find(({ answer }) => answerHash(sealAnswer(id, salt, answer)) === hash)?.answer ?? null;
  }

  /** What scorers of these groups read; null while more may come, or where the prompt never came. */
  scoringTexts(query: QueryState, groups: readonly number[]): ScoringTexts | null {
    const prompt = this.promptOf(query);
    if (prompt === null) return null;
    if (query.contract.privacy === null) {
      return { prompt, answers: groups.map((group) => query.groups[group]!.answer) };
    }
    const found = groups.map((group) => this.#groupAnswer(query, group));
    if (this.#isEarly(query) && found.some(({ isOpen }) => isOpen)) return null;
    return { prompt, answers: found.map(({ answer }) => answer) };
  }

  /** Whether there is time to wait for what is missing. */
  #isEarly({ deadline }: QueryState): boolean {
    return this.#options.head().height + limits.sealedPatienceHeights < deadline;
  }

  /** The answer that a member showed and that public rules would take (privacy §7); `isOpen`: a member may still show one. */
  #groupAnswer(query: QueryState, group: number): { readonly answer: Answer | null; readonly isOpen: boolean } {
    const { state } = this.#options.head();
    let isOpen = false;
    for (const member of query.groups[group]!.members) {
      const answer = this.fullAnswer(query, member);
      const { expert, version } = query.respondents[member]!;
      const profile = readExpert(state, expert)?.profile;
      const learnt = learntOf(state, query.contract.domain, version);
      if (answer === null) isOpen = true;
      else if (
        profile !== undefined &&
        answerProblem(answer, { profile, learnt }, paramsOf(this.#options.head())) === null
      ) {
        return { answer, isOpen: false };
      }
    }
    return { answer: null, isOpen };
  }

  /** Sends what this node has to tell of the query, where it is due. */
  #send(query: QueryState): void {
    const { height } = this.#options.head();
    const note = this.#notes.get(query.id);
    if (note === null || !isLive(query, height) || !this.#notes.isDurable(query.id)) return;
    this.#sendPrompt(query, note);
    for (const { signer } of this.#options.ports.experts) this.#sendAnswers(query, signer);
  }

  #sendPrompt(query: QueryState, { prompt }: PrivateNote): void {
    const { signer } = this.#options.ports;
    const isNeeded = query.phase !== 'scoreRevealing' && query.phase !== 'settled';
    if (prompt === null || !isNeeded || signer?.operator !== query.contract.coordinator) return;
    const place = { queryId: query.id, kind: 'prompt', round: 0, author: signer.publicKey } as const;
    const hand: Hand = {
      deriveSecret: (label) => signer.deriveSecret(label),
      sign: (message) => signer.signSealed(message),
    };
    this.#publish(query, { place, content: encodePrivatePrompt(prompt), hand });
  }

  /** After the reveal only: respondents read it too, and must not before they have committed themselves. */
  #sendAnswers(query: QueryState, signer: ExpertSigner): void {
    const { chainId } = this.#options.identity;
    const hand: Hand = {
      deriveSecret: (label) => signer.deriveSecret(label),
      sign: (message) => signer.sign(sealedSignBytes(chainId, message)),
    };
    for (const { expert, round, answer } of this.#notes.get(query.id)?.answers ?? []) {
      const place = { queryId: query.id, kind: 'answer', round, author: signer.publicKey } as const;
      if (expert !== signer.address || revealedHash(query, place, this.#options.head()) === null) continue;
      this.#publish(query, { place, content: encodeAnswer(answer), hand });
    }
  }

  /** At once, at the next height for whoever was a block behind, and then again and again for whoever comes late. */
  #publish(
    query: QueryState,
    { place, content, hand }: { readonly place: SealedPlace; readonly content: Uint8Array; readonly hand: Hand },
  ): void {
    const { height: sentAt } = this.#options.head();
    const key = `${place.queryId}/${place.kind}/${place.round}/${place.author}`;
    const sent = this.#sent.get(key);
    const isDue = sent === undefined || sentAt >= sent.last + limits.sealedRepeatHeights || sentAt === sent.first + 1;
    if (!isDue || sent?.last === sentAt) return;
    const context = sealedContext(place);
    const box = sealBox(content, { secret: boxSecret(content, context, hand), readers: this.#readers(query), context });
    const message = { ...place, sentAt, box };
    const signature = hand.sign(message);
    if (signature === null) return;
    this.#sent.set(key, { first: sent?.first ?? sentAt, last: sentAt, queryId: query.id });
    const bytes = encodeSealedMessage({ ...message, signature });
    this.#options.ports.network.publish('sealed', bytes);
  }

  #readers(query: QueryState): readonly PublicKey[] {
    const { state } = this.#options.head();
    const { validators } = readValidatorRecord(state);
    return committeeKeys(query, { expertOf: (address) => readExpert(state, address), validators });
  }

  /** Opens a message where this node is a reader and does not have its content; true where that told something. */
  #open({ message, query }: AdmittedMessage): boolean {
    const note = this.#notes.get(query.id);
    if (message.kind === 'prompt') {
      return note?.prompt == null && this.#takePrompt(query, this.#content(message));
    }
    const expert = addressOf(message.author);
    if (note?.prompt == null || this.#notes.answer(query.id, expert, message.round) !== null) return false;
    return this.#takeAnswer(query, message, this.#content(message));
  }

  /** What the box holds, by whichever of this node's keys it was sealed for. */
  #content(message: SealedMessage): Uint8Array | null {
    const { signer, experts } = this.#options.ports;
    const context = sealedContext(message);
    for (const expert of experts) {
      const { publicKey: reader, agree } = expert.signer;
      const content = openBox(message.box, { reader, agree, context });
      if (content !== null) return content;
    }
    if (signer === null) return null;
    for (const reader of new Set([signer.publicKey, ...keysOf(this.#options.head(), signer.operator)])) {
      const content = openBox(message.box, { reader, agree: (theirs) => signer.agree(reader, theirs), context });
      if (content !== null) return content;
    }
    return null;
  }

  /** Believed when it opens the hash and has the length that is paid for. */
  #takePrompt({ id, contract: { privacy } }: QueryState, content: Uint8Array | null): boolean {
    const decoded = content === null ? null : decodePrivatePrompt(content);
    if (!decoded?.ok || privacy === null) return false;
    const { prompt, salt } = decoded.value;
    const isPaidFor = new TextEncoder().encode(prompt).length === privacy.promptBytes;
    if (!isPaidFor || privatePromptHash(prompt, salt) !== privacy.promptHash) return false;
    return this.#notes.keepPrompt(id, decoded.value);
  }

  /** Believed when it opens the hash on chain, which covers its bytes as stated. */
  #takeAnswer(query: QueryState, message: SealedMessage, content: Uint8Array | null): boolean {
    const decoded = content === null ? null : decodeAnswer(content);
    const salt = this.#notes.get(query.id)?.prompt?.salt;
    if (!decoded?.ok || salt === undefined) return false;
    const answer = decoded.value;
    const expected = revealedHash(query, message, this.#options.head());
    if (answerHash(sealAnswer(query.id, salt, answer)) !== expected) return false;
    return this.#notes.keepAnswer(query.id, { expert: addressOf(message.author), round: message.round, answer });
  }
}

/** Content and context are in the labels, so that no secret ever serves two contents, whatever a store forgets. */
function boxSecret(content: Uint8Array, context: Uint8Array, { deriveSecret }: Hand): Uint8Array {
  const name = taggedHash('synod/box-secret/1', context, content);
  const secret = new Uint8Array(64);
  secret.set(deriveSecret(`seal/content/${name}`));
  secret.set(deriveSecret(`seal/ephemeral/${name}`), 32);
  return secret;
}
