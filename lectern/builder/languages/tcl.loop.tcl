# Tcl has no signals: an interrupt ends it, and the kernel starts a new one.
namespace eval lectern {
    variable mark $env(LECTERN_MARK)
    unset env(LECTERN_MARK)
    fconfigure stdout -buffering none
    puts "${mark}ready"
    while {[gets stdin path] >= 0} {
        set file [open $path]
        fconfigure $file -encoding utf-8
        set code [read $file]
        close $file
        if {[catch {uplevel #0 $code} result options]} {
            puts "${mark}error\nError\n[dict get $options -errorinfo]"
        } elseif {$result ne ""} {
            puts $result
        }
        puts "${mark}ready"
    }
}
