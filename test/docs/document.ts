/**
 * What can be run in a Markdown document: console blocks with their commands and expected lines, and files to write. Owns the reading
 * of Markdown for the tests of the docs; running is session.ts.
 *
 * - A fence `console` holds commands after `$ `, each with the lines that it prints; a command ending in `\` goes on in the next line.
 *   A line `exit N` among what it prints is the exit code. With `console output` every line of them must be printed, in
 *   order; a line that ends in ` …` is the beginning of one.
 * - A fence `LANGUAGE file=PATH` is written to PATH before the commands that follow it.
 * - A fence `LANGUAGE same=PATH` shows that file of the project.
 * - `<!-- wait: TEXT -->` before a fence: its last command stays running, and TEXT appears in what it prints.
 * - `<!-- ctrl-c: COMMAND -->`: the reader ends the command that began so and still runs; it must end well.
 */

export type Command = { readonly line: number; readonly text: string; readonly expected: readonly string[] };

export type Step =
  | { readonly kind: 'same'; readonly path: string; readonly text: string }
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'ctrl-c'; readonly line: number; readonly command: string }
  | {
      readonly kind: 'console';
      readonly commands: readonly Command[];
      readonly isExact: boolean;
      /** What the last command prints once it is up, where it stays running. */
      readonly waitFor: string | null;
    };

/** The steps of a document in order. Throws where a console block begins with something else than a command. */
export function readDocument(markdown: string): Step[] {
  const lines = markdown.split('\n');
  const steps: Step[] = [];
  let remark = '';
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const fence = /^```(\S*) ?(.*)$/.exec(line);
    if (fence === null) {
      const ended = /^<!-- ctrl-c: (.+) -->$/.exec(line)?.[1];
      if (ended !== undefined) steps.push({ kind: 'ctrl-c', line: at + 1, command: ended });
      if (line.trim() !== '') remark = line;
      continue;
    }
    const end = lines.indexOf('```', at + 1);
    if (end < 0) throw new Error(`line ${at + 1}: the fence has no end`);
    const body = lines.slice(at + 1, end);
    const step = stepOf(body, { language: fence[1]!, info: fence[2]!, remark, line: at + 2 });
    if (step !== null) steps.push(step);
    at = end;
    remark = '';
  }
  return steps;
}

type Fence = { readonly language: string; readonly info: string; readonly remark: string; readonly line: number };

function stepOf(body: readonly string[], { language, info, remark, line }: Fence): Step | null {
  const named = /^(file|same)=(\S+)$/.exec(info);
  if (named !== null) return { kind: named[1] as 'file' | 'same', path: named[2]!, text: `${body.join('\n')}\n` };
  if (language !== 'console') return null;
  const waitFor = /<!-- wait: (.+) -->/.exec(remark)?.[1] ?? null;
  return { kind: 'console', commands: commandsOf(body, line), isExact: info === 'output', waitFor };
}

function commandsOf(body: readonly string[], firstLine: number): Command[] {
  const commands: { line: number; text: string; expected: string[] }[] = [];
  let goesOn = false;
  for (const [index, line] of body.entries()) {
    const last = commands.at(-1);
    if (goesOn && last !== undefined) last.text += `\n${line}`;
    else if (line.startsWith('$ ')) commands.push({ line: firstLine + index, text: line.slice(2), expected: [] });
    else if (last === undefined) throw new Error(`line ${firstLine + index}: a console block begins with "$ "`);
    else last.expected.push(line);
    goesOn = (goesOn || line.startsWith('$ ')) && line.endsWith('\\');
  }
  return commands;
}
