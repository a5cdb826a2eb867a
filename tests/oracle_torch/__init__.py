"""How PyTorch works families out, a module for each, called like the family: written for it, not made from ours.

``works_out(options, given)`` gets the options and the given numbers as tensors by id, and returns quantities of the
forward pass by id, ``J`` (or the output's own id) among them; gradients are PyTorch's own.
"""
