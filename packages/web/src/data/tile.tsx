/** A figure with its name above and a note below; several stand side by side in `<dl class="tiles">`. */
import type { ComponentChildren, VNode } from 'preact';

export function Tile(props: {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly note?: ComponentChildren;
}): VNode {
  return (
    <div class="tile">
      <dt>{props.name}</dt>
      <dd class="tile__value">{props.value}</dd>
      {props.note !== undefined && <dd class="tile__note">{props.note}</dd>}
    </div>
  );
}
