"""Room: exercises. Every sentence of a worked solution, in one list; braces are filled with the sheet's symbols."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from exercises.expression import Expression
from exercises.notation import Derivative, Glyph, Sign

Word = str | Glyph | Derivative | Expression
Sentence = tuple[Word, ...]
"""Text, symbols and small formulas in the order in which they are read; how symbols look is the printer's business."""

SENTENCES: dict[str, str] = {
    # the exercise in words
    "circuit": "A formula, taken apart into {count}.",
    "network": "A network with {inputs}, {layers} of {hidden}, and {outputs}{examples}.",
    "network-without-hidden": "A network with {inputs} and {outputs}{examples}.",
    # forward
    "weighted-sum": "Each input of {z} is multiplied by its weight, and the products are added up.",
    "weighted-sum-and-bias": "Each input of {z} is multiplied by its weight; the products and the bias are added up.",
    "activation": "{a} is what the function {function} makes of {z}.",
    "no-activation": "There is no activation function here: {a} is {z} itself.",
    "outputs-add-up": "Each exp is divided by the sum of them all, so that the outputs add up to 1.",
    "loss": "One number says how far {a} is from {y}; the smaller, the better.",
    "loss-of-several": "One number says how far {a} are from {y}, taken together; the smaller, the better.",
    "line": "One operation, on {inputs}.",
    # backward, one step
    "direct": "{a} stands in {J} itself, so {J} is differentiated by it.",
    "fused": "With this loss the slope of the last activation cancels: what is left is output minus target.",
    "slope": "How fast {a} changes with {z}: the slope of {function}.",
    "slope-from-output": "How fast {a} changes with {z}: the slope of {function}, written with {a}, known already.",
    "slope-one": "{a} is {z} itself, so it changes exactly as fast.",
    "slope-table": "Each of the outputs depends on each of the inputs, so there is a slope for each pair.",
    "local": "How fast {a} changes with {z} in this one step, all else left as it is.",
    "through-activation": "{z} reaches {J} only through {a}, so the two slopes are multiplied.",
    "factor": "{w} reaches {J} only through {z}, and there it is multiplied by {h}: so {local} = {h}.",
    "as-it-is": "{w} reaches {J} only through {z}, and there it is added as it is: so {local} = 1.",
    "only-through": "{w} reaches {J} only through {z}, so the two slopes are multiplied.",
    "paths": "{w} reaches {J} along {count} paths, through {through}, so {count} products are added.",
    "path": "Along this path {w} acts on {J} through {z}.",
    "path-direct": "Along this path {w} goes straight into {J}.",
    "paths-added": "{w} reaches {J} along {count} paths, through {through}, so {count} contributions are added.",
    "paths-and-direct": "{w} reaches {J} along {count} paths, through {through} and directly, "
    "so {count} contributions are added.",
    "straight": "{w} goes straight into {J}, so this is the slope of that one step.",
    "unreached": "{w} does not reach {J}, so {J} stays the same whatever it is.",
    # update
    "update": "A step against the slope, the way in which {J} falls: {rate} times {gradient} is taken off.",
    "update-plain": "A step against the slope: {rate} times {gradient} is taken off.",
    "update-kept": "A step against the slope, made with what is kept of it in {kept}; {rate} says how long it is.",
    "update-ahead": "A step against the slope, made with {gradient} and with what is kept of it in {kept}; {rate} says "
    "how long it is.",
    "update-divided": "A step against the slope: {gradient} is divided by the root of {squares}, the usual size of "
    "gradients; {rate} says how long the step is.",
    "update-decoupled": " Weight decay takes {rate} times {share} times {w} off as well.",
    "decayed": "Weight decay adds {share} times {w} to the gradient.",
    "velocity": "The share {share} of the old velocity is kept, and the gradient is added.",
    "mean": "The share {share} of the old mean is kept; the rest of the new one is the gradient.",
    "squares": "The share {share} of the old mean is kept; the rest of the new one is the square of the gradient.",
    "unbiased": "The mean began at 0 and is too small at first; what it is divided by makes up for that.",
    # legend
    "kept-decayed": "{s} is the gradient with what weight decay adds to it.",
    "kept-velocity": "{s} is a velocity: {share} of the old one is kept, and gradients are added. It begins at 0.",
    "kept-mean": "{s} is a running mean of gradients, of which {share} is kept each time. It begins at 0.",
    "kept-squares": "{s} is a running mean of squared gradients; {share} of it is kept each time. It begins at 0.",
    "kept-unbiased": "{s}, with a hat, is such a mean put right, since it began at 0.",
    "derivative": "{d} says how fast {J} changes when {w} changes a little and all else stays as it is.",
    "total-and-local": "{total} (d) counts every path from {w} to {J}; {local} (∂) is the slope of one step alone.",
    "via": "{d} is the part of it that comes along the path through {z}.",
    "whole": "{z} without an index means all of its numbers together.",
    "error-letter": "{d} is short for {long}.",
    "definition": "{function} = {meaning}.",
    "softmax": "softmax divides exp of each entry by the sum of exp of them all.",
    "softmax-of-rows": "softmax divides exp of each entry by the sum of exp of its row.",
    "softmax-of-columns": "softmax divides exp of each entry by the sum of exp of its column.",
    "exp": "exp(v) is e to the power v, with e = 2.71828….",
    "log": "ln is the natural logarithm.",
    "log10": "lg is the logarithm to the base 10.",
    "sin": "sin takes its angle in radians.",
    "cos": "cos takes its angle in radians.",
    "sin_degrees": "sin takes its angle in radians.",  # and where it was taken in degrees, that is the mistake
    "cos_degrees": "cos takes its angle in radians.",
    "gather": "row 1(V) is the first row of V, row 2(V) the second.",
    "scatter": "into row 1(v) is a table with v in its first row and 0 in all others.",
    "maximum": "max is the largest of the numbers in its parentheses.",
    "largest": "max of a map is the largest number of each of its windows.",
    "by_sign": "A value that depends on a sign is written with its condition.",
    "named": "{name} is read: {spoken}.",
    "place-by-place": "⊙ multiplies two vectors or matrices place by place.",
    "transposed": "ᵀ turns rows into columns.",
    "jacobian": "{d} is a matrix: row i holds the slopes of output i, one for each input.",
    "slopes": "{d} is a vector: one slope for each place, as no place depends on another.",
    "ones-columns": "{one} consists of ones; a vector times {one}ᵀ is repeated in every column.",
    "ones-rows": "{one} consists of ones; {one} times a transposed vector repeats it in every row.",
    "ones-alone": "{one} consists of ones; a number times {one} stands in every place.",
    "windows": "upsample writes each number into all places of its window.",
    "columns-typed": "v[:, None] repeats v in every column.",
    "sum": "Σ adds up all the places of what follows.",
    "sum-columns": "Σ marked “columns” adds up over the columns, for each row by itself.",
    "sum-rows": "Σ marked “rows” adds up over the rows, for each column by itself.",
    "sum-examples": "Σ marked “examples” adds up over the training examples.",
    "sum-units": "Σ marked “units” adds up over the units, for each training example by itself.",
    "sum-typed": "sum(v) adds up all entries; with axis=1 those of each row, with axis=0 those of each column.",
    "root-typed": "sqrt(v) is the square root of v.",
    "layers": "The number in parentheses counts the layers; {w} leads from {start} to {end}.",
    "counted": "The number in parentheses counts {counted}.",
    "rows": "{w} is in row {row} and column {column} of {W}.",
    "examples": "The last index counts the training examples.",
    "inputs-are": "{h} is the input, often called x.",
    "output-is": "{a} is what the network puts out, {y} what it should put out.",
    "net-and-out": "net is what comes into a unit, out what its activation function makes of it.",
    "counted-from-zero": "Indices count from 0, as in Python.",
    "typed": "* multiplies, ** raises to a power.",
    "products-typed": "@ multiplies matrices.",
    "outer-typed": "outer(u, v) multiplies all entries of u with all of v.",
    "transposed-typed": ".T turns rows into columns.",
    "updated": "{new} is {w} after the update.",
    "updated-alike": "{new} is {w} after the update; the other parameters move in the same way.",
    "rate": "{rate} is the learning rate: how far a step goes.",
    "setting-epsilon": "{setting} is tiny, and keeps what is divided by off 0.",
    "setting-weight_decay": "{setting} says how strongly weights are drawn towards 0.",
    "round": "{z} is {first} worked out again in round {count}.",
    "rounded-some": "Results are shown to {places}, some of them to {others} instead, rounded where ≈ stands; "
    "numbers put in have more where it matters.",
    "rounded": "Results are shown to {places}, rounded where ≈ stands; numbers put in have more where it matters.",
}

_PLACE = re.compile(r"\{(\w+)\}")

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def say(code: str, **places: Word | Sentence) -> Sentence:
    """The sentence of that code with its places filled; KeyError where one is left out."""
    words: list[Word] = []
    for number, part in enumerate(_PLACE.split(SENTENCES[code])):
        if number % 2 == 0:
            words.append(part)
        else:
            filling = places[part]
            words += filling if isinstance(filling, tuple) else (filling,)
    return tuple(word for word in words if word != "")


_ID = re.compile(r"\{([^{}]*)\}")


def filled(sentence: str, sign: Callable[[str], Sign]) -> Sentence:
    """A family's own sentence, whose braces hold the ids of quantities."""
    words = [part if number % 2 == 0 else sign(part) for number, part in enumerate(_ID.split(sentence))]
    return tuple(word for word in words if word != "")


def ids_in(sentence: str) -> tuple[str, ...]:
    """The ids in the braces of a family's own sentence."""
    return tuple(_ID.findall(sentence))


def listed(signs: Sequence[Sign]) -> Sentence:
    """Symbols as a list: a, b and c."""
    words: list[Word] = []
    for number, sign in enumerate(signs):
        if number:
            words.append(" and " if number == len(signs) - 1 else ", ")
        words.append(sign)
    return tuple(words)


def counted(number: int, noun: str) -> str:
    """A small number of things, in words: two inputs."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def count(number: int) -> str:
    """A small number as a word."""
    return _COUNTS[number] if number < len(_COUNTS) else str(number)
