# A cell runs in a process of its own; an interrupt (SIGUSR2, as Erlang keeps SIGINT) kills that.
defmodule Lectern do
  # Cells read and write by this process, which says when they read.
  def tell(mark, leader) do
    receive do
      {:io_request, _, _, request} = asked ->
        reads = is_tuple(request) and elem(request, 0) in [:get_line, :get_chars, :get_until]
        if reads, do: IO.puts(leader, "#{mark}asks")
        send(leader, asked)

      _ ->
        :ok
    end

    tell(mark, leader)
  end

  def loop(mark, teller, binding, env) do
    IO.puts("#{mark}ready")

    case IO.gets("") do
      path when is_binary(path) ->
        {binding, env} = cell(mark, teller, File.read!(String.trim(path)), binding, env)
        loop(mark, teller, binding, env)

      _ ->
        :ok
    end
  end

  defp cell(mark, teller, text, binding, env) do
    {process, monitor} =
      spawn_monitor(fn ->
        Process.group_leader(self(), teller)
        exit({:done, run(text, binding, env)})
      end)

    wait(mark, process, monitor, {binding, env})
  end

  defp wait(mark, process, monitor, before) do
    receive do
      :interrupt ->
        Process.exit(process, :kill)
        wait(mark, process, monitor, before)

      {:DOWN, ^monitor, _, _, {:done, {:ok, binding, env}}} ->
        {binding, env}

      {:DOWN, ^monitor, _, _, {:done, {:failed, name, text}}} ->
        IO.puts("#{mark}error\n#{name}\n#{text}")
        before

      {:DOWN, ^monitor, _, _, reason} ->
        IO.puts("#{mark}error\nexit\n#{inspect(reason)}")
        before
    end
  end

  defp run(text, binding, env) do
    code = Code.string_to_quoted!(text, file: "cell")
    {value, binding, env} = Code.eval_quoted_with_env(code, binding, env)
    if value not in [nil, :ok], do: IO.puts(inspect(value))
    {:ok, binding, env}
  rescue
    problem -> {:failed, inspect(problem.__struct__), Exception.format(:error, problem, [])}
  catch
    kind, value -> {:failed, kind, inspect(value)}
  end
end

mark = System.get_env("LECTERN_MARK")
System.delete_env("LECTERN_MARK")
Code.compiler_options(ignore_module_conflict: true)
loop = self()
{:ok, _} = System.trap_signal(:sigusr2, fn -> send(loop, :interrupt) && :ok end)
leader = Process.group_leader()
teller = spawn_link(fn -> Lectern.tell(mark, leader) end)
Lectern.loop(mark, teller, [], Code.env_for_eval([]))
