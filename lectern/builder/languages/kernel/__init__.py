"""A Jupyter kernel for any language that has an interpreter or a compiler.

What a language needs is data: `<name>.toml` beside this package, and for an interpreter a loop of
5 to 15 lines in the language itself, `<name>.loop.<ext>`. Three modes:

`loop`
    The interpreter runs the language's loop, which keeps one scope for all cells.
`stdin`
    The interpreter reads cells as a person would type them, and then a command that prints `ready`.
`run`
    Each cell is a program of its own: compiled where there is something to compile, and run.

The loop's protocol
-------------------
The environment variable ``LECTERN_MARK`` holds a text that no cell prints by chance. The loop

1. prints ``<mark>ready`` and a newline on stdout, and flushes it, when it waits for a cell:
   once at its start, then after each cell, whether that failed or not;
2. reads one line from stdin: the path of a file with the cell's text (UTF-8);
3. evaluates it in the scope that all cells share; shows the last value if that is the language's
   way; what the cell prints on stdout and stderr goes there as it comes, what it reads from stdin
   is what the participant is asked for;
4. when the cell failed, flushes both and prints ``<mark>error`` and a newline on stdout, then the
   error's name on a line of its own, then message and trace, as many lines as it likes; then 1.

That a cell reads is seen from outside. An interpreter that looks at stdin all the time would always seem
to: its data say ``asks = true``, and its loop prints ``<mark>asks`` and a newline before a cell reads a line.

SIGINT (or the signal that the data name) interrupts a cell: the loop turns it into an error of the
cell, or dies of it and is started anew. When stdin ends, the loop ends. A picture (PNG, SVG, JPEG)
that is written into the folder ``PICTURES`` during a cell is shown below it. In Ruby::

    mark, scope = ENV.delete("LECTERN_MARK"), binding
    $stdout.sync = true
    puts "#{mark}ready"
    while path = $stdin.gets
      begin
        value = scope.eval(File.read(path.chomp), "cell")
        p value unless value.nil?
      rescue Exception => problem
        puts "#{mark}error", problem.class, problem.full_message(highlight: false)
      end
      puts "#{mark}ready"
    end

This package is copied into images as it is, and runs in the server's own Python, which has
jupyter_client but not ipykernel: it imports nothing of the rest of Lectern.
"""
