"""Agile: a register whose pages are made by a script, from an interface in JSON that is open to all."""
