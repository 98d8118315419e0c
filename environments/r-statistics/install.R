install.packages(c("tidyverse", "ggplot2", "lme4"))
