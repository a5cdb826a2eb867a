"""Room: gradsheet. Sets for other platforms: exercises as neutral items, written by a flavour and read back."""
