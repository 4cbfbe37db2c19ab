"""Text as people write it: folding, phrases, quantities, shortening."""
