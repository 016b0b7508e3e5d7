/**
 * Reading files that hold a secret. Owns what makes such a file unsafe to read: others may read it, it is a link, or it is
 * somebody else's. What is in it belongs to whoever asked.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { SynodError } from '@synod/chain';

const GROUP_AND_OTHERS = 0o077;
/** Keystores have less than 2 KB, mnemonics less than 300 bytes. */
const BYTES_MAX = 64 * 1024;

/**
 * The file's text. Throws `KEY_FILE_MISSING`, `KEY_FILE_OPEN` when others than the owner may use it, `KEY_FILE_UNSAFE` for a link,
 * another user's file or no file at all, `KEY_FILE_INVALID` when it is far too large. The check is of what was opened.
 */
export function readSecretFile(file: string, next: string): string {
  const descriptor = openWithoutFollowing(file, next);
  try {
    const { mode, uid, size } = checkedKind(file, descriptor);
    if (process.platform !== 'win32' && uid !== process.getuid?.())
      throw unsafe(file, `it belongs to another user (id ${uid})`, `chown $(id -u) ${file}`);
    if (process.platform !== 'win32' && (mode & GROUP_AND_OTHERS) !== 0)
      throw new SynodError('KEY_FILE_OPEN', `${file} can be read by others. Close it first:  chmod 600 ${file}`, {
        facts: { file },
      });
    if (size > BYTES_MAX)
      throw new SynodError('KEY_FILE_INVALID', `${file} is no key: it has ${size} bytes. ${next}`, { facts: { file } });
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function openWithoutFollowing(file: string, next: string): number {
  try {
    // A pipe without a writer would be waited for.
    return openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null;
    if (code === 'ENOENT')
      throw new SynodError('KEY_FILE_MISSING', `${file} does not exist. ${next}`, { facts: { file }, cause });
    if (code === 'ELOOP') throw unsafe(file, 'it is a symbolic link', `readlink -f ${file}`, 'Name the file itself');
    throw cause;
  }
}

function checkedKind(file: string, descriptor: number) {
  const found = fstatSync(descriptor);
  if (found.isFile()) return found;
  throw unsafe(file, found.isDirectory() ? 'it is a folder' : 'it is no plain file', `ls -l ${file}`, 'Name a file');
}

function unsafe(file: string, why: string, command: string, next = 'Make it your own first'): SynodError {
  return new SynodError('KEY_FILE_UNSAFE', `${file} is not read as a key: ${why}. ${next}:  ${command}`, {
    facts: { file },
  });
}
