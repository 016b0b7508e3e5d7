/** The help overlay: every shortcut there is. */
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { isDevnet } from '../live/chain-live.ts';
import { routes } from '../routes.ts';
import { isHelpOpen, showHelp } from './shortcuts.ts';

const general: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['/'], 'Search blocks, transactions, accounts, queries'],
  [['t'], 'Theme: as the system, light, dark'],
  [['?'], 'This help'],
  [['Esc'], 'Close, or leave a field'],
];

export function Help(): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isHelpOpen.value;
  useEffect(() => {
    if (isOpen && dialog.current?.open === false) dialog.current.showModal();
    if (!isOpen) dialog.current?.close();
  }, [isOpen]);
  const pages = routes.filter(({ key, devnetOnly }) => key !== undefined && (devnetOnly !== true || isDevnet.value));
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={() => showHelp(false)}>
      <h2 id="help-title">Shortcuts</h2>
      <dl class="help__keys">
        {general.map(([keys, what]) => (
          <div key={what}>
            <dt>
              <Keys keys={keys} />
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
        {pages.map(({ key, title }) => (
          <div key={title}>
            <dt>
              <Keys keys={['g', key ?? '']} />
            </dt>
            <dd>{title}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="button" onClick={() => showHelp(false)}>
        Close
      </button>
    </dialog>
  );
}

function Keys({ keys }: { readonly keys: readonly string[] }): VNode {
  return (
    <>
      {keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </>
  );
}
