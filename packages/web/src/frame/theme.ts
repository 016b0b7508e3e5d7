/** Light, dark, or as the system has it. Owns the choice, kept in this browser; the colours are styles/tokens.css. */
import { type ReadonlySignal, signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';

const KEY = 'synod.theme';
const order: readonly Theme[] = ['auto', 'light', 'dark'];
const chosen = signal<Theme>('auto');

export const theme: ReadonlySignal<Theme> = chosen;

/** Takes up what was chosen before. */
export function restoreTheme(): void {
  const stored = order.find((name) => name === localStorage.getItem(KEY));
  apply(stored ?? 'auto');
}

/** Goes on to the next choice. */
export function switchTheme(): void {
  const next = order[(order.indexOf(chosen.value) + 1) % order.length] ?? 'auto';
  localStorage.setItem(KEY, next);
  apply(next);
}

function apply(name: Theme): void {
  chosen.value = name;
  if (name === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = name;
}
