/** The way between pages: a rail on wide screens, a menu on narrow ones. */
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { isDevnet } from '../live/chain-live.ts';
import { routes } from '../routes.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { Go } from '../ui/values.tsx';
import { place } from './hash-router.ts';
import { showHelp } from './shortcuts.ts';
import { switchTheme, type Theme, theme } from './theme.ts';

const themes: Readonly<Record<Theme, readonly [IconName, string]>> = {
  auto: ['auto', 'as the system has it'],
  light: ['sun', 'light'],
  dark: ['moon', 'dark'],
};

export function Navigation(): VNode {
  const [isOpen, setOpen] = useState(false);
  const { path } = place.value;
  useEffect(() => setOpen(false), [path]);
  const pages = routes.filter(({ key, devnetOnly }) => key !== undefined && (devnetOnly !== true || isDevnet.value));
  return (
    <header class={`rail ${isOpen ? 'rail--open' : ''}`}>
      <a class="wordmark" href="#/ask" aria-label="Synod, to the first page">
        <Mark />
        <span>Synod</span>
      </a>
      <button
        type="button"
        class="icon-button rail__menu"
        aria-expanded={isOpen}
        aria-controls="pages"
        aria-label="Pages"
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={isOpen ? 'cross' : 'menu'} />
      </button>
      <nav id="pages" class="rail__pages" aria-label="Pages">
        <ul>
          {pages.map(({ path: to, title, key }) => (
            <li key={to}>
              <a href={`#${to}`} aria-current={isWithin(path, to) ? 'page' : undefined}>
                <span>{title}</span>
                <span class="rail__key" aria-hidden="true">
                  g {key}
                </span>
              </a>
            </li>
          ))}
        </ul>
        <div class="rail__foot">
          <ThemeButton />
          <button
            type="button"
            class="icon-button"
            aria-label="Shortcuts"
            title="Shortcuts (?)"
            onClick={() => showHelp(true)}
          >
            <span aria-hidden="true">?</span>
          </button>
        </div>
      </nav>
    </header>
  );
}

function isWithin(path: string, page: string): boolean {
  return path === page || path.startsWith(`${page}/`);
}

function ThemeButton(): VNode {
  const [icon, words] = themes[theme.value];
  const label = `Theme: ${words}. Change it`;
  return (
    <button type="button" class="icon-button" aria-label={label} title={`Theme: ${words} (t)`} onClick={switchTheme}>
      <Icon name={icon} />
    </button>
  );
}

/** Eight seats around a floor: a council. */
export function Mark(): VNode {
  return (
    <svg class="mark" viewBox="0 0 32 20" aria-hidden="true">
      <circle cx="3" cy="17" r="2.4" />
      <circle cx="6.8" cy="7.8" r="2.4" />
      <circle cx="16" cy="3" r="2.4" />
      <circle cx="25.2" cy="7.8" r="2.4" />
      <circle cx="29" cy="17" r="2.4" />
      <circle class="mark__inner" cx="10.5" cy="17" r="1.9" />
      <circle class="mark__inner" cx="16" cy="11.2" r="1.9" />
      <circle class="mark__inner" cx="21.5" cy="17" r="1.9" />
    </svg>
  );
}

/** The line at the end of a page: where one is. */
export function PageFoot({ chainId, version, name }: { chainId: string; version: string; name: string }): VNode {
  return (
    <footer class="foot">
      <span>
        Synod {version} on <Go to="/network">{name}</Go>
      </span>
      <span>chain {chainId}</span>
    </footer>
  );
}
