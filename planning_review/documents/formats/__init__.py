"""File formats: how each is told and read."""
