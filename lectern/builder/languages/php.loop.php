<?php
// All cells share the global scope; the loop's own names begin with an underscore.
$_mark = getenv('LECTERN_MARK');
putenv('LECTERN_MARK');
pcntl_async_signals(true);
pcntl_signal(SIGINT, fn() => throw new RuntimeException('interrupted'));
echo "{$_mark}ready\n";
while (($_path = fgets(STDIN)) !== false) {
    try {
        eval(preg_replace('/^\s*<\?php/', '', file_get_contents(trim($_path))));
    } catch (Throwable $_problem) {
        echo "{$_mark}error\n", get_class($_problem), "\n{$_problem->getMessage()} (line {$_problem->getLine()})\n";
    }
    echo "{$_mark}ready\n";
}
