/** Gives a text to the reader as a file. Nothing leaves the page: the file is made in the browser. */

export type TextFile = { readonly name: string; readonly type: 'application/json' | 'text/csv'; readonly text: string };

/** The address of the made file is kept this long, for browsers that read it late. */
const KEPT_MS = 10_000;

export function download({ name, type, text }: TextFile): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
