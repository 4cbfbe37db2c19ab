"""The flows: each reads top to bottom."""
