# For bash: completes the words of dcs-switchover.
_dcs_switchover() {
  # bash splits words at = and : as well: what has no space between is one word of ours.
  local line=${COMP_LINE:0:COMP_POINT} part word='' typed value
  local -a words=()
  for part in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ $line == [[:space:]]* ]]; then
      words+=("$word")
      word=''
      line=${line#"${line%%[![:space:]]*}"}
    fi
    part=${part:0:${#line}}
    word+=$part
    line=${line#"$part"}
  done
  typed=${word//[\"\'\\]/}
  # What bash itself takes for the word, and replaces.
  [[ $part == [=:] ]] && part=''
  part=${part//[\"\'\\]/}
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    if [[ $value == :files ]]; then
      compopt -o default 2> /dev/null
    elif [[ $value == "$typed"* ]]; then
      value=${value#"${typed%"$part"}"}
      [[ $word == *[\"\']* ]] || value=${value// /\\ }
      COMPREPLY+=("$value")
    fi
  done < <("$1" complete -- "${words[@]:1}" "$typed" < /dev/null 2> /dev/null)
}
complete -F _dcs_switchover dcs-switchover
