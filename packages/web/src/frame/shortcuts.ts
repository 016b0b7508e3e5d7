/** Keys that work on every page: "?" for help, "/" for search, "g" and a letter for a page. Never while something is being typed. */
import { type ReadonlySignal, signal } from '@preact/signals';
import { routes } from '../routes.ts';
import { go } from './hash-router.ts';
import { switchTheme } from './theme.ts';

/** Longest pause between "g" and the letter. */
const CHORD_MS = 1_500;

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

function focusSearch(event: KeyboardEvent): void {
  const field = document.querySelector<HTMLInputElement>('[data-search]');
  if (field === null) return;
  event.preventDefault();
  field.focus();
  field.select();
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}
