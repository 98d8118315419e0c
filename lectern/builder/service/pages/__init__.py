"""The builder's pages under /services/environments/: each calls an action, and shows what came of it."""
