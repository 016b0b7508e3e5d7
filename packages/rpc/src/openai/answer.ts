/**
 * What a query's events add up to for a chat client: the provisional text, the final answer, usage and receipt (spec: rpc §6.4).
 */
import { SynodError } from '@synod/chain';
import { type ExpertLookup, queryJson } from '../json/query.ts';
import { decimal, hexOf, synText } from '../json/scalars.ts';
import type { QueryView } from '../node-api.ts';
import type { FollowedEvent } from './follow.ts';

export type Usage = {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  /** Nano, as a decimal string. */
  readonly cost: string;
  readonly cost_details: { readonly unit: 'nano'; readonly syn: string };
};

export type ReceiptJson = Readonly<Record<string, unknown>> & {
  readonly query_id: string;
  readonly finalized: boolean;
  readonly provisional: boolean;
};

/** Collects the events of one query. */
export class AnswerCollector {
  readonly #queryId: string;
  #expert: string | null = null;
  #provisional = '';
  #provisionalTokens = 0;
  #view: QueryView | null = null;

  constructor(queryId: string) {
    this.#queryId = queryId;
  }

  /** Takes an event and returns the text it adds to the stream. Throws what `failed` says. */
  onEvent(event: FollowedEvent): string {
    if (event.kind === 'failed') throw new SynodError(event.code, event.message);
    if (event.kind === 'final') this.#view = event.view;
    if (event.kind !== 'token') return '';
    // Only the expert that began streams; another's text would not continue it.
    this.#expert ??= event.expert;
    if (event.expert !== this.#expert) return '';
    this.#provisional += event.text;
    this.#provisionalTokens++;
    return event.text;
  }

  /** Text streamed so far. */
  get provisional(): string {
    return this.#provisional;
  }

  /** The answer to show: the final best one, else what was streamed. Throws `NO_ANSWER` or `ANSWER_TIMEOUT` when there is none. */
  answer(expertOf: ExpertLookup): string {
    const final = this.#final(expertOf)?.answer ?? null;
    if (final !== null) return final;
    if (this.#view !== null) throw noAnswer(this.#view);
    if (this.#provisional !== '') return this.#provisional;
    throw new SynodError(
      'ANSWER_TIMEOUT',
      `No expert has answered yet. The query stays open: GET /v1/queries/${hexOf(this.#queryId)} tells how it ends.`,
    );
  }

  /** Tokens and cost of the best answer; before it is known, what was streamed. */
  usage(): Usage {
    const receipt = this.#view?.receipt ?? null;
    const best = receipt === null || receipt.best === null ? undefined : receipt.groups[receipt.best]?.answer;
    const promptTokens = best?.promptTokens ?? 0;
    const completionTokens = best?.answerTokens ?? this.#provisionalTokens;
    const cost = receipt?.cost ?? 0n;
    return {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
      cost: decimal(cost),
      cost_details: { unit: 'nano', syn: synText(cost) },
    };
  }

  /**
   * The receipt for `x_receipt`. `shown` is the text the client has: when the final best answer is another, `provisional` is true and
   * `answer` holds the final one. Before finality `finalized` is false and what is known is given.
   */
  receipt(shown: string, expertOf: ExpertLookup): ReceiptJson {
    const query = this.#final(expertOf);
    if (query === null) return { query_id: hexOf(this.#queryId), finalized: false, provisional: true };
    const another = query.answer !== null && query.answer !== shown;
    return {
      query_id: query.queryId,
      outcome: query.outcome,
      domain: query.domain,
      grounding: query.grounding,
      confidence: query.confidence,
      citations: query.segments.flatMap((segment) =>
        segment.kind === 'quote' ? [{ text: segment.text, source: segment.source, passage: segment.passage }] : [],
      ),
      experts: query.respondents.map(({ expert, name, model, version, score, tokens, paid }) => ({
        id: expert,
        name,
        model,
        version,
        score,
        tokens,
        paid,
      })),
      scores: query.scores,
      cost: query.cost,
      refund: query.refund,
      block: query.receipt === null ? null : { height: query.receipt.height, hash: query.receipt.blockHash },
      finalized: query.receipt?.finalized ?? false,
      provisional: another,
      ...(another ? { answer: query.answer } : {}),
    };
  }

  #final(expertOf: ExpertLookup) {
    return this.#view === null ? null : queryJson(this.#view, expertOf);
  }
}

function noAnswer(view: QueryView): SynodError {
  const none = view.receipt?.outcome === 'noExperts';
  return none
    ? new SynodError(
        'NO_EXPERT',
        'No expert could be selected for this question. The escrow was refunded; ask again later.',
      )
    : new SynodError('NO_ANSWER', 'No expert delivered an answer in time. The escrow was refunded; ask again.');
}
