/** Links between parts of one page, with the present one marked. They are places of their own: the back button undoes them. */
import type { VNode } from 'preact';

export type Tab = { readonly key: string; readonly text: string; readonly note?: string; readonly to: string };

export function Tabs({
  label,
  items,
  current,
}: {
  readonly label: string;
  readonly items: readonly Tab[];
  readonly current: string;
}): VNode {
  return (
    <nav class="tabs" aria-label={label}>
      <ul>
        {items.map(({ key, text, note, to }) => (
          <li key={key}>
            <a href={`#${to}`} aria-current={key === current ? 'true' : undefined}>
              {text}
              {note !== undefined && note !== '' && <span class="tabs__note">{note}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
