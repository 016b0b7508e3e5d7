/** Every page of the UI, one line each: its path, its name, the key after "g" that goes there, and the code that is loaded for it. */
import type { ComponentType } from 'preact';

export type PageProps = {
  /** Of the path's pattern: "/block/:height" gives `params.height`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
};

export type Route = {
  readonly path: string;
  readonly title: string;
  /** Key after "g"; only pages of the navigation have one. */
  readonly key?: string;
  /** Shown on devnets only. */
  readonly devnetOnly?: boolean;
  readonly load: () => Promise<ComponentType<PageProps>>;
};

export const routes: readonly Route[] = [
  {
    path: '/network',
    title: 'Network',
    key: 'n',
    load: async () => (await import('./pages/network/network-page.tsx')).NetworkPage,
  },
];
