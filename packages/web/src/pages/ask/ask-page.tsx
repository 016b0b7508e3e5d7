/** Ask: questions to the network, their answers, and where those come from. */
import './ask.css';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { experts, isDevnet, status, statusProblem } from '../../live/chain-live.ts';
import { Hemicycle } from '../../ui/hemicycle.tsx';
import { Failure } from '../../ui/states.tsx';
import { followAccounts, payer } from './account.ts';
import { Composer } from './composer.tsx';
import { exampleQuestions } from './examples.ts';
import { SpendKeyForm } from './payer-field.tsx';
import { forget, keepHistory, turns } from './session.ts';
import { TurnView } from './turn-view.tsx';

export function AskPage(): VNode {
  const [prompt, setPrompt] = useState('');
  useEffect(followAccounts, []);
  useEffect(keepHistory, []);
  const isEmpty = turns.value.length === 0;
  const needsKey = status.value !== null && !isDevnet.value && payer.value === null;
  return (
    <div class={`ask ${isEmpty ? 'ask--empty' : ''}`}>
      {isEmpty ? <Welcome onPick={setPrompt} /> : <Conversation />}
      {statusProblem.value !== null && <Failure problem={statusProblem.value} />}
      {needsKey && <SpendKeyForm />}
      <Composer prompt={prompt} setPrompt={setPrompt} />
    </div>
  );
}

function Conversation(): VNode {
  const end = useRef<HTMLDivElement>(null);
  const list = turns.value;
  const newest = list.at(-1);
  useEffect(() => end.current?.scrollIntoView({ block: 'end' }), [newest?.key]);
  return (
    <>
      <div class="ask__top">
        <h1 class="visually-hidden">Ask</h1>
        <button type="button" class="button button--small button--plain" onClick={() => forget(null)}>
          Clear this list
        </button>
      </div>
      <section class="ask__turns" aria-label="Your questions">
        {list.map((turn) => (
          <TurnView key={turn.key} turn={turn} />
        ))}
      </section>
      <div ref={end} class="ask__end" />
    </>
  );
}

function Welcome({ onPick }: { readonly onPick: (question: string) => void }): VNode {
  const active = experts.value.filter((expert) => expert.status === 'active');
  const domains = [...new Set(active.map(({ domain }) => domain))].sort();
  return (
    <section class="welcome">
      <div class="welcome__council">
        <Hemicycle
          label={`${active.length} experts are active`}
          seats={active.map(({ address, name, domain }) => ({
            key: address,
            state: `domain-${domains.indexOf(domain) % 6}`,
            title: `${name}, ${domain}`,
          }))}
        />
      </div>
      <h1>Ask a council of experts</h1>
      <p>
        Several small models answer, others judge them, and a chain keeps the record: who answered, from which source,
        how good it was found, and what it cost.
      </p>
      <ul class="welcome__examples" aria-label="Examples">
        {exampleQuestions(domains).map((question) => (
          <li key={question}>
            <button type="button" class="example" onClick={() => onPick(question)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
