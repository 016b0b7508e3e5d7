/** What the reader thinks of an answer: good, bad, or what is right. Says what becomes of the words before they are given. */
import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import { callRpc, type Result } from '../../api/client.ts';
import { speakPaid } from '../../api/paid-chat.ts';
import { type Problem, problemOf } from '../../api/problem.ts';
import { formatCount } from '../../format/numbers.ts';
import { Icon } from '../../ui/icon.tsx';
import { Failure } from '../../ui/states.tsx';
import { Go, Hash, pathTo } from '../../ui/values.tsx';
import { payer } from './account.ts';
import type { Turn } from './course.ts';

const licences = ['CC0-1.0', 'CC-BY-4.0', 'CC-BY-SA-4.0', 'Apache-2.0', 'MIT'] as const;

type Words = {
  readonly rating?: 'good' | 'bad';
  readonly correction?: string;
  readonly source?: string;
  readonly licence?: string;
  readonly consent?: 'train' | 'release';
};

type Given = { readonly words: Words; readonly result: Result<'feedback_submit'> };

export function FeedbackForm({ turn, queryId }: { readonly turn: Turn; readonly queryId: string }): VNode {
  const [given, setGiven] = useState<Given | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const give = async (words: Words) => {
    setSending(true);
    setProblem(null);
    try {
      setGiven({ words, result: await speak(words, { queryId, readKey: turn.readKey }) });
      setOpen(false);
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setSending(false);
    }
  };
  if (given !== null) return <Thanks given={given} domain={turn.result?.domain ?? null} />;
  return (
    <div class="feedback">
      <div class="feedback__row">
        <span>Was it right?</span>
        <button
          type="button"
          class="button button--small"
          disabled={isSending}
          onClick={() => give({ rating: 'good' })}
        >
          <Icon name="up" /> Good
        </button>
        <button type="button" class="button button--small" disabled={isSending} onClick={() => give({ rating: 'bad' })}>
          <Icon name="down" /> Bad
        </button>
        <button
          type="button"
          class="button button--small"
          aria-expanded={isOpen}
          disabled={isSending}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="pen" /> Correct it
        </button>
        {isSending && <span role="status">Waiting for a block to take it</span>}
      </div>
      {payer.value?.kind === 'spendKey' && !turn.isPrivate && (
        <p class="field__hint">
          A deposit and a fee come out of the spend key's budget. The deposit returns when experts have learnt from it,
          and is lost where your words are found false.
        </p>
      )}
      {isOpen && <CorrectionForm isPrivate={turn.isPrivate} isSending={isSending} onGive={give} />}
      {problem !== null && <Failure problem={problem} />}
    </div>
  );
}

/** With the spend key that this tab holds; else the node signs, where it holds the account that asked. */
function speak(
  words: Words,
  { queryId, readKey }: { readonly queryId: string; readonly readKey: string | null },
): Promise<Given['result']> {
  const who = payer.peek();
  if (who?.kind === 'spendKey') return speakPaid({ queryId, words, readKey, spendKey: who.key });
  return callRpc('feedback_submit', { queryId, ...words, ...(readKey === null ? {} : { readKey }) });
}

type CorrectionProps = {
  readonly isPrivate: boolean;
  readonly isSending: boolean;
  readonly onGive: (words: Words) => Promise<void>;
};

function CorrectionForm({ isPrivate, isSending, onGive }: CorrectionProps): VNode {
  const [correction, setCorrection] = useState('');
  const [source, setSource] = useState('');
  const [licence, setLicence] = useState<string>(licences[0]);
  const [isReleased, setReleased] = useState(false);
  const [isEmpty, setEmpty] = useState(false);
  const id = useId();
  const submit = (event: Event) => {
    event.preventDefault();
    if (correction.trim() === '') return setEmpty(true);
    const words = {
      correction: correction.trim(),
      licence,
      consent: isReleased ? ('release' as const) : ('train' as const),
    };
    void onGive(source.trim() === '' ? words : { ...words, source: source.trim() });
  };
  return (
    <form class="correction" onSubmit={submit}>
      <div class="field">
        <label class="field__label" for={`${id}-text`}>
          The right answer
        </label>
        <textarea
          id={`${id}-text`}
          class="input correction__text"
          rows={3}
          value={correction}
          aria-invalid={isEmpty}
          onInput={(event) => {
            setEmpty(false);
            setCorrection(event.currentTarget.value);
          }}
        />
        {isEmpty && <span class="field__problem">Write what would have been right.</span>}
      </div>
      <div class="options">
        <div class="field">
          <label class="field__label" for={`${id}-source`}>
            Source (optional)
          </label>
          <input
            id={`${id}-source`}
            class="input"
            maxLength={512}
            value={source}
            onInput={(event) => setSource(event.currentTarget.value)}
          />
        </div>
        <div class="field">
          <label class="field__label" for={`${id}-licence`}>
            Licence of your words
          </label>
          <select
            id={`${id}-licence`}
            class="input"
            value={licence}
            onChange={(event) => setLicence(event.currentTarget.value)}
          >
            {licences.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </div>
      </div>
      <label class="toggle">
        <input type="checkbox" checked={isReleased} onChange={(event) => setReleased(event.currentTarget.checked)} />
        They may also be published in a data set
      </label>
      <p class="field__hint">
        {isPrivate
          ? 'The question was private: what you write stays in a file of this node and trains nobody else.'
          : 'Your words go on record and experts train on them. That cannot be taken back.'}
      </p>
      <button type="submit" class="button button--main" disabled={isSending}>
        Send the correction
      </button>
    </form>
  );
}

function Thanks({ given, domain }: { readonly given: Given; readonly domain: string | null }): VNode {
  const { result } = given;
  if (result.kind === 'kept') {
    return (
      <p class="feedback feedback--given" role="status">
        <Icon name="check" /> Kept in a file of this node: <code>{result.file}</code>
      </p>
    );
  }
  return (
    <p class="feedback feedback--given" role="status">
      <Icon name="check" /> Recorded
      {result.height !== null && (
        <>
          {' '}
          in <Go to={pathTo.block(result.height)}>block {formatCount(result.height)}</Go>
        </>
      )}
      , transaction <Hash text={result.txHash} what="transaction id" to={pathTo.tx(result.txHash)} />
      <Go to={domain === null ? '/learning' : `/learning?domain=${domain}`}>What experts learn from it</Go>
    </p>
  );
}
