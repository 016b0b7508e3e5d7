/**
 * Feedback reckoned a second time (spec: learning §2, §3): who may give it, what is held for it, which blobs more than two thirds of the power attest,
 * and what is burnt with those that are lost. No simulated host keeps blobs; who attests some is learning-history.ts. Owns that arithmetic over the
 * reference chain.
 */
import {
  type Address,
  addressOf,
  type Block,
  decodeVoteExtension,
  type FeedbackGive,
  findRound,
  type Hash,
  type Height,
  readAsked,
  readParams,
  readValidatorRecord,
  readValidatorsAt,
  type StateTree,
  ZERO_HASH,
} from '@synod/chain';
import type { AppliedStep } from './ledger-model.ts';

type Asked = {
  readonly requester: Address;
  readonly until: Height;
  readonly isTaken: boolean;
  readonly isPrivate: boolean;
};

export type FeedbackBooks = {
  /** What is wrong, or null. */
  readonly problem: string | null;
  /** Deposits burnt by this block. */
  readonly burnt: bigint;
};

export class FeedbackModel {
  readonly #asked = new Map<Hash, Asked>();
  /** What waits for attestations: who gave some, until when, and the deposit that it costs to be lost. */
  #pending: { readonly content: Hash; readonly until: Height; readonly deposit: bigint; readonly by: Set<Address> }[] =
    [];

  /** Books one block. Called once for each, in order. */
  book({ before, after, block, results, events }: AppliedStep): FeedbackBooks {
    const { learning } = readParams(before);
    const { height } = block.header;
    const problems: string[] = [];
    const available = this.#attest(before, block);
    for (const [index, { body }] of block.transactions.entries()) {
      if (body.payload.type === 'delta.reveal' && results.transactions[index]?.code === 'OK') {
        const { content, round } = body.payload;
        this.#pending.push({ content, until: findRound(before, round)?.deadline ?? 0, deposit: 0n, by: new Set() });
      }
      if (body.payload.type !== 'feedback.give') continue;
      const due = this.#codeDue(body.payload, addressOf(body.sender), { height, bytesMax: learning.feedbackBytesMax });
      const code = results.transactions[index]?.code;
      if (code !== due) problems.push(`feedback about ${body.payload.queryId} ends as ${code}, due ${due}`);
      if (due !== 'OK') continue;
      const { content } = body.payload;
      const [until, deposit] = [height + learning.attestHeights, learning.feedbackDeposit];
      this.#pending.push({ content, until, deposit, by: new Set() });
    }
    for (const { queryId, requester, groups, settledAt, contract } of results.receipts) {
      if (groups.length === 0) continue;
      const [until, isPrivate] = [settledAt + learning.feedbackWindow, contract.privacy !== null];
      this.#asked.set(queryId, { requester, until, isTaken: false, isPrivate });
    }
    const late = this.#pending.filter(({ until }) => until <= height);
    this.#pending = this.#pending.filter((blob) => !late.includes(blob));
    const named = (type: 'blob.lost' | 'blob.available') =>
      events.flatMap((event) => (event.type === type ? [event.content] : [])).join();
    const [lost, held] = [late.map(({ content }) => content).join(), available.join()];
    if (named('blob.lost') !== lost) problems.push(`the blobs ${named('blob.lost')} are given up, due ${lost}`);
    if (named('blob.available') !== held) problems.push(`${named('blob.available')} are available, due ${held}`);
    for (const [queryId, { until }] of this.#asked) {
      if ((readAsked(after, queryId) === null) !== height >= until)
        problems.push(`query ${queryId} takes feedback to ${until}, and height ${height} says otherwise`);
    }
    return { problem: problems[0] ?? null, burnt: late.reduce((sum, { deposit }) => sum + deposit, 0n) };
  }

  /** Takes in what the last commit attests; what more than two thirds of the present power holds waits no more. */
  #attest(before: StateTree, block: Block): readonly Hash[] {
    const { validators } = readValidatorRecord(before);
    const signers = readValidatorsAt(before, block.header.height - 1) ?? [];
    for (const { validator, extension } of block.lastCommit?.precommits ?? []) {
      const decoded = decodeVoteExtension(extension);
      const operator = signers[validator]?.operator;
      for (const item of decoded.ok ? decoded.value.items : [])
        if (item.kind === 'blob.attest' && operator !== undefined)
          for (const blob of this.#pending) if (item.contents.includes(blob.content)) blob.by.add(operator);
    }
    const all = validators.reduce((sum, { power }) => sum + power, 0n);
    const isHeld = ({ by }: { readonly by: ReadonlySet<Address> }) =>
      3n * validators.reduce((sum, { operator, power }) => (by.has(operator) ? sum + power : sum), 0n) > 2n * all;
    const held = this.#pending.filter(isHeld);
    this.#pending = this.#pending.filter((blob) => !held.includes(blob));
    return held.map(({ content }) => content);
  }

  #codeDue(
    { queryId, rating, content, bytes, leaf }: FeedbackGive,
    sender: Address,
    { height, bytesMax }: { readonly height: Height; readonly bytesMax: number },
  ): string {
    const asked = this.#asked.get(queryId);
    if (asked === undefined || height > asked.until) return 'QUERY_UNKNOWN';
    if (asked.requester !== sender) return 'FEEDBACK_FOREIGN';
    if (asked.isTaken) return 'FEEDBACK_TWICE';
    if (asked.isPrivate) return 'FEEDBACK_PRIVATE';
    if (bytes > bytesMax) return 'FEEDBACK_TOO_LONG';
    if (bytes === 0) return 'FEEDBACK_EMPTY';
    if ((rating === 'correct') !== (leaf !== ZERO_HASH)) return 'FEEDBACK_LEAF';
    if (this.#pending.some((blob) => blob.content === content)) return 'FEEDBACK_TWICE';
    this.#asked.set(queryId, { ...asked, isTaken: true });
    return 'OK';
  }
}
