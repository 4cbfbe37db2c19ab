"""File formats: a reader each, and one table of them."""
