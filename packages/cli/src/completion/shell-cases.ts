/** What the scripts of bash and zsh have in common: their cases, and the codes that stand for what is offered. Owns no script. */
import type { CommandSpec, Offer } from './spec.ts';

/** The words that lead to a command, each after a space, as a pattern of a case. */
export function pathOf(words: readonly string[]): string {
  return words.map((word) => ` ${word}`).join('');
}

/** One letter for the kind of what is offered, and what it needs. */
export function codeOf(offer: Offer): string {
  if (offer.kind === 'words') return `w:${offer.words.join(' ')}`;
  if (offer.kind === 'names') return `n:${offer.names}`;
  return { file: 'f', folder: 'd', text: 't' }[offer.kind];
}

/** In quotes of the shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** One case for each flag with a value; `open` is what a pattern begins with. */
export function flagCases({ words, flags }: CommandSpec, open: '' | '('): string[] {
  return flags.flatMap(({ long, short, offer }) => {
    if (offer === null) return [];
    const names = short === null ? [long] : [long, short];
    const patterns = names.map((name) => quote(`${pathOf(words)}|${name}`)).join('|');
    return [`    ${open}${patterns}) offer=${quote(codeOf(offer))} ;;`];
  });
}
