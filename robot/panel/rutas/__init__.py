"""The panel's addresses, one file per noun."""
