"""Room: grader. What it is worth."""
