"""The scan: what is newly submitted, and which of it is worth a review."""
