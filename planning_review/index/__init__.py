"""Embedding, the vector index and hybrid search."""
