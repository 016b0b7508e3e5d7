/** The model card of an expert: what runs, how large it is, under which licence, on what data, and how it scored. Says plainly that a model is tiny. */
import type { ComponentChildren, VNode } from 'preact';
import type { ExpertCard } from '../../api/rpc-types.ts';
import { formatCount } from '../../format/numbers.ts';
import { Badge, Facts, Panel, Table } from '../../ui/panel.tsx';
import { Hash } from '../../ui/values.tsx';
import { honestyMark } from './expert-model.ts';

export function ModelCard({ card }: { readonly card: ExpertCard }): VNode {
  const { model, knowledge, generation } = card;
  const mark = honestyMark({ name: card.modelName, parameters: model?.parameters ?? null });
  return (
    <Panel title="Model card" note={mark === null ? undefined : <Badge tone="slow">{mark}</Badge>}>
      {mark !== null && (
        <p class="lede">
          This is a demo: do not take what it writes in its own words for knowledge. What it quotes stands in its
          sources.
        </p>
      )}
      <div class="columns">
        <div>
          <h3>Model</h3>
          <Facts items={modelFacts(card)} />
        </div>
        <div>
          <h3>Data</h3>
          {knowledge === null ? (
            <p class="quiet">
              {card.knowledgeSize === 0
                ? 'It answers from no data of its own.'
                : 'This node does not have its data. Ask the node that hosts it.'}
            </p>
          ) : (
            <>
              <p>
                {knowledge.title}, {formatCount(card.knowledgeSize)} passages
              </p>
              <Sources sources={knowledge.sources} />
              <Scores scores={knowledge.scores} />
            </>
          )}
          {generation !== null && (
            <details class="raw">
              <summary>How it is told to answer</summary>
              <p class="prose">{generation.instruction}</p>
              <p class="quiet">
                temperature {generation.temperature}, top p {generation.topP}, at most {generation.maxTokens} tokens
              </p>
            </details>
          )}
        </div>
      </div>
    </Panel>
  );
}

function modelFacts({
  modelName,
  modelId,
  model,
  adapter,
  knowledgeRoot,
  hosted,
}: ExpertCard): readonly (readonly [string, ComponentChildren])[] {
  return [
    ['Name', modelName],
    ['Parameters', model === null ? 'not known at this node' : formatCount(model.parameters)],
    ['Licence', model === null ? 'not known at this node' : model.licence],
    ['Runs on', model === null ? '–' : model.backend],
    ['Hosted here', hosted ? 'yes' : 'no, by another node'],
    ['Adapter', adapter === null ? 'none known here' : `${adapter.licence}, ${formatCount(adapter.steps)} steps`],
    ['Model id', <Hash key="id" text={modelId} what="model id" />],
    ['Knowledge root', <Hash key="root" text={knowledgeRoot} what="knowledge root" />],
  ];
}

type Knowledge = NonNullable<ExpertCard['knowledge']>;

function Sources({ sources }: Pick<Knowledge, 'sources'>): VNode | null {
  if (sources.length === 0) return null;
  return (
    <Table caption="Sources of its data" head={['Source', 'Licence', 'Version']}>
      {sources.map(({ id, title, licence, version }) => (
        <tr key={id}>
          <td>{title}</td>
          <td>{licence}</td>
          <td>{version}</td>
        </tr>
      ))}
    </Table>
  );
}

function Scores({ scores }: Pick<Knowledge, 'scores'>): VNode | null {
  const entries = Object.entries(scores);
  if (entries.length === 0) return null;
  return (
    <>
      <h4>Measured on this data</h4>
      <Facts items={entries.map(([name, value]) => [name, String(Math.round(value * 10_000) / 10_000)])} />
    </>
  );
}
