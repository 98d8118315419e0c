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
  Sys.catch_break true;
  Toploop.use_print_results := true;
  say (mark ^ "ready\n");
  try
    while true do
      let path = input_line stdin in
      Buffer.clear told;
      let worked = try Toploop.use_input screen (Toploop.File path) with Sys.Break -> false in
      Format.pp_print_flush screen ();
      if not worked then
        say (mark ^ "error\nError\n" ^ problem (String.split_on_char '\n' (Buffer.contents told)) ^ "\n");
      say (mark ^ "ready\n")
    done
  with End_of_file -> ()
