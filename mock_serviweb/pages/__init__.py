"""Sets of pages in front of the same business rules, one folder a set."""
