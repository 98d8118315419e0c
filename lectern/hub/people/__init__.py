"""The people of a course: lists of them, one-time links, who may do what to whose account."""
