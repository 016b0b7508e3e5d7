/** Who pays: a devnet account with its balance, or elsewhere a spend key. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { formatSyn } from '../../format/amounts.ts';
import { isDevnet } from '../../live/chain-live.ts';
import { accounts, chooseAccount, payer, takeSpendKey } from './account.ts';

export function PayerField(): VNode | null {
  const who = payer.value;
  if (!isDevnet.value) return who === null ? null : <KeyInUse />;
  if (who?.kind !== 'devnet') return null;
  return (
    <label class="payer">
      <span class="visually-hidden">Account that pays</span>
      <select class="payer__select" value={who.name} onChange={(event) => chooseAccount(event.currentTarget.value)}>
        {accounts.value.map(({ name, balance }) => (
          <option key={name} value={name}>
            {name} · {formatSyn(balance, 2)} SYN
          </option>
        ))}
      </select>
    </label>
  );
}

function KeyInUse(): VNode {
  return (
    <button type="button" class="button button--small button--plain" onClick={() => takeSpendKey('')}>
      Forget the spend key
    </button>
  );
}

/** On a chain that is no devnet: why a key is needed, how one is made, and where it goes. */
export function SpendKeyForm(): VNode {
  const [text, setText] = useState('');
  const [isWrong, setWrong] = useState(false);
  return (
    <section class="panel spend-key" aria-labelledby="spend-key-title">
      <h2 id="spend-key-title" class="panel__title">
        Questions cost SYN on this chain
      </h2>
      <p>
        This page holds no keys of accounts. It pays with a spend key: a secret of this node with a budget and an
        expiry, which you can revoke at any time. Make one where the node runs:
      </p>
      <pre class="code">synod spend-key new --budget 50 --expires 7d</pre>
      <form
        class="spend-key__form"
        onSubmit={(event) => {
          event.preventDefault();
          setWrong(text.trim() === '' || !takeSpendKey(text));
        }}
      >
        <label class="field">
          <span class="field__label">Spend key</span>
          <input
            class="input"
            type="password"
            autoComplete="off"
            spellcheck={false}
            placeholder="sk-synod-…"
            value={text}
            aria-invalid={isWrong}
            aria-describedby="spend-key-hint"
            onInput={(event) => {
              setWrong(false);
              setText(event.currentTarget.value);
            }}
          />
        </label>
        <button type="submit" class="button button--main">
          Use this key
        </button>
      </form>
      <p id="spend-key-hint" class={isWrong ? 'field__problem' : 'field__hint'}>
        {isWrong
          ? 'That is no spend key: they begin with sk-synod-. Copy it whole.'
          : 'It stays in this tab and is forgotten with it. It goes to this node and nowhere else.'}
      </p>
    </section>
  );
}
