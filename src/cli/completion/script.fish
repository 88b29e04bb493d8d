# Completion of dcs-switchover for fish.
function __dcs_switchover
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l found ($words[1] complete -- $words[2..-1] "$word" < /dev/null 2> /dev/null)
    if contains -- :files $found
        __fish_complete_path "$word"
    else
        string join -- \n $found
    end
end
complete -c dcs-switchover -f -a '(__dcs_switchover)'
