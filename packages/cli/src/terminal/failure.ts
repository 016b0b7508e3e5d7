/**
 * How a command fails: one message on stderr (what, why, next) or one JSON object, and the exit code.
 * Kept free of heavy imports, because every start of the command loads it: errors are recognised by shape.
 */
import pc from 'picocolors';
import { asTyped } from './command-name.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { harmless } from './output.ts';

export type FailureOptions = { readonly json: boolean; readonly debug: boolean };

export type Failure = {
  readonly code: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly exitCode: number;
};

/** Errors whose message says what happened, why and what to do next. */
const SPEAKING = [
  ...['SynodError', 'ModelError', 'KnowledgeError', 'AdapterError', 'EngineError', 'TrainingError'],
  'DiskFullError',
];

const STREAM_CLOSED = 'EPIPE';

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  EACCES: 'Permission is denied: choose another folder, or change who may write there.',
  EPERM: 'It is not permitted: choose another folder, or change who may write there.',
  EROFS: 'The file system is read-only: choose another folder.',
  ENOSPC: 'The disk is full: make room and run it again.',
  EDQUOT: 'The quota on its disk is used up: make room and run it again.',
  EFBIG: 'A file may not become so large there: choose another disk, or raise the limit (ulimit -f).',
  ENOTDIR: 'A part of the path is a file, not a folder: choose another folder.',
  EEXIST: 'There is a file already where a folder is to be made, or the other way: choose another path.',
  EISDIR: 'It is a folder, where a file is needed.',
  ENOENT: 'It does not exist and cannot be made there: choose another path.',
};

/** Describes any thrown value. What is no `SynodError` is a defect of ours and says so. */
export function describeFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: 'INTERNAL', message: String(error), facts: {}, exitCode: EXIT.failure };
  const shaped = error as Error & { readonly code?: unknown; readonly facts?: unknown };
  const code = typeof shaped.code === 'string' ? shaped.code : 'INTERNAL';
  const facts = typeof shaped.facts === 'object' && shaped.facts !== null ? (shaped.facts as Failure['facts']) : {};
  const message = asTyped(SPEAKING.includes(error.name) ? error.message : describeUnknown(error, code));
  return { code, message, facts, exitCode: exitCodeOf(code) };
}

/** Failures of files and disks are the machine's news; anything else without a code of ours is a defect. */
function describeUnknown(error: Error, code: string): string {
  const path = 'path' in error && typeof error.path === 'string' ? error.path : null;
  const why = SYSTEM_ERRORS[code];
  if (why !== undefined) return `Cannot use ${path ?? 'a file or folder that was named'}. ${why}`;
  return `${error.message || error.name}. Run it again with --debug to see where.`.replace('..', '.');
}

/** Writes the failure to stderr and returns the exit code. A closed pipe (`| head`) is no failure. */
export function reportFailure(error: unknown, options: FailureOptions): number {
  const failure = describeFailure(error);
  if (failure.code === STREAM_CLOSED) return EXIT.ok;
  const stack = options.debug && error instanceof Error ? describeStack(error) : null;
  if (options.json) {
    const { code, message, facts, exitCode } = failure;
    const { below } = partsOf(message);
    const hint = below.length === 0 ? null : below.join('\n');
    const error = { code, message, hint, facts, exitCode, ...(stack === null ? {} : { stack }) };
    const body = { schemaVersion: 1, error };
    process.stderr.write(`${JSON.stringify(body, bigintAsText)}\n`);
  } else {
    process.stderr.write(`${formatFailure(harmless(failure.message))}${stack === null ? '' : `${pc.dim(stack)}\n`}`);
  }
  return failure.exitCode;
}

/** First sentence as the headline, the rest (why, next) indented below it. */
export function formatFailure(message: string): string {
  const { headline, below } = partsOf(message);
  return `${pc.red('✖')} ${headline.replace(/\.$/, '')}\n${below.map((line) => `  ${line}\n`).join('')}`;
}

/** The headline of a message, and the lines below it: why, and what to do next. */
export function partsOf(message: string): { readonly headline: string; readonly below: readonly string[] } {
  const [first = '', ...lines] = message.split('\n').map(withoutControls);
  const match = /^(.*?[.!?])\s+(?=["A-Z./])(.*)$/.exec(first);
  const [headline, rest] = match === null ? [first, []] : [match[1] as string, [match[2] as string]];
  return { headline, below: [...rest, ...lines].map((line) => line.trim()).filter((line) => line !== '') };
}

/** Some messages are a stranger's, as those of a node that is asked, and a terminal obeys control characters. */
function withoutControls(line: string): string {
  return line.replaceAll(/\p{C}/gu, '·');
}

function describeStack(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by: ${describeStack(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
