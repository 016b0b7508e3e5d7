/** The plain JSON behind a page, folded away: what a program would get. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { ScrollRegion } from '../tables/data-table.tsx';
import { CopyButton } from '../ui/copy-button.tsx';

/** `method`: the call that gave it. The text is made when it is unfolded. */
export function RawJson({ method, value }: { readonly method: string; readonly value: unknown }): VNode {
  const [isOpen, setOpen] = useState(false);
  const text = isOpen ? JSON.stringify(value, null, 2) : '';
  return (
    <details class="raw" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Raw JSON <span class="quiet">as {method} gives it</span>
      </summary>
      {isOpen && (
        <div class="raw__body">
          <CopyButton text={text} what="JSON" />
          <ScrollRegion label={`JSON of ${method}`}>
            <pre>{text}</pre>
          </ScrollRegion>
        </div>
      )}
    </details>
  );
}
