/** The terms that a question may name: domain, most it may cost, how many answer, how many rounds. */
import type { ComponentChildren, VNode } from 'preact';
import { useId } from 'preact/hooks';
import { experts } from '../../live/chain-live.ts';
import { payer } from './account.ts';
import type { Bounds, Options, TermsProblems } from './terms.ts';

type FieldsProps = {
  readonly options: Options;
  readonly onChange: (options: Options) => void;
  readonly problems: TermsProblems;
  readonly bounds: Bounds;
};

export function OptionFields({ options, onChange, problems, bounds }: FieldsProps): VNode {
  const domains = [...new Set(experts.value.map(({ domain }) => domain))].sort();
  const set = (field: keyof Options) => (event: { currentTarget: { value: string } }) =>
    onChange({ ...options, [field]: event.currentTarget.value });
  return (
    <div class="options">
      <Field label="Domain" hint="Who is asked; the node routes by itself otherwise">
        {(id) => (
          <select id={id} class="input" value={options.domain} onChange={set('domain')}>
            <option value="">the node chooses</option>
            {domains.map((domain) => (
              <option key={domain} value={domain}>
                {domain}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="At most (SYN)" hint="Never charged above this" problem={problems.maxCost}>
        {(id) => (
          <input
            id={id}
            class="input"
            inputMode="decimal"
            placeholder="as quoted"
            value={options.maxCost}
            aria-invalid={problems.maxCost !== undefined}
            aria-describedby={`${id}-hint`}
            onInput={set('maxCost')}
          />
        )}
      </Field>
      <Field label="Experts" hint={`1 to ${bounds.respondentsMax}: how many answer`} problem={problems.respondents}>
        {(id) => (
          <input
            id={id}
            class="input"
            inputMode="numeric"
            placeholder="2"
            value={options.respondents}
            aria-invalid={problems.respondents !== undefined}
            aria-describedby={`${id}-hint`}
            onInput={set('respondents')}
          />
        )}
      </Field>
      {/* A spend key pays over /v1, which knows no rounds. */}
      {payer.value?.kind !== 'spendKey' && (
        <Field
          label="Rounds"
          hint={`1 to ${bounds.roundsMax}: they see one another's answers`}
          problem={problems.rounds}
        >
          {(id) => (
            <input
              id={id}
              class="input"
              inputMode="numeric"
              placeholder="1"
              value={options.rounds}
              aria-invalid={problems.rounds !== undefined}
              aria-describedby={`${id}-hint`}
              onInput={set('rounds')}
            />
          )}
        </Field>
      )}
    </div>
  );
}

function Field(props: {
  readonly label: string;
  readonly hint: string;
  readonly problem?: string | undefined;
  readonly children: (id: string) => ComponentChildren;
}): VNode {
  const id = useId();
  return (
    <div class="field">
      <label class="field__label" for={id}>
        {props.label}
      </label>
      {props.children(id)}
      <span id={`${id}-hint`} class={props.problem === undefined ? 'field__hint' : 'field__problem'}>
        {props.problem ?? props.hint}
      </span>
    </div>
  );
}
