"""Room: exercises. The families, listed one by one: adding one is a module and a line here."""

from __future__ import annotations

from exercises.errors import InputError, unknown
from exercises.families import (
    attention,
    circuit,
    convolution,
    dropout,
    embedding,
    gru,
    lstm,
    maxout,
    mlp,
    normalisation,
    optimiser,
    recurrent,
    residual,
)
from exercises.families.family import Family

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        mlp.FAMILY,
        mlp.NEURON,
        mlp.CHAIN,
        circuit.FAMILY,
        recurrent.FAMILY,
        residual.FAMILY,
        dropout.FAMILY,
        embedding.FAMILY,
        maxout.FAMILY,
        lstm.FAMILY,
        gru.FAMILY,
        normalisation.FAMILY,
        attention.FAMILY,
        convolution.FAMILY,
        optimiser.FAMILY,
    )
}


def family_named(name: str) -> Family:
    """The family, or InputError with the nearest name there is."""
    if name not in FAMILIES:
        raise InputError(unknown("family", name, FAMILIES), where="family")
    return FAMILIES[name]
