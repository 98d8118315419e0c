(* Phrases run in the toplevel itself, which shows their values as it does when they are typed. *)
#directory "+compiler-libs";;
let () =
  let mark = Sys.getenv "LECTERN_MARK" in
  let say text = flush stderr; print_string text; flush stdout in
  let told = Buffer.create 80 in
  let tell text from length = output_substring stdout text from length; Buffer.add_substring told text from length in
  let screen = Format.make_formatter tell (fun () -> flush stdout) in
  let rec problem = function
    | [] -> "the cell failed"
    | line :: _ as lines when List.exists (fun sign -> String.starts_with ~prefix:sign line) ["Exception"; "Error"; "Interrupted"] ->
      String.concat "\n" lines
    | _ :: lines -> problem lines in
  let start = function
    | Parsetree.Ptop_def ({ pstr_loc; _ } :: _) -> pstr_loc.loc_start.pos_cnum
    | Ptop_def [] -> 0
    | Ptop_dir { pdir_loc; _ } -> pdir_loc.loc_start.pos_cnum in
  (* Only the toplevel's own reader of files tells what is wrong: it gets what did not pass, at its place. *)
  let complain path text from =
    let blank at sign = if at < from && sign <> '\n' then ' ' else sign in
    Out_channel.with_open_bin path (fun file -> output_string file (String.mapi blank text));
    ignore (Toploop.use_input screen (Toploop.File path));
    false in
  let run path =
    let text = In_channel.with_open_bin path In_channel.input_all in
    match !Toploop.parse_use_file (Lexing.from_string text) with
    | exception _ -> complain path text 0
    | phrases ->
      List.for_all (fun phrase ->
        match Toploop.preprocess_phrase screen phrase |> Toploop.execute_phrase true screen with
        | exception Sys.Break -> false
        | exception _ -> complain path text (start phrase)
        | worked -> worked) phrases in
  Sys.catch_break true;
  say (mark ^ "ready\n");
  try
    while true do
      let path = input_line stdin in
      Buffer.clear told;
      let worked = try run path with Sys.Break -> false in
      Format.pp_print_flush screen ();
      if not worked then
        say (mark ^ "error\nError\n" ^ problem (String.split_on_char '\n' (Buffer.contents told)) ^ "\n");
      say (mark ^ "ready\n")
    done
  with End_of_file -> ()
