"""Room: exercises. What somebody types for a symbol on paper: w5 for w₅, dJ/dw12(2) for ∂J/∂w₁₂⁽²⁾."""

from __future__ import annotations

import re
import unicodedata

from exercises.notation.glyphs import Derivative, Kind, Sign, identifier, plain

_LATEX = re.compile(r"\\([A-Za-z]+)")
_LATEX_WORDS = {"partial": "d", "lbrace": "{", "rbrace": "}"}
_TYPEFACES = ("mathbf", "mathrm", "boldsymbol", "mathit", "text", "mathtt")
_ROUND = re.compile(r"(?<![_^])\{([0-9]+)\}")
_SPACES = re.compile(r"[\s$`]+")
_DROPPED = str.maketrans("", "", "_^{}\\")
_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "sigma": "σ", "Delta": "Δ",
}  # fmt: skip
_HATTED = re.compile(r"\\hat\{?([A-Za-z])\}?")


def spelled(text: str) -> str:
    """The plainest form of a symbol as typed or pasted: no markup, no spaces, no raised or lowered signs, d for ∂."""
    text = _HATTED.sub("\\1\u0302", text)
    text = _LATEX.sub(_command, text)
    text = unicodedata.normalize("NFKC", text.replace("∂", "d").replace("𝜕", "d").replace("⁄", "/"))
    return _ROUND.sub(r"@\1", _SPACES.sub("", text)).translate(_DROPPED)


def _command(match: re.Match[str]) -> str:
    word = match[1]
    if word in _TYPEFACES:
        return ""
    return _LATEX_WORDS.get(word) or _GREEK.get(word, word)


def spellings(sign: Sign, loss: str = "") -> tuple[str, ...]:
    """Every way in which this sign may come back, as printed first; without repetitions.

    ``loss`` is another name of a derivative's top that is understood beside its own.
    """
    printed = plain(sign)
    ways = [printed, spelled(printed), identifier(sign), spelled(identifier(sign))]
    if isinstance(sign, Derivative):
        tops = () if sign.via else (plain(sign.top), loss)
        bottoms = (plain(sign.bottom), spelled(plain(sign.bottom)))
        ways += [f"{d}{top}/{d}{bottom}" for top in tops if top for bottom in bottoms for d in "d∂"]
    elif sign.base == "δ":
        ways.append(printed.replace("δ", "delta"))
    if isinstance(sign, Derivative) or sign.kind is not Kind.CODE:
        ways.append(printed.replace("[", "").replace("]", ""))
    return tuple(dict.fromkeys((*ways, *(spelled(way) for way in ways))))
