"""What stands on a page: layout, tables, headings, OCR."""
