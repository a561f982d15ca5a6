"""Make a map from what a person points at (`serviweb selectores aprender`)."""
