"""The builder as a service of the hub: git repos, the queue of builds, and who may do what."""
