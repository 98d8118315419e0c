#!/usr/bin/env escript
%% A cell runs in a process of its own; an interrupt (SIGUSR2, as Erlang keeps SIGINT) kills that.
%%! +Bi
-mode(compile).
-export([init/1, handle_event/2, handle_call/2]).

main(_) ->
    Mark = os:getenv("LECTERN_MARK"),
    os:unsetenv("LECTERN_MARK"),
    ok = os:set_signal(sigusr2, handle),
    ok = gen_event:add_handler(erl_signal_server, ?MODULE, self()),
    Leader = group_leader(),
    loop(Mark, spawn_link(fun() -> tell(Mark, Leader) end), erl_eval:new_bindings()).

%% Cells read and write by this process, which says when they read.
tell(Mark, Leader) ->
    receive
        {io_request, _, _, Request} = Asked ->
            Reads = is_tuple(Request) andalso lists:member(element(1, Request), [get_line, get_chars, get_until]),
            Reads andalso io:format(Leader, "~sasks~n", [Mark]),
            Leader ! Asked;
        _ -> ok
    end,
    tell(Mark, Leader).

loop(Mark, Teller, Bindings) ->
    io:format("~sready~n", [Mark]),
    case io:get_line("") of
        eof -> ok;
        Line ->
            {ok, Text} = file:read_file(string:trim(Line)),
            Run = fun() -> group_leader(Teller, self()), exit({done, run(unicode:characters_to_list(Text), Bindings)}) end,
            loop(Mark, Teller, wait(Mark, spawn_monitor(Run), Bindings))
    end.

wait(Mark, {Cell, Monitor}, Bindings) ->
    receive
        interrupt -> exit(Cell, kill), wait(Mark, {Cell, Monitor}, Bindings);
        {'DOWN', Monitor, process, Cell, {done, {ok, New}}} -> New;
        {'DOWN', Monitor, process, Cell, {done, {Class, Reason}}} -> report(Mark, Class, Reason, Bindings);
        {'DOWN', Monitor, process, Cell, Reason} -> report(Mark, exit, Reason, Bindings)
    end.

report(Mark, Class, Reason, Bindings) ->
    io:format("~serror~n~p~n~tp~n", [Mark, Class, Reason]),
    Bindings.

run(Text, Bindings) ->
    try {ok, forms(erl_scan:tokens([], Text, 1), Bindings)}
    catch Class:Reason -> {Class, Reason}
    end.

forms({done, {ok, Tokens, Line}, Rest}, Bindings) ->
    Expressions = case erl_parse:parse_exprs(Tokens) of
        {ok, Parsed} -> Parsed;
        {error, {At, Module, What}} -> error({syntax, At, lists:flatten(Module:format_error(What))})
    end,
    {value, Value, New} = erl_eval:exprs(Expressions, Bindings),
    Value =:= ok orelse io:format("~tp~n", [Value]),
    forms(erl_scan:tokens([], Rest, Line), New);
forms({done, {eof, _}, _}, Bindings) -> Bindings;
forms({done, {error, {At, Module, What}, _}, _}, _) ->
    error({syntax, At, lists:flatten(Module:format_error(What))});
forms({more, State}, Bindings) -> forms(erl_scan:tokens(State, eof, 1), Bindings).

init(Loop) -> {ok, Loop}.
handle_event(sigusr2, Loop) -> Loop ! interrupt, {ok, Loop};
handle_event(_, Loop) -> {ok, Loop}.
handle_call(_, Loop) -> {ok, ok, Loop}.
