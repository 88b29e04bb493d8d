# For fish: completes the words of dcs-switchover.
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
complete -f -a '(__dcs_switchover)' -c dcs-switchover
