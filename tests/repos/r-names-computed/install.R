wanted <- readLines("packages.txt")
install.packages(wanted)
