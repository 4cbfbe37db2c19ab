"""What one run shares: its context, files, texts, limits and outcome."""
