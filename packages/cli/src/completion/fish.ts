/** The completion script for fish. Owns its text; what is offered comes from spec.ts. */
import type { CommandSpec, FlagSpec, Offer } from './spec.ts';

/** A script for `synod completion fish | source`. */
export function fishScript(specs: readonly CommandSpec[]): string {
  const paths = specs.filter(({ words }) => words.length > 0).map(({ words }) => quote(words.join(' ')));
  return `# fish completion for synod. Load it with:  synod completion fish | source
function __synod_path
    set -l known ${paths.join(' ')}
    set -l path
    set -l words (commandline -opc)
    for word in $words[2..-1]
        set -l next (string trim -- "$path $word")
        if contains -- "$next" $known
            set path $next
        end
    end
    echo "$path"
end

function __synod_at
    test (__synod_path) = "$argv[1]"
end

complete -c synod -f
${specs.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ words, children, flags, args }: CommandSpec): string[] {
  const at = `complete -c synod -n ${quote(`__synod_at ${quote(words.join(' '))}`)}`;
  return [
    ...children.map(({ name, description }) => `${at} -a ${quote(name)} -d ${quote(description)}`),
    ...flags.map((flag) => flagLine(at, flag)),
    ...args.flatMap(({ offer }) => {
      const given = offerText(offer);
      return given === '' ? [] : [`${at}${given}`];
    }),
  ];
}

function flagLine(at: string, { long, short, description, offer }: FlagSpec): string {
  const letter = short === null ? '' : ` -s ${short.slice(1)}`;
  const value = offer === null ? '' : ` -r${offerText(offer)}`;
  return `${at}${letter} -l ${long.slice(2)} -d ${quote(description)}${value}`;
}

function offerText(offer: Offer): string {
  if (offer.kind === 'words') return ` -a ${quote(offer.words.join(' '))}`;
  if (offer.kind === 'names') return ` -a ${quote(`(synod __complete ${offer.names} 2>/dev/null)`)}`;
  if (offer.kind === 'folder') return ` -a ${quote('(__fish_complete_directories)')}`;
  return offer.kind === 'file' ? ' -F' : '';
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
