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
  { path: '/ask', title: 'Ask', key: 'a', load: async () => (await import('./pages/ask/ask-page.tsx')).AskPage },
  {
    path: '/network',
    title: 'Network',
    key: 'n',
    load: async () => (await import('./pages/network/network-page.tsx')).NetworkPage,
  },
  {
    path: '/experts',
    title: 'Experts',
    key: 'e',
    load: async () => (await import('./pages/experts/experts-page.tsx')).ExpertsPage,
  },
  {
    path: '/expert/:address',
    title: 'Expert',
    load: async () => (await import('./pages/experts/expert-page.tsx')).ExpertPage,
  },
  {
    path: '/validators',
    title: 'Validators',
    load: async () => (await import('./pages/experts/validators-page.tsx')).ValidatorsPage,
  },
  {
    path: '/validator/:address',
    title: 'Validator',
    load: async () => (await import('./pages/experts/validator-page.tsx')).ValidatorPage,
  },
  {
    path: '/learning',
    title: 'Learning',
    key: 'l',
    load: async () => (await import('./pages/learning/learning-page.tsx')).LearningPage,
  },
  {
    path: '/explorer',
    title: 'Explorer',
    key: 'x',
    load: async () => (await import('./pages/explorer/explorer-page.tsx')).ExplorerPage,
  },
  {
    path: '/block/:height',
    title: 'Block',
    load: async () => (await import('./pages/explorer/block-page.tsx')).BlockPage,
  },
  {
    path: '/tx/:id',
    title: 'Transaction',
    load: async () => (await import('./pages/explorer/transaction-page.tsx')).TransactionPage,
  },
  {
    path: '/account/:address',
    title: 'Account',
    load: async () => (await import('./pages/explorer/account-page.tsx')).AccountPage,
  },
  {
    path: '/query/:id',
    title: 'Question',
    load: async () => (await import('./pages/explorer/query-page.tsx')).QueryPage,
  },
  {
    path: '/rewards',
    title: 'Rewards',
    key: 'r',
    load: async () => (await import('./pages/rewards/rewards-page.tsx')).RewardsPage,
  },
  {
    path: '/reward/:epoch/:address',
    title: 'Reward',
    load: async () => (await import('./pages/rewards/reward-page.tsx')).RewardPage,
  },
  {
    path: '/devnet',
    title: 'Devnet',
    key: 'd',
    devnetOnly: true,
    load: async () => (await import('./pages/devnet/devnet-page.tsx')).DevnetPage,
  },
];
