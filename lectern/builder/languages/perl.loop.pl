# Variables are the package's own (`$x = 1`): those of `my` end with their cell.
my $lectern_mark = delete $ENV{LECTERN_MARK};
$| = 1;
$SIG{INT} = 'IGNORE';    # between cells
print "${lectern_mark}ready\n";
while (defined(my $lectern_path = <STDIN>)) {
    chomp $lectern_path;
    open(my $lectern_file, '<', $lectern_path) or die $!;
    my $lectern_code = do { local $/; <$lectern_file> };
    close $lectern_file;
    local $SIG{INT} = sub { die "interrupted\n" };
    eval "no strict; package main;\n#line 1 \"cell\"\n$lectern_code";
    print "${lectern_mark}error\nError\n$@\n" if $@;
    print "${lectern_mark}ready\n";
}
