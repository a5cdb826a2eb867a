"""Room: templates. A drawing in words: the text alternative, which names every node, every edge and every number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from templates.diagram.graph import Graph, Layer, Network, Vertex, Wire
from templates.diagram.marks import EXAMPLES_NOTE
from templates.diagram.shapes import Label, Lettering

MOST_LABELLED = 12
"""Edges between two layers; the weights of more stand in a matrix instead."""

LEFT_BLANK = "left blank"


def listed(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def is_dense(layer: Layer, before: Layer) -> bool:
    """Whether there are more edges between the two than can be labelled."""
    return layer.units * before.units > MOST_LABELLED


def _said(name: str, lettering: Lettering) -> str:
    """A quantity, with its number where it is drawn."""
    digits = lettering.number(name)
    spoken = lettering.spoken(name)
    if digits is None:
        return spoken
    return f"{spoken} {LEFT_BLANK}" if digits == "" else f"{spoken} = {digits}"


def describe_network(network: Network, lettering: Lettering, *, weights_as_numbers: bool = True) -> str:
    """Layers, units, biases and every edge with its weight; of dense layers only that all units are joined."""
    at_edges = lettering if weights_as_numbers else replace(lettering, numbers={}, room=())
    sizes = [str(layer.units) for layer in network.layers]
    sentences = [f"Layered network from left to right with {listed(sizes)} units."]
    sentences.append(f"Inputs: {_units(network.layers[0], lettering)}.")
    for number, (before, layer) in enumerate(zip(network.layers, network.layers[1:], strict=False), start=1):
        kind = "outputs" if number == len(network.layers) - 1 else "hidden units"
        sentences.append(f"Layer {number}, {kind}: {_units(layer, lettering)}.")
        sentences += _edges(before, layer, at_edges)
        sentences += _biases(layer, at_edges)
    targets = [_said(network.target_of(k), lettering) for k in range(1, network.layers[-1].units + 1)]
    sentences.append(f"The loss {_said(network.loss, lettering)} compares the outputs with {listed(targets)}.")
    if network.examples is not None:
        sentences.append(EXAMPLES_NOTE.format(count=network.examples))
    return " ".join(sentences)


def _units(layer: Layer, lettering: Lettering) -> str:
    return listed([_said(layer.unit(k), lettering) for k in range(1, layer.units + 1)])


def _edges(before: Layer, layer: Layer, lettering: Lettering) -> list[str]:
    if is_dense(layer, before):
        weights = lettering.spoken(layer.weights)
        return [f"Every unit is joined to every unit of the layer before; the weights {weights} stand in a matrix."]
    return [
        f"From {lettering.spoken(before.unit(source))} to {lettering.spoken(layer.unit(to))}: "
        f"{_said(layer.weight(to, source), lettering)}."
        for to in range(1, layer.units + 1)
        for source in range(1, before.units + 1)
    ]


def _biases(layer: Layer, lettering: Lettering) -> list[str]:
    if not layer.bias:
        return []
    if layer.shared_bias:
        return [f"Bias of the whole layer: {_said(layer.bias, lettering)}."]
    biases = [_said(layer.bias_of(k), lettering) for k in range(1, layer.units + 1)]
    return [f"Biases: {listed(biases)}."]


# --- computation graphs -------------------------------------------------------------------------------------------


def plain(label: Label) -> str:
    """A label as characters in a row."""
    return "".join(run.text for run in label)


def describe_circuit(graph: Graph, lettering: Lettering) -> str:
    """Every given, every operation with the edges that lead into it, and their numbers, in the program's order."""
    inner = _inner_names(graph)
    sentences = [f"Computation graph with {_count(graph)}."]
    for vertex in graph.vertices:
        incoming = [wire for wire in graph.wires if wire.target == vertex.key]
        sentences.append(_sentence(graph, vertex, incoming, inner, lettering))
    return " ".join(sentences)


def _inner_names(graph: Graph) -> dict[str, str]:
    unnamed = [vertex.key for vertex in graph.vertices if not vertex.name]
    return {key: f"inner result {number}" for number, key in enumerate(unnamed, start=1)}


def _count(graph: Graph) -> str:
    operations = sum(bool(vertex.sign) for vertex in graph.vertices)
    return f"{operations} operation{'s' if operations != 1 else ''} and the output {graph.output}"


def _sentence(
    graph: Graph, vertex: Vertex, incoming: Sequence[Wire], inner: dict[str, str], lettering: Lettering
) -> str:
    name = inner.get(vertex.key) or lettering.spoken(vertex.name)
    sentence = f"{name} is given" if not vertex.sign else f"{name} is made by {plain(vertex.sign)}"
    if incoming:
        sources = [_incoming(wire, inner, lettering) for wire in incoming]
        sentence += f" from {listed(sources)}"
    numbers = _numbers(graph, vertex, lettering)
    return sentence + (f"; {listed(numbers)}." if numbers else ".")


def _incoming(wire: Wire, inner: dict[str, str], lettering: Lettering) -> str:
    source = inner.get(wire.source) or lettering.spoken(wire.source)
    share = lettering.number(wire.path) if wire.path else None
    if share is None:
        return source
    return f"{source} (gradient along this edge {share or LEFT_BLANK})"


def _numbers(graph: Graph, vertex: Vertex, lettering: Lettering) -> list[str]:
    if not vertex.name:
        return []
    kinds = (("value", vertex.name), ("gradient", graph.gradient(vertex.name)))
    found = [(kind, lettering.number(name)) for kind, name in kinds]
    return [f"{kind} {digits or LEFT_BLANK}" for kind, digits in found if digits is not None]
