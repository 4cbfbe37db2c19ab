"""Document types, told by titles and by first pages."""
