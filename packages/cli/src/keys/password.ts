/**
 * Passwords of keystores: where they come from and what of them counts (EIP-2335). Owns both. A password is never a flag's value
 * nor in the environment, where other processes and shells' histories would see it.
 */
import { readFileSync } from 'node:fs';
import { SynodError } from '@synod/chain';
import { readSecretFile } from './secret-file.ts';

/** Stands for standard input. */
const STDIN = '-';
/** Characters of a password for a new keystore. */
const LENGTH_MIN = 8;
const PASSWORD_CHARACTERS_MAX = 1_024;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the standard takes out.
const CONTROL_CODES = /[\u0000-\u001f\u007f-\u009f]/g;

/** The bytes that a key is derived from: NFKD, without control codes, in UTF-8. */
export function passwordBytes(password: string): Uint8Array {
  return new TextEncoder().encode(password.normalize('NFKD').replaceAll(CONTROL_CODES, ''));
}

/**
 * Reads `--password-file FILE`, or standard input for `-`. Throws `PASSWORD_REQUIRED` where none is named, `PASSWORD_EMPTY`, and what
 * an unsafe secret file throws.
 */
export function readPassword(file: string | undefined, flag = '--password-file'): string {
  if (file === undefined) {
    throw new SynodError(
      'PASSWORD_REQUIRED',
      `A keystore needs its password. Name a file that holds it with ${flag} FILE, or give it on standard input with ${flag} -`,
    );
  }
  const text =
    file === STDIN ? readStandardInput(flag) : readSecretFile(file, `Write the password there:  ${flag} FILE`);
  if (passwordBytes(text).length === 0 || text.length > PASSWORD_CHARACTERS_MAX) {
    const where = file === STDIN ? 'standard input' : file;
    const what = text.length > PASSWORD_CHARACTERS_MAX ? 'is too long for one' : 'holds none';
    throw new SynodError('PASSWORD_EMPTY', `No password was given: ${where} ${what}. Write it there in one line.`, {
      facts: { file },
    });
  }
  return text;
}

/** As {@link readPassword}, for a keystore that is made now: `PASSWORD_SHORT` below eight characters. */
export function readNewPassword(file: string | undefined, flag = '--password-file'): string {
  const password = readPassword(file, flag);
  if (new TextDecoder().decode(passwordBytes(password)).length >= LENGTH_MIN) return password;
  throw new SynodError(
    'PASSWORD_SHORT',
    `The password has less than ${LENGTH_MIN} characters, so whoever gets the keystore can guess it. Choose a longer one.`,
  );
}

function readStandardInput(flag: string): string {
  if (process.stdin.isTTY === true) {
    throw new SynodError(
      'PASSWORD_REQUIRED',
      `A terminal would show the password as it is typed. Pipe it in, or name a file with ${flag} FILE.`,
    );
  }
  return readFileSync(0, 'utf8');
}
