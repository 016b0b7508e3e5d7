/** One question in full: what was asked and answered, who answered, who judged, how they were drawn, and what it cost to the nano. */
import type { ComponentChildren, VNode } from 'preact';
import { callRpc } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import type { Feedback, Query, Selection } from '../../api/rpc-types.ts';
import { useLoad } from '../../api/use-rpc.ts';
import { RawJson } from '../../data/raw-json.tsx';
import { formatCount, plural } from '../../format/numbers.ts';
import { ppmPercent, threeDecimals } from '../../format/ratios.ts';
import type { PageProps } from '../../routes.ts';
import { DataTable } from '../../tables/data-table.tsx';
import { Badge, Facts, Page, Panel } from '../../ui/panel.tsx';
import { Empty, Show } from '../../ui/states.tsx';
import { Go, Hash, pathTo } from '../../ui/values.tsx';
import '../../styles/data.css';
import { Bill } from './query-bill.tsx';
import { Drawing } from './query-drawing.tsx';
import { agreementOf, outcomeText, scoreMatrix, stepsOf } from './query-model.ts';
import { ReceiptPanel } from './query-receipt.tsx';
import { SearchField } from './search-field.tsx';

/** How often a query is looked at again; what is final changes no more. */
const EVERY_MS = 1_500;

export type LoadedQuery = {
  readonly query: Query;
  /** Null while nobody was drawn, or where the draw is no longer kept. */
  readonly selection: Selection | null;
  /** Nano that the signed contract pays at most; null where the transaction is not here. */
  readonly maxFee: string | null;
  readonly feedback: Feedback | null;
};

export function QueryPage({ params }: PageProps): VNode {
  const id = params['id'] ?? '';
  const loaded = useLoad((signal) => loadQuery(id, signal), id, { everyMs: EVERY_MS });
  return (
    <Page title="Question" lead={<Hash text={id} what="query id" />}>
      <SearchField />
      <Show of={loaded} what="the question" lines={8}>
        {(data) => <Content {...data} />}
      </Show>
    </Page>
  );
}

async function loadQuery(queryId: string, signal: AbortSignal): Promise<LoadedQuery> {
  const [query, selection, opened, feedback] = await Promise.all([
    callRpc('query_get', { queryId }, signal),
    unlessMissing(callRpc('query_explainSelection', { queryId }, signal)),
    unlessMissing(callRpc('tx_get', { id: queryId }, signal)),
    unlessMissing(callRpc('feedback_get', { queryId }, signal)),
  ]);
  const payload = opened?.transaction?.payload;
  return { query, selection, maxFee: payload?.type === 'query.open' ? payload.contract.maxFee : null, feedback };
}

/** Null for what is not here; a node that does not answer is thrown. */
async function unlessMissing<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (['UNKNOWN', 'FEEDBACK_UNKNOWN', 'PRUNED'].includes(problemOf(error).code)) return null;
    throw error;
  }
}

function Content(data: LoadedQuery): VNode {
  const { query, selection, maxFee, feedback } = data;
  return (
    <>
      <Steps query={query} />
      <Panel title="Asked and answered" note={query.domain ?? undefined}>
        <Conversation query={query} />
      </Panel>
      <Respondents query={query} />
      <div class="columns--bill">
        <Bill query={query} maxFee={maxFee} />
        <ReceiptPanel query={query} />
      </div>
      <Scores query={query} />
      {selection !== null && <Drawing selection={selection} />}
      {feedback !== null && <FeedbackPanel feedback={feedback} />}
      <RawJson method="query_get" value={query} />
    </>
  );
}

const STEP_NAMES = {
  asked: 'Asked',
  answering: 'Answering',
  scoring: 'Scoring',
  settled: 'Settled',
  final: 'Final',
} as const;

function Steps({ query }: { readonly query: Query }): VNode {
  const steps = stepsOf(query);
  const { phase, round } = query;
  return (
    <section class="steps" aria-label="How far it is">
      <ol>
        {steps.map(({ step, state }) => (
          <li
            key={step}
            class={`steps__step steps__step--${state}`}
            aria-current={state === 'now' ? 'step' : undefined}
          >
            {STEP_NAMES[step]}
          </li>
        ))}
      </ol>
      <p class="steps__text">
        {query.outcome === null
          ? `Under way${phase === null ? '' : `: ${phase}`}${round === null ? '' : `, round ${round}`}.`
          : outcomeText(query.outcome)}
      </p>
    </section>
  );
}

function Conversation({ query }: { readonly query: Query }): VNode {
  return (
    <div class="exchange facts-near">
      <Said by="Question">
        {query.prompt ?? (
          <span class="quiet">
            {query.isSealed ? 'Private: only its committee and holders of its read key see it.' : 'Not kept here.'}
          </span>
        )}
      </Said>
      <Said by="Best answer">
        {query.answer === null ? (
          <span class="quiet">
            {query.isSealed && query.outcome === 'answered' ? 'Private, as the question is.' : 'None yet.'}
          </span>
        ) : (
          <Segments query={query} />
        )}
      </Said>
      <Facts
        items={[
          [
            'Asked by',
            query.requester === null ? (
              'not known yet'
            ) : (
              <Hash key="by" text={query.requester} what="address" to={pathTo.account(query.requester)} />
            ),
          ],
          ['Grounding', groundingText(query.grounding)],
          ['Score', query.confidence === null ? '–' : threeDecimals(query.confidence)],
          ['Judges agreed', agreementText(query)],
        ]}
      />
    </div>
  );
}

function Said({ by, children }: { readonly by: string; readonly children: ComponentChildren }): VNode {
  return (
    <div class="exchange__turn">
      <h3 class="exchange__by">{by}</h3>
      <div class="prose">{children}</div>
    </div>
  );
}

/** Quotes stand out and name their source. */
function Segments({ query }: { readonly query: Query }): VNode {
  if (query.segments.length === 0) return <>{query.answer}</>;
  return (
    <>
      {query.segments.map((segment, index) =>
        segment.kind === 'quote' ? (
          <q key={index} class="quote" title={`From ${segment.source}, passage ${segment.passage}`}>
            {segment.text}
            <cite>
              {segment.source}, passage {formatCount(segment.passage)}
            </cite>
          </q>
        ) : (
          <span key={index}>{segment.kind === 'generated' ? segment.text : ''}</span>
        ),
      )}
    </>
  );
}

function groundingText(grounding: Query['grounding']): string {
  switch (grounding) {
    case null:
      return '–';
    case 'quoted':
      return 'quoted: every word stands in a source';
    case 'mixed':
      return "mixed: a quote, and words of the model's own";
    case 'refused':
      return 'refused: the expert says that it does not know';
    case 'generated':
      return "generated: the model's own words, without a source";
    case 'sealed':
      return 'sealed: private';
  }
}

function agreementText(query: Query): string {
  const agreement = agreementOf(query);
  return agreement === null ? '–' : ppmPercent(agreement);
}

function Respondents({ query }: { readonly query: Query }): VNode {
  return (
    <Panel title="Who answered" note={plural(query.respondents.length, 'expert')}>
      {query.respondents.length === 0 ? (
        <Empty title="Nobody was drawn yet.">Experts are drawn in the block after the question's.</Empty>
      ) : (
        <ul class="answers">
          {query.respondents.map((respondent) => (
            <li key={respondent.expert} class="answers__one">
              <p class="answers__head">
                <Go to={pathTo.expert(respondent.expert)}>{respondent.name || respondent.expert}</Go>
                <span class="quiet">
                  {respondent.model} · {respondent.version === 0 ? 'as registered' : `version ${respondent.version}`}
                </span>
                {respondent.score !== null && <Badge tone="accent">score {threeDecimals(respondent.score)}</Badge>}
                {respondent.verdict !== null && <Verdict verdict={respondent.verdict} />}
              </p>
              <p class="prose">
                {respondent.answer ?? <span class="quiet">{query.isSealed ? 'Private.' : 'No answer.'}</span>}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Verdict({ verdict }: { readonly verdict: NonNullable<Query['respondents'][number]['verdict']> }): VNode {
  const tones = { match: 'good', mismatch: 'bad', error: 'bad', unavailable: 'slow', undecided: 'quiet' } as const;
  const words = {
    match: 'run again: matches',
    mismatch: 'run again: does not match',
    error: 'run again: failed',
    unavailable: 'could not be run again',
    undecided: 'verifiers disagree',
  };
  return <Badge tone={tones[verdict]}>{words[verdict]}</Badge>;
}

function Scores({ query }: { readonly query: Query }): VNode {
  const { respondents, rows } = scoreMatrix(query);
  return (
    <Panel title="Scores" note="Validators by experts; equal answers share their scores">
      {rows.length === 0 ? (
        <Empty title="No scores yet.">Validators score once the answers are revealed.</Empty>
      ) : (
        <DataTable
          caption="Score that each validator gave each expert's answer"
          head={['Validator', ...respondents.map(({ expert, name }) => [name || expert, 'num'] as const)]}
          foot={
            <tr>
              <th scope="row">Counts as (median by stake)</th>
              {respondents.map(({ expert, score }) => (
                <td key={expert} class="num">
                  {score === null ? '–' : threeDecimals(score)}
                </td>
              ))}
            </tr>
          }
        >
          {rows.map(({ validator, scores }) => (
            <tr key={validator}>
              <th scope="row">
                <Hash text={validator} what="address" to={pathTo.validator(validator)} />
              </th>
              {scores.map((score, index) => (
                <td
                  key={respondents[index]?.expert}
                  class="num"
                  title={score === null ? 'No score: its own expert, or it was silent' : score}
                >
                  {score === null ? '–' : threeDecimals(score)}
                </td>
              ))}
            </tr>
          ))}
        </DataTable>
      )}
      {query.misrevealed.length > 0 && (
        <p class="panel__foot">Punished for a wrong or late reveal: {query.misrevealed.join(', ')}</p>
      )}
    </Panel>
  );
}

function FeedbackPanel({ feedback }: { readonly feedback: Feedback }): VNode {
  return (
    <Panel title="What its requester said">
      <div class="facts-near">
        <Facts
          items={[
            ['Rating', feedback.rating === 'correct' ? 'a correction' : feedback.rating],
            ...(feedback.text?.correction == null ? [] : [['Correction', feedback.text.correction] as const]),
            ['State', feedback.state],
            [
              'Became',
              feedback.version === null ? (
                'nothing yet'
              ) : (
                <Go key="version" to={`/learning?domain=${feedback.domain}&version=${feedback.version}`}>
                  version {feedback.version} of {feedback.domain}
                </Go>
              ),
            ],
          ]}
        />
      </div>
    </Panel>
  );
}
