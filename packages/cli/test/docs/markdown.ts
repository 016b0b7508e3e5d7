/** Command lines in a page of Markdown: in blocks of code, and in words of code within sentences. */

export type Documented = {
  readonly line: string;
  /** Line of the page, from 1. */
  readonly at: number;
  /** Named in a sentence: arguments may be missing. */
  readonly isMention: boolean;
};

/** Lines that hold `synod` as a command. In a block of a console only what stands behind a prompt is typed. */
export function documented(page: string): readonly Documented[] {
  const found: Documented[] = [];
  let block: string | null = null;
  let open = '';
  for (const [index, text] of page.split('\n').entries()) {
    const fence = /^\s*```(\w*)/.exec(text);
    if (fence !== null) {
      block = block === null ? fence[1]! : null;
      open = '';
      continue;
    }
    const at = index + 1;
    if (block === null) found.push(...mentions(text).map((line) => ({ line, at, isMention: true })));
    else if (text.endsWith('\\')) open += `${text.slice(0, -1)} `;
    else {
      const line = typed(open + text, block);
      if (line !== null) found.push({ line, at, isMention: false });
      open = '';
    }
  }
  return found;
}

function typed(text: string, block: string): string | null {
  const prompt = /^\s*[$>#] (.*)$/.exec(text)?.[1];
  if (block === 'console' || block === 'text') return prompt ?? null;
  if (!['', 'sh', 'bash', 'shell'].includes(block)) return null;
  return prompt ?? text.trim();
}

function mentions(text: string): string[] {
  return [...text.matchAll(/`((?:\.\/)?synod [^`]+)`/g)].map(([, line]) => line!);
}
