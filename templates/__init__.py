"""Room: templates. How it looks."""
