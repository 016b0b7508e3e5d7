/** The questions asked last, open ones first. */
import type { VNode } from 'preact';
import { callRpc } from '../../api/client.ts';
import { useLoad } from '../../api/use-rpc.ts';
import { newestItems } from '../../data/newest-items.ts';
import { QuestionTable } from '../../data/question-table.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Empty, Show } from '../../ui/states.tsx';
import { Go } from '../../ui/values.tsx';

const limits = { shown: 10, everyMs: 2_000 } as const;

function loadNewest(signal: AbortSignal) {
  return newestItems(limits.shown, (cursor) =>
    callRpc('query_list', { limit: limits.shown, ...(cursor === null ? {} : { cursor }) }, signal),
  );
}

export function RecentQuestions(): VNode {
  const loaded = useLoad(loadNewest, 'questions', { everyMs: limits.everyMs });
  return (
    <Panel title="Questions" note="the newest first">
      <Show of={loaded} what="questions" lines={4}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nobody has asked anything yet.">
              <Go to="/ask">Ask the first question</Go>, or <code>synod ask "…"</code> in a terminal.
            </Empty>
          ) : (
            <QuestionTable items={items} caption="The newest questions" />
          )
        }
      </Show>
    </Panel>
  );
}
