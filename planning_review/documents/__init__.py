"""Choosing, naming, reading and cutting documents: from bytes to passages."""
