"""A person's word on findings."""
