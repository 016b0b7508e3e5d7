/**
 * Which sealed messages are passed on (spec: privacy §5): of a private query that is under way, by an author that state names,
 * signed, in bounds, and newer than its author's last. Owns the admission; what is inside only readers learn (private-desk.ts).
 */
import {
  decodeSealedMessage,
  type Hash,
  type Height,
  oncePerObject,
  promptBytesOf,
  type QueryState,
  readExpert,
  readQuery,
  type SealedMessage,
  sealedSignBytes,
} from '@synod/chain';
import { type ChainHead, type ChainIdentity, keysOf, paramsOf } from './chain-head.ts';
import { limits } from './limits.ts';
import { chainCrypto, type GossipVerdict, type HostPorts } from './ports.ts';

/** A message that may be forwarded, and the query it belongs to. */
export type AdmittedMessage = { readonly message: SealedMessage; readonly query: QueryState };

const messageOf = oncePerObject(decodeSealedMessage);

export class SealedInbox {
  readonly #ports: HostPorts;
  readonly #identity: ChainIdentity;
  readonly #head: () => ChainHead;
  /** Height of the newest message of each author, by query and place. */
  readonly #newest = new Map<string, { readonly queryId: Hash; readonly sentAt: Height }>();
  #early: SealedMessage[] = [];

  constructor(options: {
    readonly ports: HostPorts;
    readonly identity: ChainIdentity;
    readonly head: () => ChainHead;
  }) {
    this.#ports = options.ports;
    this.#identity = options.identity;
    this.#head = options.head;
  }

  /** Malformed bytes are rejected; what does not belong here is dropped without blame, for heads and keys may differ. */
  take(bytes: Uint8Array): { readonly verdict: GossipVerdict; readonly admitted: AdmittedMessage | null } {
    const decoded = messageOf(bytes);
    if (!decoded.ok) return { verdict: 'reject', admitted: null };
    const admitted = this.#admit(decoded.value);
    return { verdict: admitted === null ? 'ignore' : 'accept', admitted };
  }

  /** Messages that came before the block that makes sense of them. */
  onHead(): readonly AdmittedMessage[] {
    const { state } = this.#head();
    for (const [key, { queryId }] of this.#newest) if (readQuery(state, queryId) === null) this.#newest.delete(key);
    const early = this.#early;
    this.#early = [];
    return early.flatMap((message) => this.#admit(message) ?? []);
  }

  #admit(message: SealedMessage): AdmittedMessage | null {
    const { height, state } = this.#head();
    if (Math.abs(height - message.sentAt) > limits.sealedAgeHeights) return null;
    const query = readQuery(state, message.queryId);
    if (query === null || query.phase === 'selecting') return this.#hold(message);
    if (!isLive(query, height) || !this.#isInBounds(message, query)) return null;
    if (!this.#isByAuthor(message, query)) return null;
    if (message.kind === 'answer' && revealedHash(query, message, this.#head()) === null) return this.#hold(message);
    const key = `${message.queryId}/${message.kind}/${message.round}/${message.author}`;
    if ((this.#newest.get(key)?.sentAt ?? -1) >= message.sentAt) return null;
    const { verifySignature } = this.#ports.crypto ?? chainCrypto;
    const signed = sealedSignBytes(this.#identity.chainId, message);
    if (!verifySignature(message.author, signed, message.signature)) return null;
    this.#newest.set(key, { queryId: message.queryId, sentAt: message.sentAt });
    return { message, query };
  }

  #hold(message: SealedMessage): null {
    if (this.#early.length < limits.sealedEarly) this.#early.push(message);
    return null;
  }

  #isInBounds({ kind, box }: SealedMessage, query: QueryState): boolean {
    const { respondents, scorers, contract } = query;
    if (box.keys.length > respondents.length + scorers.length + 1) return false;
    const bytes = kind === 'prompt' ? promptBytesOf(contract) : paramsOf(this.#head()).answerBytesMax;
    return box.body.length <= bytes + limits.sealedOverheadBytes;
  }

  #isByAuthor({ kind, round, author }: SealedMessage, query: QueryState): boolean {
    if (kind === 'prompt') return round === 0 && keysOf(this.#head(), query.contract.coordinator).includes(author);
    return respondentOf(query, author, this.#head()) !== -1;
  }
}

/** Whether content of the query is still sent: until it is settled, and a little longer for whoever lags. */
export function isLive(query: QueryState, height: Height): boolean {
  if (query.contract.privacy === null || query.phase === 'selecting') return false;
  return query.phase !== 'settled' || height - query.deadline <= limits.sealedTailHeights;
}

/** Hash on chain of the author's answer in that round; null before it is revealed, or where it never was. */
export function revealedHash(
  query: QueryState,
  { round, author }: Pick<SealedMessage, 'round' | 'author'>,
  head: ChainHead,
): Hash | null {
  const index = respondentOf(query, author, head);
  if (round === query.round) return query.respondents[index]?.answerHash ?? null;
  return query.earlier[round - 1]?.answers[index] ?? null;
}

/** Index of the respondent with this key, or −1. */
function respondentOf(query: QueryState, author: string, { state }: ChainHead): number {
  return query.respondents.findIndex(({ expert }) => readExpert(state, expert)?.publicKey === author);
}
