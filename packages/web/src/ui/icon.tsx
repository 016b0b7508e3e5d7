/** The few icons of the page, drawn as lines of the text's colour. Each stands beside a word or has a label on its button. */
import type { VNode } from 'preact';

const paths = {
  copy: 'M9 9h10v10H9zM5 15V5h10',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  cross: 'M6 6l12 12M18 6L6 18',
  sun: 'M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2',
  moon: 'M19 14.5A7.5 7.5 0 119.5 5a6 6 0 009.5 9.5z',
  auto: 'M12 4a8 8 0 100 16zM12 4a8 8 0 010 16',
  menu: 'M4 7h16M4 12h16M4 17h16',
  up: 'M7 11v9H4v-9zM7 11l4-7c1.7 0 2.6 1.2 2.2 2.8L12.5 10H19a1.6 1.6 0 011.5 2l-1.8 6.6A2 2 0 0116.8 20H7',
  down: 'M7 13V4H4v9zM7 13l4 7c1.7 0 2.6-1.2 2.2-2.800L12.5 14H19a1.6 1.6 0 001.5-2l-1.8-6.600A2 2 0 0016.8 4H7',
  pen: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  stop: 'M7 7h10v10H7z',
  send: 'M5 12h13M12 6l6 6-6 6',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 017 0v3',
  download: 'M12 4v11M7.5 11l4.5 4.500L16.5 11M5 20h14',
  search: 'M11 5a6 6 0 100 12 6 6 0 000-12zM15.5 15.500L20 20',
  external: 'M9 6H5v13h13v-4M13 4h7v7M20 4l-9 9',
  sliders: 'M4 8h9M17 8h3M4 16h3M11 16h9M15 6v4M9 14v4',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }): VNode {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
