"""What runs inside JupyterHub: who may enter, and what a participant's container is."""
