"""Room: templates. Items for other platforms: one neutral description, and a thin flavour for each platform."""
