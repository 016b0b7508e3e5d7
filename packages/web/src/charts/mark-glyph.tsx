/** What a version's marker looks like: told apart by shape, not by colour alone. */
import type { VNode } from 'preact';
import './charts.css';

export type Glyph = 'accepted' | 'canary' | 'refused' | 'rolledBack' | 'genesis';

const SHAPES: Readonly<Record<Glyph, VNode>> = {
  accepted: <circle cx="8" cy="8" r="5.5" />,
  genesis: <circle cx="8" cy="8" r="4.5" />,
  canary: <path d="M8 1.5L14.5 8L8 14.5L1.5 8Z" />,
  refused: <path d="M3.5 3.5L12.5 12.5M12.5 3.5L3.5 12.5" />,
  rolledBack: <path d="M1.5 3H14.5L8 14Z" />,
};

export function MarkGlyph({ mark }: { readonly mark: Glyph }): VNode {
  return (
    <svg class={`glyph glyph--${mark}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {SHAPES[mark]}
    </svg>
  );
}
