"""Telling people: the catalogue of all reviews, its index page and its feed."""
