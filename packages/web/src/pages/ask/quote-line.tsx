/** The price line under the question: about how much, at most how much, who would answer, and how the question found them. */
import type { VNode } from 'preact';
import type { Result } from '../../api/client.ts';
import { formatSyn } from '../../format/amounts.ts';
import { formatPercent } from '../../format/numbers.ts';
import { pathTo } from '../../ui/values.tsx';
import { balance } from './account.ts';
import type { QuoteState } from './use-quote.ts';

export function QuoteLine(props: {
  readonly price: QuoteState;
  /** Limit of one's own in nano. */
  readonly maxCost: string | null;
  readonly hasExperts: boolean;
}): VNode {
  const { quote, problem, isAsking } = props.price;
  return (
    <div class="quote" aria-live="polite" aria-busy={isAsking}>
      {!props.hasExperts && <span>No expert is active on this chain yet. Offer one: synod expert offer FOLDER</span>}
      {problem !== null && (
        <span class="quote__problem">
          {problem.what} {problem.next}
        </span>
      )}
      {quote !== null && (
        <>
          <span>
            about <strong>{formatSyn(quote.estimate)} SYN</strong>, at most <strong>{formatSyn(quote.max)} SYN</strong>
          </span>
          <span>{routingText(quote)}</span>
          <span title={quote.configuration.reason}>{configurationText(quote)}</span>
          <span class="quote__experts">
            {quote.experts.map(({ expert, name }) => (
              <a key={expert} href={`#${pathTo.expert(expert)}`}>
                {name}
              </a>
            ))}
          </span>
          <Warning quote={quote} maxCost={props.maxCost} />
        </>
      )}
      {quote === null && problem === null && props.hasExperts && (
        <span class="quote__idle">
          {isAsking
            ? 'Asking for the price'
            : 'The price stands here before you send. Enter sends, Shift-Enter begins a new line.'}
        </span>
      )}
    </div>
  );
}

function Warning({
  quote,
  maxCost,
}: {
  readonly quote: Result<'query_quote'>;
  readonly maxCost: string | null;
}): VNode | null {
  if (maxCost !== null && BigInt(quote.estimate) > BigInt(maxCost)) {
    return (
      <span class="quote__problem">
        Above your limit of {formatSyn(maxCost)} SYN: it would be refused, and nothing charged.
      </span>
    );
  }
  if (balance.value !== null && BigInt(quote.max) > BigInt(balance.value)) {
    return (
      <span class="quote__problem">The account holds {formatSyn(balance.value, 4)} SYN, less than this may cost.</span>
    );
  }
  return null;
}

/** "2 experts, quotes alone". */
function configurationText({ configuration }: Result<'query_quote'>): string {
  const { respondents, effort } = configuration;
  const asked = respondents === 1 ? '1 expert' : `${respondents} experts`;
  return effort === 'quote' ? `${asked}, quotes alone` : asked;
}

/** "geography (93 %)", "chemistry, as you said". */
function routingText({ domain, routing }: Result<'query_quote'>): string {
  if (routing.by === 'request') return `to ${domain}, as you chose`;
  if (routing.note !== null) return `to ${domain}: ${routing.note}`;
  return routing.probability === null ? `to ${domain}` : `to ${domain} (${formatPercent(routing.probability)} sure)`;
}
