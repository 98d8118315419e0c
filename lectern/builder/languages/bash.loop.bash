# shellcheck shell=bash
# Bash waits for a cell as for a typed line: only so does an interrupt end the cell and not the shell.
exec {_lectern_out}>&1
_lectern_mark=$LECTERN_MARK
unset LECTERN_MARK HISTFILE
set +o history +o histexpand
PS1='' PS2=''
_lectern_ready() {
    local status=$?
    ((status == 0)) || printf '%serror\nExitStatus\nexit status %s\n' "$_lectern_mark" "$status" >&"$_lectern_out"
    printf '%sready\n' "$_lectern_mark" >&"$_lectern_out"
}
PROMPT_COMMAND=_lectern_ready
