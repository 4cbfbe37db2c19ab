"""Storage of documents and outputs, and the Prefect blocks that hold its settings."""
