/** Where the page is: the part of the address behind "#". Owns matching and going; which pages there are is routes.ts. */
import { computed, type ReadonlySignal, signal } from '@preact/signals';

export type Place = {
  /** Begins with "/", e.g. "/block/12". */
  readonly path: string;
  readonly query: URLSearchParams;
};

const START = '/ask';
const here = signal(parsePlace(globalThis.location?.hash ?? ''));

/** The present place. */
export const place: ReadonlySignal<Place> = computed(() => here.value);

/** Begins to follow the address bar. */
export function followAddress(): void {
  addEventListener('hashchange', () => {
    here.value = parsePlace(location.hash);
  });
}

/** Goes to a path such as "/block/12", with a step that the back button undoes. */
export function go(path: string): void {
  location.hash = path;
}

/** The place that a hash stands for; anything that is none is the start. */
export function parsePlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  return { path: path.startsWith('/') && path !== '/' ? path : START, query: new URLSearchParams(query) };
}

/** Parameters of a path under a pattern such as "/block/:height"; null where it does not fit. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = pattern.split('/');
  const given = path.replace(/\/$/, '').split('/');
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== value) return null;
    } else {
      const decoded = decode(value);
      if (decoded === null || decoded === '') return null;
      params[part.slice(1)] = decoded;
    }
  }
  return params;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
