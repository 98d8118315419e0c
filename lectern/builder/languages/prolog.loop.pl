% Clauses of a cell replace earlier ones of the same predicates; `?- Goal.` asks, and shows the first answer.
:- use_module(library(readutil)).
:- initialization(lectern_main, main).
:- dynamic lectern_seen/1.

lectern_main :-
    getenv('LECTERN_MARK', Mark),
    unsetenv('LECTERN_MARK'),
    set_stream(user_output, buffer(line)),
    lectern_loop(Mark).

lectern_loop(Mark) :-
    on_signal(int, _, lectern_interrupt),
    format("~wready~n", [Mark]), flush_output,
    read_line_to_string(user_input, Path),
    Path \== end_of_file, !,
    retractall(lectern_seen(_)),
    catch(lectern_cell(Path), Problem, lectern_report(Mark, Problem)),
    lectern_loop(Mark).
lectern_loop(_).

lectern_interrupt(_) :- throw(interrupted).

lectern_report(Mark, Problem) :-
    ( Problem = error(Kind, _) -> functor(Kind, Name, _) ; Name = 'Exception' ),
    message_to_codes_string(Problem, Text),
    flush_output(user_error),
    format("~werror~n~w~n~w~n", [Mark, Name, Text]).

message_to_codes_string(Problem, Text) :-
    message_to_lines(Problem, Lines),
    with_output_to(string(Text), print_message_lines(current_output, '', Lines)).
message_to_lines(Problem, Lines) :- phrase(prolog:translate_message(Problem), Lines), !.
message_to_lines(Problem, ['~p'-[Problem]]) .

lectern_cell(Path) :-
    setup_call_cleanup(open(Path, read, Cell, [encoding(utf8)]), lectern_terms(Cell), close(Cell)).
lectern_terms(Cell) :-
    read_term(Cell, Term, [variable_names(Names), module(user)]),
    ( Term == end_of_file -> true ; lectern_term(Term, Names), lectern_terms(Cell) ).

lectern_term((?- Goal), Names) :- !, lectern_ask(Goal, Names).
lectern_term((:- Goal), Names) :- !, lectern_ask(Goal, Names).
lectern_term(Term, _) :-
    expand_term(Term, Expanded),
    ( is_list(Expanded) -> Clauses = Expanded ; Clauses = [Expanded] ),
    forall(member(Clause, Clauses), lectern_add(Clause)).

lectern_add(Clause) :-
    ( Clause = (Head :- _) -> true ; Head = Clause ),
    functor(Head, Name, Arity),
    ( lectern_seen(Name/Arity) -> true
    ; functor(Any, Name, Arity), retractall(user:Any), assertz(lectern_seen(Name/Arity)) ),
    assertz(user:Clause).

lectern_ask(Goal, Names) :-
    ( call(user:Goal)
    -> forall(member(Name=Value, Names), format("~w = ~p~n", [Name, Value])),
       ( Names == [] -> writeln(true) ; true )
    ; writeln(false) ).
