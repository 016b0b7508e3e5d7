/** The question on the command line or on standard input. Owns its checks before anything is sent. */
import { SynodError } from '@synod/chain';

const PROMPT_BYTES_MAX = 8 * 1024;
/** Reading stops here; what surrounds the prompt (spaces, line ends) may be longer than the prompt. */
const INPUT_BYTES_MAX = 16 * PROMPT_BYTES_MAX;

/** The prompt; `-` reads standard input. Throws `PROMPT_EMPTY`, `PROMPT_TOO_LONG` or `PROMPT_NOT_UTF8`. */
export async function readPrompt(argument: string): Promise<string> {
  const prompt = argument === '-' ? decode(await readAll()) : argument;
  // A shell argument that was not UTF-8 arrives with replacement characters; standard input was decoded strictly.
  if (argument !== '-' && prompt.includes('\uFFFD')) throw notUtf8();
  if (prompt.trim() === '')
    throw new SynodError(
      'PROMPT_EMPTY',
      'The prompt is empty. Ask something:  synod ask "What is the capital of France?"',
    );
  const bytes = Buffer.byteLength(prompt);
  if (bytes > PROMPT_BYTES_MAX) throw tooLong(`${bytes} bytes`);
  return prompt;
}

function tooLong(size: string): SynodError {
  return new SynodError(
    'PROMPT_TOO_LONG',
    `The prompt has ${size}, at most ${PROMPT_BYTES_MAX} are taken. Shorten it.`,
    {
      facts: { bytesMax: PROMPT_BYTES_MAX },
    },
  );
}

async function readAll(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > INPUT_BYTES_MAX) throw tooLong(`more than ${INPUT_BYTES_MAX} bytes`);
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trimEnd();
  } catch {
    // The decoder's own message names no cause a person could act on.
    throw notUtf8();
  }
}

function notUtf8(): SynodError {
  return new SynodError(
    'PROMPT_NOT_UTF8',
    'The prompt is not valid UTF-8 text. Convert it first, e.g. with iconv -t UTF-8.',
  );
}
