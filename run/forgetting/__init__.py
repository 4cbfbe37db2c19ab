"""Erasing an application, or one of its documents, everywhere, and the proof of it."""
