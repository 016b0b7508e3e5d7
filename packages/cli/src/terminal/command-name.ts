/**
 * How this program was called, so that every command it advises can be typed as it stands. Owns that word; sentences are
 * written with plain `synod`, errors everywhere and help included, and leave through `asTyped`.
 */
import { delimiter, dirname, isAbsolute, relative, resolve } from 'node:path';

const PLAIN = 'synod';
const COMMAND = /(^|[\s"(])synod(?= [a-z<[-])/gm;

/** `synod` where it is found by that name, else a path that works from the folder it was called in. */
export function commandName(environment: Readonly<Record<string, string | undefined>>, folder: string): string {
  const typed = environment['SYNOD_COMMAND'];
  if (typed === undefined || typed === '' || !typed.includes('/')) return PLAIN;
  const file = resolve(folder, typed);
  const searched = (environment['PATH'] ?? '').split(delimiter).filter((path) => isAbsolute(path));
  if (isAbsolute(typed) && searched.some((path) => resolve(path) === dirname(file))) return PLAIN;
  const within = relative(folder, file);
  if (within.startsWith('..')) return typed;
  return `./${within}`;
}

/** The word for the commands that this process advises; the launcher names itself in SYNOD_COMMAND. */
export const SYNOD: string = commandName(process.env, process.cwd());

/** The same text with each `synod …` in it as the user would type it. For our own sentences, not for what others wrote. */
export function asTyped(text: string, name: string = SYNOD): string {
  return text.replaceAll(COMMAND, (_match, before: string) => `${before}${name}`);
}
