# Zsh waits for a cell as for a typed line: only so does an interrupt end the cell and not the shell.
exec {_lectern_out}>&1
_lectern_mark=$LECTERN_MARK
unset LECTERN_MARK HISTFILE ZDOTDIR
unsetopt monitor prompt_cr
PS1='' PS2=''
precmd() {
    local result=$?
    ((result == 0)) || print -r -u $_lectern_out -- "${_lectern_mark}error"$'\n'"ExitStatus"$'\n'"exit status $result"
    print -r -u $_lectern_out -- "${_lectern_mark}ready"
}
