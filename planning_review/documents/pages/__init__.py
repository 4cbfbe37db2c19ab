"""A page's layout, tables, headings and OCR."""
