install.packages(c("dplyr", "ggplot2")
