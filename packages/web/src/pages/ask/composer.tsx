/** Where a question is written: text, price before sending, options, who pays. */
import type { VNode } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useRpc } from '../../api/use-rpc.ts';
import { experts, isDevnet, status } from '../../live/chain-live.ts';
import { Icon } from '../../ui/icon.tsx';
import { payer } from './account.ts';
import { OptionFields } from './option-fields.tsx';
import { PayerField } from './payer-field.tsx';
import { QuoteLine } from './quote-line.tsx';
import { ask } from './session.ts';
import { type Bounds, noOptions, type Options, termsOf, termsProblems } from './terms.ts';
import { useQuote } from './use-quote.ts';

/** What chains have, until this one's own parameters are read. */
const usualBounds: Bounds = { promptBytesMax: 16_384, respondentsMax: 16, roundsMax: 4 };

export function Composer({
  prompt,
  setPrompt,
}: {
  readonly prompt: string;
  readonly setPrompt: (text: string) => void;
}): VNode {
  const [options, setOptions] = useState<Options>(noOptions);
  const [isOpen, setOpen] = useState(false);
  const [complaint, setComplaint] = useState<string | null>(null);
  const id = useId();
  const params = useRpc('chain_getParams', {}).data;
  const bounds = params === null ? usualBounds : { ...params, roundsMax: params.market.roundsMax };
  const problems = termsProblems(prompt, options, bounds);
  const isSound = Object.keys(problems).length === 0;
  const canPay = isDevnet.value || payer.value !== null;
  const hasExperts = experts.value.some((expert) => expert.status === 'active');
  const price = useQuote(prompt, isSound ? termsOf(options) : {}, isSound && prompt.trim() !== '' && hasExperts);

  const send = () => {
    if (prompt.trim() === '') return setComplaint('Write a question first.');
    if (!isSound || !canPay) return setOpen(problems.prompt === undefined || !canPay);
    setComplaint(null);
    setPrompt('');
    void ask(prompt.trim(), options);
  };
  const change = (text: string) => {
    setComplaint(null);
    setPrompt(text);
  };
  const warning = problems.prompt ?? complaint;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="composer__box">
        <PromptField id={id} value={prompt} onChange={change} onSend={send} warning={warning} />
        <div class="composer__bar">
          <button
            type="button"
            class="button button--small button--plain"
            aria-expanded={isOpen}
            aria-controls={`${id}-options`}
            onClick={() => setOpen(!isOpen)}
          >
            <Icon name="sliders" /> Options
          </button>
          <label class="toggle">
            <input
              type="checkbox"
              checked={options.isPrivate}
              onChange={(event) => setOptions({ ...options, isPrivate: event.currentTarget.checked })}
            />
            <Icon name="lock" /> Private
          </label>
          <span class="composer__gap" />
          <PayerField />
          <button type="submit" class="button button--main" disabled={status.value === null || !canPay}>
            Ask <Icon name="send" />
          </button>
        </div>
        {isOpen && (
          <div id={`${id}-options`}>
            <OptionFields options={options} onChange={setOptions} problems={problems} bounds={bounds} />
          </div>
        )}
      </div>
      <p id={`${id}-warning`} class="composer__warning" role="alert">
        {warning}
      </p>
      <QuoteLine price={price} maxCost={isSound ? (termsOf(options).maxCost ?? null) : null} hasExperts={hasExperts} />
    </form>
  );
}

type PromptFieldProps = {
  readonly id: string;
  readonly value: string;
  readonly warning: string | null;
  readonly onChange: (text: string) => void;
  readonly onSend: () => void;
};

/** Grows with its text. Enter sends, Shift-Enter begins a new line. */
function PromptField({ id, value, warning, onChange, onSend }: PromptFieldProps): VNode {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const area = field.current;
    if (area === null) return;
    area.style.height = 'auto';
    area.style.height = `${Math.min(area.scrollHeight, 240)}px`;
  }, [value]);
  return (
    <textarea
      id={id}
      ref={field}
      class="composer__text"
      rows={1}
      value={value}
      placeholder="Ask the experts"
      aria-label="Your question"
      aria-describedby={`${id}-warning`}
      aria-invalid={warning !== null}
      onInput={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') return event.currentTarget.blur();
        if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        onSend();
      }}
    />
  );
}
