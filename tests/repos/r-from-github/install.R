install.packages("remotes")
remotes::install_github("teacher/course.data")
