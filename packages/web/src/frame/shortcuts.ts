/** Keys that work on every page: "?" for help, "/" for search, "g" and a letter for a page. Never while something is being typed. */
import { type ReadonlySignal, signal } from '@preact/signals';
import { routes } from '../routes.ts';
import { go } from './hash-router.ts';
import { switchTheme } from './theme.ts';

/** Longest pause between "g" and the letter. */
const CHORD_MS = 1_500;
/** Where the search is, and how long its page may take to load. */
const SEARCH_PAGE = '/explorer';
const SEARCH_WAIT_MS = 3_000;

const open = signal(false);
/** Whether the help stands open. */
export const isHelpOpen: ReadonlySignal<boolean> = open;

export function showHelp(shown: boolean): void {
  open.value = shown;
}

/** Begins to listen; once per page. */
export function listenForShortcuts(): void {
  let chordAtMs = Number.NEGATIVE_INFINITY;
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const inChord = event.timeStamp - chordAtMs < CHORD_MS;
    chordAtMs = Number.NEGATIVE_INFINITY;
    if (inChord) {
      const path = routes.find(({ key }) => key === event.key)?.path;
      if (path === undefined) return;
      event.preventDefault();
      showHelp(false);
      return go(path);
    }
    if (event.key === 'g') chordAtMs = event.timeStamp;
    else if (event.key === '?') showHelp(!open.value);
    else if (event.key === 't') switchTheme();
    else if (event.key === '/') focusSearch(event);
  });
}

/** Where a page has no field for it, the explorer's is gone to. */
function focusSearch(event: KeyboardEvent): void {
  event.preventDefault();
  if (focusField()) return;
  go(SEARCH_PAGE);
  const endMs = performance.now() + SEARCH_WAIT_MS;
  const retry = () => {
    if (!focusField() && performance.now() < endMs) requestAnimationFrame(retry);
  };
  requestAnimationFrame(retry);
}

function focusField(): boolean {
  const field = document.querySelector<HTMLInputElement>('[data-search]');
  field?.focus();
  field?.select();
  return field !== null;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}
