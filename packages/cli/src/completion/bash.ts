/** The completion script for bash. Owns its text; what is offered comes from spec.ts. */
import { codeOf, flagCases, pathOf, quote } from './shell-cases.ts';
import type { CommandSpec } from './spec.ts';

/** A script for `source <(synod completion bash)`; needs no further package. */
export function bashScript(specs: readonly CommandSpec[]): string {
  return `# bash completion for synod. Load it with:  source <(synod completion bash)
_synod_command() {
  case "$1" in
${specs.map(commandCase).join('\n')}
    *) return 1 ;;
  esac
}

_synod_flag() {
  offer=
  case "$1|$2" in
${specs.flatMap((spec) => flagCases(spec, '')).join('\n')}
  esac
}

_synod_offer() {
  case "$1" in
    w:*) COMPREPLY=($(compgen -W "\${1#w:}" -- "$cur")) ;;
    n:*) COMPREPLY=($(compgen -W "$("\${COMP_WORDS[0]}" __complete "\${1#n:}" 2>/dev/null)" -- "$cur")) ;;
    d) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")) ;;
    f) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}

_synod() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path= word offer subs flags next count=0 i
  local -a args
  local IFS=$' \\t\\n'
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == -* ]]; then
      _synod_flag "$path" "$word"
      if [[ -n $offer ]]; then
        next=$((i + 1))
        [[ \${COMP_WORDS[next]} == = ]] && next=$((next + 1))
        if ((next >= COMP_CWORD)); then
          [[ $cur == = ]] && cur=
          _synod_offer "$offer"
          return
        fi
        i=$next
      fi
    elif ((count == 0)) && _synod_command "$path $word"; then
      path="$path $word"
    else
      count=$((count + 1))
    fi
  done
  _synod_command "$path"
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif [[ -n $subs && $count == 0 ]]; then
    COMPREPLY=($(compgen -W "$subs" -- "$cur"))
  else
    _synod_offer "\${args[count]}"
  fi
}

complete -F _synod synod
`;
}

function commandCase({ words, children, flags, args }: CommandSpec): string {
  const subs = children.map(({ name }) => name).join(' ');
  const names = flags.flatMap(({ long, short }) => (short === null ? [long] : [long, short])).join(' ');
  const offers = args.map(({ offer }) => quote(codeOf(offer))).join(' ');
  return `    ${quote(pathOf(words))}) subs=${quote(subs)} flags=${quote(`${names} --help`)} args=(${offers}) ;;`;
}
