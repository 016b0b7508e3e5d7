/** The completion script for zsh. Owns its text; what is offered comes from spec.ts. */
import { codeOf, flagCases, pathOf, quote } from './shell-cases.ts';
import type { CommandSpec } from './spec.ts';

/** A script for a folder of `fpath`, as `_synod`, or for `source <(synod completion zsh)`. */
export function zshScript(specs: readonly CommandSpec[]): string {
  return `#compdef synod
# zsh completion for synod. Save it as _synod in a folder of fpath, or load it with:  source <(synod completion zsh)
_synod_command() {
  case "$1" in
${specs.map(commandCase).join('\n')}
    (*) return 1 ;;
  esac
}

_synod_flag() {
  offer=
  case "$1|$2" in
${specs.flatMap((spec) => flagCases(spec, '(')).join('\n')}
  esac
}

_synod_offer() {
  case "$1" in
    (w:*) compadd -- \${=1#w:} ;;
    (n:*) compadd -- \${(f)"$(\${words[1]} __complete \${1#n:} 2>/dev/null)"} ;;
    (d) _files -/ ;;
    (f) _files ;;
  esac
}

_synod() {
  local cur="\${words[CURRENT]}" pth='' word offer
  local -a subs flags args
  local -i i count=0
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if [[ "$word" == -* ]]; then
      _synod_flag "$pth" "$word"
      if [[ -n "$offer" ]]; then
        if ((i + 1 == CURRENT)); then
          _synod_offer "$offer"
          return
        fi
        i=$((i + 1))
      fi
    elif ((count == 0)) && _synod_command "$pth $word"; then
      pth="$pth $word"
    else
      count=$((count + 1))
    fi
  done
  _synod_command "$pth"
  if [[ "$cur" == -* ]]; then
    _describe -o 'flag' flags
  elif ((\${#subs} > 0 && count == 0)); then
    _describe 'command' subs
  else
    _synod_offer "\${args[count + 1]}"
  fi
}

if [[ "\${funcstack[1]}" == _synod ]]; then _synod "$@"; else compdef _synod synod; fi
`;
}

function commandCase({ words, children, flags, args }: CommandSpec): string {
  const subs = children.map(({ name, description }) => item(name, description)).join(' ');
  const names = flags.flatMap(({ long, short, description }) =>
    [long, ...(short === null ? [] : [short])].map((name) => item(name, description)),
  );
  const offers = args.map(({ offer }) => quote(codeOf(offer))).join(' ');
  return `    (${quote(pathOf(words))}) subs=(${subs}) flags=(${[...names, item('--help', 'help')].join(' ')}) args=(${offers}) ;;`;
}

function item(name: string, description: string): string {
  return quote(`${name.replaceAll(':', '\\:')}:${description}`);
}
