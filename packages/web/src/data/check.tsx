/** A line that says what the page reckoned again by itself, and whether it came out as the node says. Stands in `<ul class="checks">`. */
import type { VNode } from 'preact';

export function Check({ is, yes, no }: { readonly is: boolean; readonly yes: string; readonly no: string }): VNode {
  return (
    <li class={is ? 'checks__yes' : 'checks__no'}>
      <span aria-hidden="true">{is ? '✓' : '✗'}</span> {is ? yes : no}
    </li>
  );
}
