% Octave waits for a cell as for a typed line: only so does an interrupt end the cell and not the program.
PS1(""); PS2("");
more off
page_screen_output(false); page_output_immediately(true);
graphics_toolkit("gnuplot");
set(0, "defaultfigurevisible", "off");
function lectern_cell(path)
  try
    evalin("base", fileread(path));
    for figure = get(0, "children")'
      evalc('print(figure, sprintf("%s/figure%d.png", getenv("PICTURES"), figure), "-dpng", "-r100");');
    end
  catch problem
    fflush(stderr);
    printf("%serror\n%s\n%s\n", getenv("LECTERN_MARK"), regexprep(problem.identifier, "^$", "error"), problem.message);
  end
  close all
  fflush(stderr);
  printf("%sready\n", getenv("LECTERN_MARK"));
  fflush(stdout);
end
