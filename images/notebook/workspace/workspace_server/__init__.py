"""What Lectern adds to the server of a workspace: its start and its exports."""
