// Cells are what `jshell` takes: statements, methods, classes; all of them stay.
import java.nio.file.*;
import java.util.*;
import jdk.jshell.*;

public class Lectern {
    public static void main(String[] words) throws Exception {
        String mark = System.getenv("LECTERN_MARK");
        try (JShell shell = JShell.builder().executionEngine("local").in(System.in).out(System.out).err(System.err).build()) {
            sun.misc.Signal.handle(new sun.misc.Signal("INT"), signal -> shell.stop());
            for (String name : List.of("java.io.*", "java.math.*", "java.util.*", "java.util.function.*", "java.util.stream.*"))
                shell.eval("import " + name + ";");
            System.out.println(mark + "ready");
            for (String path = line(); path != null; path = line()) {
                String problem = run(shell, Files.readString(Path.of(path)));
                System.err.flush();
                if (problem != null) System.out.println(mark + "error\n" + problem);
                System.out.println(mark + "ready");
            }
        }
    }

    static String line() throws Exception {
        StringBuilder line = new StringBuilder();
        for (int next = System.in.read(); next != '\n'; next = System.in.read()) {
            if (next < 0) return null;
            line.append((char) next);
        }
        return line.toString();
    }

    static String run(JShell shell, String code) {
        for (String rest = code; !rest.isBlank(); ) {
            var next = shell.sourceCodeAnalysis().analyzeCompletion(rest);
            String snippet = next.source() == null ? rest : next.source();
            for (SnippetEvent event : shell.eval(snippet)) {
                if (event.exception() instanceof EvalException problem)
                    return problem.getExceptionClassName() + "\n" + problem.getMessage();
                if (event.exception() != null) return "Unresolved\n" + event.exception().getMessage();
                if (event.status() == Snippet.Status.REJECTED) {
                    StringJoiner text = new StringJoiner("\n");
                    shell.diagnostics(event.snippet()).forEach(found -> text.add(found.getMessage(null)));
                    return "CompileError\n" + text;
                }
                if (event.value() != null && isExpression(event.snippet()) && !event.value().isEmpty())
                    System.out.println(event.value());
            }
            rest = next.source() == null ? "" : next.remaining();
        }
        return null;
    }

    static boolean isExpression(Snippet snippet) {
        return snippet instanceof ExpressionSnippet || snippet.subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND;
    }
}
