"""The response letter."""
