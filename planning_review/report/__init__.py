"""Judging an application by its documents, and writing the judgement down."""
