# Locals of a cell stay, as in irb: all cells share one binding.
proc do
  mark = ENV.delete("LECTERN_MARK")
  screen = $stdout.dup
  $stdout.sync = screen.sync = true
  screen.puts "#{mark}ready"
  while (path = $stdin.gets)
    begin
      value = TOPLEVEL_BINDING.eval(File.read(path.chomp, encoding: "UTF-8"), "cell")
      p value unless value.nil?
    rescue SystemExit
      raise
    rescue Exception => problem
      screen.puts "#{mark}error", problem.class, problem.message, problem.backtrace.grep(/\Acell/)
    end
    screen.puts "#{mark}ready"
  end
end.call
