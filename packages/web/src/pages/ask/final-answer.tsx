/** A settled answer: the text with its citations, what it cost, who gave it, its receipt, and what its reader thinks of it. */
import type { QueryJson } from '@synod/rpc/client';
import type { ComponentChildren, VNode } from 'preact';
import { formatSyn } from '../../format/amounts.ts';
import { formatCount, formatPercent } from '../../format/numbers.ts';
import { formatDuration } from '../../format/times.ts';
import { Go, Hash, pathTo } from '../../ui/values.tsx';
import type { Turn } from './course.ts';
import { wasReplaced } from './course.ts';
import { FeedbackForm } from './feedback-form.tsx';
import { agreement, type Citation, citedAnswer, groundingText, outcomeText, tokensInAll } from './provenance.ts';
import { ReceiptButton } from './receipt-button.tsx';
import { Respondents } from './respondents.tsx';

type Props = { readonly turn: Turn; readonly query: QueryJson };

export function FinalAnswer({ turn, query }: Props): VNode {
  const outcome = outcomeText(query.outcome);
  return (
    <>
      {query.answer !== null && <Answer turn={turn} query={query} />}
      {query.answer === null && query.isSealed && (
        <p class="note">Its texts are private, and this tab has no key to them.</p>
      )}
      {outcome !== null && <p class="note">{outcome}</p>}
      <Ledger turn={turn} query={query} />
      {query.respondents.length > 0 && <Respondents query={query} />}
      {query.answer !== null && turn.queryId !== null && <FeedbackForm turn={turn} queryId={turn.queryId} />}
    </>
  );
}

function Answer({ turn, query }: Props): VNode {
  const { pieces, citations } = citedAnswer(query);
  return (
    <div class="answer answer--final">
      {wasReplaced(turn) && <Replaced turn={turn} />}
      <p class="answer__text">
        {pieces.map((piece, index) =>
          piece.kind === 'text' ? (
            piece.text
          ) : (
            <q key={index} class="answer__quote">
              {piece.text}
              <sup>{piece.citation}</sup>
            </q>
          ),
        )}
      </p>
      {citations.length > 0 && <Citations citations={citations} />}
    </div>
  );
}

function Replaced({ turn }: { readonly turn: Turn }): VNode {
  const first = turn.selected.find(({ expert }) => expert === turn.provisionalExpert);
  return (
    <details class="replaced">
      <summary>Another answer won than the one you saw first{first === undefined ? '' : `, by ${first.name}`}.</summary>
      <p>{turn.provisional}</p>
    </details>
  );
}

function Citations({ citations }: { readonly citations: readonly Citation[] }): VNode {
  return (
    <ol class="citations" aria-label="Sources">
      {citations.map(({ number, source, passage }) => (
        <li key={number}>
          {source} <span class="citations__passage">passage {formatCount(passage)}</span>
        </li>
      ))}
    </ol>
  );
}

function Ledger({ turn, query }: Props): VNode {
  const { cost, refund, receipt, confidence, grounding } = query;
  const agreed = agreement(query);
  const tokens = tokensInAll(query);
  return (
    <dl class="ledger">
      {cost !== null && (
        <Entry name="cost" title={refund === null ? '' : `${formatSyn(refund)} SYN were held back and refunded`}>
          {formatSyn(cost)} SYN
        </Entry>
      )}
      {turn.finalMs !== null && (
        <Entry
          name="final after"
          title={turn.firstTokenMs === null ? '' : `first words after ${formatDuration(turn.firstTokenMs)}`}
        >
          {formatDuration(turn.finalMs)}
        </Entry>
      )}
      {tokens !== null && <Entry name="tokens">{formatCount(tokens)}</Entry>}
      {confidence !== null && (
        <Entry name="confidence" title="Its score by the validators that judged it">
          {formatPercent(confidence)}
        </Entry>
      )}
      {agreed !== null && query.respondents.length > 1 && <Entry name="agreement">{formatPercent(agreed)}</Entry>}
      {grounding !== null && (
        <Entry name="grounding" title={groundingText(grounding) ?? ''}>
          {grounding}
        </Entry>
      )}
      {receipt !== null && (
        <Entry name={receipt.finalized ? 'finalized in' : 'settled in'} title={receipt.blockHash}>
          <Go to={pathTo.block(receipt.height)}>block {formatCount(receipt.height)}</Go>
        </Entry>
      )}
      <Entry name="receipt">
        <Hash text={query.queryId} what="query id" to={pathTo.query(query.queryId)} />
        {receipt?.finalized === true && <ReceiptButton queryId={query.queryId} />}
      </Entry>
    </dl>
  );
}

function Entry(props: { readonly name: string; readonly title?: string; readonly children: ComponentChildren }): VNode {
  return (
    <div title={props.title}>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
