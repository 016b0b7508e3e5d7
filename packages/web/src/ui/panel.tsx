/** The boxes that pages are made of: a page with its title, panels, and lists of facts. */
import type { ComponentChildren, VNode } from 'preact';

/** A page's head and body. `lead` is one sentence that says what the page is for. */
export function Page(props: {
  readonly title: string;
  readonly lead?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <div class="page">
      <header class="page__head">
        <div>
          <h1 class="page__title">{props.title}</h1>
          {props.lead !== undefined && <p class="page__lead">{props.lead}</p>}
        </div>
        {props.actions !== undefined && <div class="page__actions">{props.actions}</div>}
      </header>
      {props.children}
    </div>
  );
}

export function Panel(props: {
  readonly title?: string;
  readonly note?: ComponentChildren;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <section class="panel">
      {props.title !== undefined && (
        <header class="panel__head">
          <h2 class="panel__title">{props.title}</h2>
          {props.note !== undefined && <div class="panel__note">{props.note}</div>}
        </header>
      )}
      {props.children}
    </section>
  );
}

/** Names and values in two columns. */
export function Facts({
  items,
}: {
  readonly items: readonly (readonly [name: string, value: ComponentChildren])[];
}): VNode {
  return (
    <dl class="facts">
      {items.map(([name, value]) => (
        <div key={name} class="facts__row">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export type Tone = 'good' | 'slow' | 'bad' | 'quiet' | 'accent';

/** A word about a state; its colour only repeats it. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }): VNode {
  return <span class={`badge badge--${tone}`}>{children}</span>;
}

/** A table that scrolls sideways by itself on a narrow page. Cells are `<tr>`s; numbers get class "num". */
export function Table(props: {
  readonly caption: string;
  readonly head: readonly (string | readonly [name: string, kind: 'num'])[];
  readonly children: ComponentChildren;
}): VNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section class="table" aria-label={props.caption} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {props.head.map((cell) => {
              const [name, kind] = typeof cell === 'string' ? [cell, ''] : cell;
              return (
                <th key={name} scope="col" class={kind}>
                  {name}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </section>
  );
}
