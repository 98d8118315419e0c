// Variables without `def` stay. Loops look for interrupts: the transformation adds that to each cell.
import groovy.transform.ThreadInterrupt
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.customizers.ASTTransformationCustomizer
import sun.misc.Signal
import sun.misc.SignalHandler

def mark = System.getenv("LECTERN_MARK")
def worker = Thread.currentThread()
Signal.handle(new Signal("INT"), { worker.interrupt() } as SignalHandler)
def configuration = new CompilerConfiguration()
configuration.addCompilationCustomizers(new ASTTransformationCustomizer(ThreadInterrupt))
def shell = new GroovyShell(new Binding(), configuration)
def lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"))
println "${mark}ready"
for (String path = lines.readLine(); path != null; path = lines.readLine()) {
    try {
        def value = shell.evaluate(new File(path).getText("UTF-8"), "cell.groovy")
        if (value != null) println value
    } catch (Throwable problem) {
        System.err.flush()
        println "${mark}error\n${problem.class.simpleName}\n${problem.message}"
    }
    Thread.interrupted()
    println "${mark}ready"
}
