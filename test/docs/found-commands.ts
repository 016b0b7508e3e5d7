/**
 * Every command that a page tells somebody to type: in blocks of code, in indented blocks, and in words of code within sentences. Owns
 * what a command is told by; whether it is run is coverage.test.ts.
 */

export type FoundCommand = {
  /** Line of the page, from 1. */
  readonly line: number;
  readonly text: string;
  /** In a block, as it is typed; else named in a sentence, where arguments may be left out or stand in capitals. */
  readonly isTyped: boolean;
  /** In a list of commands: the first of its row, whose group the others leave out. */
  readonly after?: string;
};

const TOOLS = [
  '(?:\\./)?synod',
  '(?:npm|npx|node|node_modules/\\.bin/node)',
  'curl|wget|docker|git|llm|pip|apt|apt-get|sudo',
  'systemctl|journalctl|systemd-analyze|timedatectl|loginctl|chmod|logrotate|promtool',
].join('|');
const COMMAND = new RegExp(`^(?:[A-Z_]+=\\S+ )*(?:${TOOLS})(?: |$)`);
/** A word of these alone, such as \`node\`, names a thing and is no command. */
const IN_SENTENCE = new RegExp(`\`((?:[A-Z_]+=\\S+ )*(?:${TOOLS}) (?:[^\`\\\\]|\\\\.)+)\``, 'g');

/** In order. Of a block of a console only what stands behind a prompt is typed; of other blocks, lines that begin with a known tool. */
export function foundCommands(page: string): readonly FoundCommand[] {
  const found: FoundCommand[] = [];
  let block: string | null = null;
  let open = '';
  for (const [index, text] of page.split('\n').entries()) {
    const line = index + 1;
    const fence = /^\s*```(\w*)/.exec(text);
    if (fence !== null) {
      block = block === null ? fence[1]! : null;
      open = '';
    } else if (block !== null || /^ {4}\S/.test(text)) {
      if (text.endsWith('\\')) open += `${text}\n`;
      else {
        const typed = typedIn(open + text, block ?? '');
        if (typed !== null) found.push({ line, text: typed, isTyped: true });
        open = '';
      }
    } else found.push(...mentions(text).map((mention) => ({ line, isTyped: false, ...mention })));
  }
  return found;
}

/** Commands that comments of a program or of a file of settings tell to type: what stands behind "Run:" or "Usage:" to the line's end. */
export function commandsOfComments(text: string): readonly FoundCommand[] {
  return text.split('\n').flatMap((line, index) => {
    const told = /^\s*(?:\/\*\*|\*|\/\/|#).*\b(?:Run|Usage):\s*(.+?)\s*(?:\*\/)?$/.exec(line)?.[1];
    return told === undefined ? [] : [{ line: index + 1, text: told, isTyped: false }];
  });
}

function typedIn(text: string, block: string): string | null {
  const behindPrompt = /^\s*\$ ([\s\S]*)$/.exec(text)?.[1];
  if (behindPrompt !== undefined || block === 'console') return behindPrompt ?? null;
  return ['', 'sh', 'bash', 'shell'].includes(block) && COMMAND.test(text.trim()) ? text.trim() : null;
}

function mentions(text: string): { readonly text: string; readonly after?: string }[] {
  const first = /^\| (`\.\/synod .*?) \|(?= )/.exec(text)?.[1];
  if (first === undefined) return [...text.matchAll(IN_SENTENCE)].map(([, command]) => ({ text: unescaped(command!) }));
  // A list of commands: in its first column only the first of a row says "synod".
  const [head, ...others] = [...first.matchAll(/`([^`]+)`/g)].map(([, command]) => unescaped(command!));
  return [{ text: head! }, ...others.map((each) => ({ text: each, after: head! }))];
}

const unescaped = (text: string): string => text.replaceAll('\\|', '|');
