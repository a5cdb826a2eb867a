"""Room: templates. PrairieLearn: a folder a question, with its page, its numbers, and the code that a server runs."""
