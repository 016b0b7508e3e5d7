/**
 * How this process talks: JSON or words, colours or none, tables for people or for programs, and whether anybody can be asked.
 * Owns that one state, set once before a command runs; every other module only reads it.
 */
import pc from 'picocolors';

export const mode: { json: boolean; debug: boolean; plain: boolean; isAsking: boolean } = {
  json: false,
  debug: false,
  plain: false,
  isAsking: true,
};

type Streams = { readonly stdout: boolean; readonly stderr: boolean };

/**
 * Whether colours are wanted: not with `--no-color`, NO_COLOR, TERM=dumb or CLICOLOR=0; else where both streams are terminals,
 * or FORCE_COLOR or CLICOLOR_FORCE asks for them.
 */
export function wantsColours(
  isRefused: boolean,
  environment: Readonly<Record<string, string | undefined>>,
  terminals: Streams,
): boolean {
  if (isRefused || isSet(environment['NO_COLOR']) || environment['TERM'] === 'dumb') return false;
  if (isOn(environment['FORCE_COLOR']) || isOn(environment['CLICOLOR_FORCE'])) return true;
  return environment['CLICOLOR'] !== '0' && terminals.stdout && terminals.stderr;
}

/** Switches colours for this process and for those it starts. */
export function setColours(isOn: boolean): void {
  Object.assign(pc, pc.createColors(isOn));
  if (isOn) return;
  process.env['NO_COLOR'] = '1';
  // Node would warn that the one overrides the other.
  delete process.env['FORCE_COLOR'];
}

function isSet(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}

function isOn(text: string | undefined): boolean {
  return isSet(text) && text !== '0' && text !== 'false';
}
