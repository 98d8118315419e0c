# The loop of Lectern's generic kernel: all cells share Main, the last value is shown, pictures as files.
import REPL

const MARK = pop!(ENV, "LECTERN_MARK")

struct Screen <: AbstractDisplay end

function Base.display(::Screen, value)
    for (type, suffix) in (("image/svg+xml", "svg"), ("image/png", "png"))
        if showable(type, value)
            name = string(time_ns(), ".", suffix)
            open(io -> show(io, MIME(type), value), joinpath(ENV["PICTURES"], name), "w")
            return
        end
    end
    show(IOContext(stdout, :limit => true), MIME("text/plain"), value)
    println()
end

# Julia watches stdin all the time, so that a cell which reads says so itself.
for name in (:readline, :readlines, :readuntil)
    @eval function $name(words...; options...)
        if isempty(words) || first(words) === stdin
            println(MARK, "asks")
            flush(stdout)
        end
        Base.$name(words...; options...)
    end
end

function evaluate(path)
    code = read(path, String)
    value = include_string(REPL.softscope, Main, code, "cell")
    value === nothing || REPL.ends_with_semicolon(code) || Base.invokelatest(display, value)
end

function report(problem, trace)
    cause = problem isa LoadError ? problem.error : problem
    calls = stacktrace(trace)
    own = something(findlast(call -> call.file === :cell, calls), 0)  # below it is this loop
    println(MARK, "error")
    println(nameof(typeof(cause)))
    Base.invokelatest(showerror, stdout, cause, calls[1:own])
    println()
end

function answer_cells()
    println(MARK, "ready")
    for path in eachline(stdin)
        try
            evaluate(path)
        catch problem
            flush(stderr)
            report(problem, catch_backtrace())
        end
        flush(stdout)
        println(MARK, "ready")
    end
end

Base.exit_on_sigint(false)
pushdisplay(Screen())
answer_cells()
