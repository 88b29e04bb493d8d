#compdef dcs-switchover
# For zsh: completes the words of dcs-switchover.
_dcs_switchover() {
  local value about
  local -a values shown
  while IFS=$'\t' read -r value about; do
    if [[ $value == :files ]]; then
      compset -P '--*='
      _files
      return
    fi
    values+=("$value")
    shown+=("$value${about:+  $about}")
  done < <("${words[1]}" complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" < /dev/null 2> /dev/null)
  compadd -l -d shown -a values
}
if [[ ${funcstack[1]} == _dcs_switchover ]]; then
  _dcs_switchover
else
  compdef _dcs_switchover dcs-switchover
fi
