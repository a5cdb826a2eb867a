"""Exercises in backpropagation: made, worked out, printed and marked."""
