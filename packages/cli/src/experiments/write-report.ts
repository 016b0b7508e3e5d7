/** An experiment's report on disk: Markdown and the plots that it shows. Owns the folder's files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Report = {
  readonly name: string;
  readonly markdown: string;
  /** SVG texts by file name. */
  readonly plots: Readonly<Record<string, string>>;
  /** Everything that was measured. */
  readonly data: unknown;
};

/** Writes `report.md`, `data.json` and the plots. Returns the path of the report. */
export function writeReport(directory: string, { markdown, plots, data }: Report): string {
  mkdirSync(directory, { recursive: true });
  for (const [file, svg] of Object.entries(plots)) writeFileSync(join(directory, file), svg);
  writeFileSync(join(directory, 'data.json'), `${JSON.stringify(data, null, 2)}\n`);
  const path = join(directory, 'report.md');
  writeFileSync(path, markdown);
  return path;
}

/** A Markdown table. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
