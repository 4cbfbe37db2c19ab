"""The reviewer that asks a language model, and holds its answers against the documents and the rules."""
