"""Registers that run on Atrium: pages, documents, downloads, the search."""
