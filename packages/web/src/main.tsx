/** The page's entry: puts the frame into the document and begins to follow the chain. */
import { render } from 'preact';
import { App } from './frame/app.tsx';
import { followAddress } from './frame/hash-router.ts';
import { listenForShortcuts } from './frame/shortcuts.ts';
import { restoreTheme } from './frame/theme.ts';
import { followChain } from './live/chain-live.ts';

restoreTheme();
followAddress();
listenForShortcuts();
followChain();
render(<App />, document.getElementById('app') ?? document.body);
