"""Tasks: each is policy (retries, cache, name) around one call."""
