"""Idox Public Access: a register whose applications have opaque keys, and whose forms have tokens."""
