/**
 * What commands write: data on stdout, messages on stderr; one JSON object with --json. Owns the two streams' manners.
 */
import { mode } from './mode.ts';
import { plainLines } from './plain-text.ts';

export const SCHEMA_VERSION = 1;

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with the escape character.
const COLOUR_CODE = /(\u001b\[\d+m)/g;

/** Flags every command has. */
export type CommonOptions = { readonly json: boolean; readonly debug: boolean };

/** One line of JSON on stdout, `schemaVersion` first; amounts and other bigints as decimal strings. */
export function printJson(value: object): void {
  process.stdout.write(`${toJson({ schemaVersion: SCHEMA_VERSION, ...value })}\n`);
}

/** JSON text with bigints as decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}

/** A line of data for people. Whoever wrote it, a terminal obeys none of it but colours. */
export function print(line = ''): void {
  process.stdout.write(`${harmless(line)}\n`);
}

/** What a command has to tell, for programs and for people. */
export type Told = { readonly json: object; readonly lines: readonly string[] };

/** The one or the other, as `--json` asks. */
export function tell({ json }: Pick<CommonOptions, 'json'>, told: Told): void {
  if (json) return printJson(told.json);
  for (const line of told.lines) print(line);
}

/** A line of news that is not the command's data. */
export function note(line = ''): void {
  process.stderr.write(`${harmless(line)}\n`);
}

/** Text with strangers' words in it, as a terminal may have it. */
export function harmless(text: string): string {
  const pieces = text.split(COLOUR_CODE);
  return pieces.map((piece, index) => (index % 2 === 1 ? piece : plainLines(piece))).join('');
}

/**
 * Left-aligned columns, two spaces apart; `visible` measures cells that carry colour codes. With `--plain` the cells alone,
 * parted by tabs.
 */
export function table(rows: readonly (readonly string[])[], indent = '  '): string[] {
  if (mode.plain) return rows.map((row) => row.map((cell) => cell.replaceAll(/[\t\n\r]/g, ' ')).join('\t'));
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, visible(cell));
    });
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - visible(cell)));
    return (indent + cells.join('  ')).trimEnd();
  });
}

/** The first `columns` visible characters; every colour code is kept, so that colours end where they should. */
export function cutVisible(text: string, columns: number): string {
  let left = columns;
  const pieces = text.split(COLOUR_CODE).map((piece) => {
    if (piece.startsWith('\u001b')) return piece;
    const shown = piece.slice(0, Math.max(0, left));
    left -= piece.length;
    return shown;
  });
  return pieces.join('');
}

function visible(text: string): number {
  return text.replaceAll(COLOUR_CODE, '').length;
}

/** The first characters of a long text for a column, all of it with `--plain`. */
export function shortened(text: string, characters: number): string {
  const letters = [...text];
  return mode.plain || letters.length <= characters ? text : `${letters.slice(0, characters).join('')}…`;
}

/** Bytes for people. */
export function bytesText(bytes: number): string {
  if (bytes < 10_000) return `${bytes} B`;
  return bytes < 10_000_000 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
