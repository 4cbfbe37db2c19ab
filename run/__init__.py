"""The things that one run shares: context, files, documents, limits, outputs and outcome."""
