"""Policy requirements and editions, as data."""
