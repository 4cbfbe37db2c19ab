"""The judgement by rules: sentences, findings, requirements, rating, the citation gate."""
