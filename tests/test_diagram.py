"""Drawings: nothing covers anything else, the words say what the picture says, SVG is safe and the same every time."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations, pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
import typst

from exercises.expression import Apply, Symbol, apply
from exercises.families import FAMILIES
from exercises.families.circuit import CircuitOptions
from exercises.families.gru import GruOptions
from exercises.families.lstm import LstmOptions
from exercises.families.mlp import MlpOptions
from exercises.families.optimiser import OptimiserOptions
from exercises.families.updates import Optimizer
from exercises.names import cell_ids, parse_cell
from exercises.notation import notation_for
from exercises.operations import OPERATIONS
from exercises.plan import run
from exercises.program import Given, Part, Program, Role, Step
from exercises.specification import parse_specification
from exercises.variants import draw, practice_seed
from exercises.writing import Difference, MatrixProduct, OuterProduct, Product, Quotient, Raised, Sum
from templates.diagram import Label, Lettering, Level, Picture, Run, draw_circuit, draw_network, to_svg
from templates.diagram.bands import in_bands
from templates.diagram.curves import part, point_at
from templates.diagram.graph import read_graph, read_network
from templates.diagram.layered import never_falling
from templates.diagram.lettering import SCRIPT_SIZE
from templates.diagram.network import shown
from templates.diagram.notated import lettering_in
from templates.diagram.shapes import Box, Ink, Node, Stroke, Text
from templates.diagram.signs import is_ordered, sign
from templates.diagram.sketch import draw_sketch
from templates.diagram.sketch_reading import read_sketch
from templates.diagram.svg import escaped
from templates.diagram.words import MOST_LABELLED
from templates.html import sheet_html
from templates.paper import paper_exercise
from templates.paper_figure import paper_figure
from templates.render import Header, sheet_files

SVG = "{http://www.w3.org/2000/svg}"
SIZES = [(2, 2, 1), (2, 2, 2), (3, 3, 1), (3, 3, 2), (1, 1, 1), (4, 4, 2)]
HOSTILE = '<script>alert("x")</script>&\x00\ud800]]>\'{{7*7}}'


def scripts(name: str) -> Label:
    """Quantities as in most courses: the layer above, the unit below."""
    cell = parse_cell(name)
    parts = re.fullmatch(r"([^\W\d_]+)(\d*)", cell.quantity)
    if parts is None:
        return (Run(name, italic=True),)
    below = Run("".join(map(str, cell.index)), Level.SUB)
    above = Run(f"({parts[2]})", Level.SUPER)
    return (Run(parts[1], italic=True), *([below] if cell.index else []), *([above] if parts[2] else []))


def network(*layers: int, **options: object) -> Program:
    return FAMILIES["mlp"].build(MlpOptions(layers=layers, **options))  # type: ignore[arg-type]


def circuit(**options: object) -> Program:
    return FAMILIES["circuit"].build(CircuitOptions(**options))  # type: ignore[arg-type]


def numbers(program: Program, seed: int = 1) -> dict[str, str]:
    """Every cell of a program worked out from drawn givens, as it would be printed."""
    draw = np.random.default_rng(seed)
    given = {
        q.name: draw.choice([-1, 1], (*q.shape, 1)) * draw.uniform(0.2, 1.9, (*q.shape, 1)) for q in program.givens
    }
    values = {**given, **run(program, given)}
    return {
        cell: f"{value:.3f}"
        for name, array in values.items()
        for cell, value in zip(cell_ids(name, program.shapes[name]), array.reshape(-1), strict=True)
    }


def drawn_network(program: Program, lettering: Lettering, **options: object) -> Picture:
    picture = draw_network(program, lettering, **options)  # type: ignore[arg-type]
    assert picture is not None
    return picture


def own_node(text: Text, nodes: tuple[Node, ...]) -> Node | None:
    """The node in which a text stands: that of the same quantity, right around the text's middle."""
    x, y = (text.box.left + text.box.right) / 2, (text.box.top + text.box.bottom) / 2
    return next((node for node in nodes if node.of == text.of and node.box.holds((x, y))), None)


def overlaps(picture: Picture) -> list[str]:
    """Every pair of shapes that share room: text on text, text on a node that isn't its own, node on node."""
    found = [f"{a.of} and {b.of}" for a, b in combinations(picture.texts, 2) if a.box.overlaps(b.box)]
    found += [f"nodes {a.of} and {b.of}" for a, b in combinations(picture.nodes, 2) if a.box.overlaps(b.box)]
    for text in picture.texts:
        own = own_node(text, picture.nodes)
        found += [
            f"{text.of} on {node.of}" for node in picture.nodes if node is not own and text.box.overlaps(node.box)
        ]
        if own is not None and not (own.box.left <= text.box.left and text.box.right <= own.box.right):
            found.append(f"{text.of} out of its node")
    return found


def struck_through(picture: Picture) -> list[str]:
    """Texts that a line runs through; lines around nodes and dotted rules are no edges."""
    edges = [shape.points for shape in picture.shapes if isinstance(shape, Stroke) and not shape.dotted]
    points = np.array([point_at(edge, k / 80) for edge in edges for k in range(81)])
    return [text.of for text in picture.texts if holds_any(text.box.grown(-0.4), points)]


def holds_any(box: Box, points: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bool:
    x, y = points[:, 0], points[:, 1]
    return bool(((x > box.left) & (x < box.right) & (y > box.top) & (y < box.bottom)).any())


def outside(picture: Picture) -> list[str]:
    page = Box(0, 0, picture.width, picture.height)
    return [
        text.of
        for text in picture.texts
        if text.box.left < page.left
        or text.box.right > page.right
        or text.box.top < page.top
        or text.box.bottom > page.bottom
    ]


def is_clear(picture: Picture) -> bool:
    found = overlaps(picture) + struck_through(picture) + outside(picture)
    assert not found
    return True


# --- networks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layers", SIZES)
@pytest.mark.parametrize("weights", ["names", "numbers", "both"])
def test_nothing_in_a_network_covers_anything(layers: tuple[int, ...], weights: str) -> None:
    program = network(*layers)
    picture = drawn_network(program, Lettering(scripts, numbers=numbers(program)), weights=weights)
    assert is_clear(picture)


@pytest.mark.parametrize("layers", SIZES)
def test_every_weight_of_a_sparse_layer_stands_once_at_an_edge(layers: tuple[int, ...]) -> None:
    program = network(*layers)
    picture = drawn_network(program, Lettering(scripts))
    texts = [text.of for text in picture.texts]
    for number, (before, after) in enumerate(pairwise(layers), start=1):
        for cell in cell_ids(f"W{number}", (after, before)):
            assert texts.count(cell) == (1 if before * after <= MOST_LABELLED else 0)


def test_a_weight_stands_on_its_own_edge() -> None:
    picture = drawn_network(network(3, 3, 2), Lettering(scripts))
    middles = {
        node.of: ((node.box.left + node.box.right) / 2, (node.box.top + node.box.bottom) / 2) for node in picture.nodes
    }
    for text in picture.texts:
        if text.of.startswith("W"):
            cell = parse_cell(text.of)
            layer = int(cell.quantity[1:])
            to, source = cell.index
            start = middles[f"x[{source}]" if layer == 1 else f"a{layer - 1}[{source}]"]
            end = middles[f"a{layer}[{to}]"]
            x, y = (text.box.left + text.box.right) / 2, text.y - 0.33 * text.size
            share = (x - start[0]) / (end[0] - start[0])
            assert 0 < share < 1
            assert y == pytest.approx(start[1] + share * (end[1] - start[1]), abs=0.01)


def test_weights_of_a_dense_layer_stand_in_a_matrix_and_a_note_says_so() -> None:
    picture = drawn_network(network(4, 4, 2), Lettering(scripts))
    note = "".join(run.text for text in picture.texts if not text.of for run in text.label)
    assert note == "The weights W(1) stand in a matrix."
    assert "W1 stand in a matrix" in picture.description
    assert is_clear(picture)


@pytest.mark.parametrize("layers", [(5, 5, 5), (2, 20, 3), (64, 64), (2, 3, 2, 3, 2, 1)])
def test_large_networks_come_out_clear(layers: tuple[int, ...]) -> None:
    picture = drawn_network(network(*layers, activations="sigmoid"), Lettering(scripts))
    assert is_clear(picture)


def test_of_a_large_layer_the_first_and_the_last_are_drawn() -> None:
    assert shown(8) == (1, 2, 3, 4, 5, 6, 7, 8)
    assert shown(20) == (1, 2, 3, 4, 5, 6, 0, 20)


def test_units_of_a_layer_stand_below_each_other_and_a_textbook_size_fits_the_page() -> None:
    picture = drawn_network(network(2, 2, 1), Lettering(scripts))
    lefts = {node.of: node.box.left for node in picture.nodes}
    assert (
        lefts["x[1]"] == lefts["x[2]"] < lefts["a1[1]"] == lefts["a1[2]"] < lefts["a2[1]"] < lefts["J"] < lefts["y[1]"]
    )
    assert picture.width <= 400


def test_room_is_left_for_what_is_asked() -> None:
    program = network(2, 2, 1)
    sheet = drawn_network(program, Lettering(scripts, room=("a1[1]", "a1[2]", "J")))
    assert sum(isinstance(shape, Stroke) and shape.dotted for shape in sheet.shapes) == 3
    assert "a1[1] left blank" in sheet.description
    assert is_clear(sheet)


def test_a_shared_bias_is_the_same_at_every_unit() -> None:
    picture = drawn_network(network(2, 2, 1, bias="shared"), Lettering(scripts))
    assert [text.of for text in picture.texts].count("b1") == 2
    assert "Bias of the whole layer: b1." in picture.description


def test_later_rounds_leave_the_drawing_as_it_is_and_several_examples_are_a_note_below_it() -> None:
    plain = drawn_network(network(2, 2, 1), Lettering(scripts))
    rounds = drawn_network(network(2, 2, 1, rounds=2, optimizer=Optimizer(learning_rate=0.1)), Lettering(scripts))
    examples = drawn_network(network(2, 2, 1, examples=3), Lettering(scripts))
    assert plain == rounds
    assert [text.label for text in examples.texts[:-1]] == [text.label for text in plain.texts] and is_clear(examples)
    (said,) = examples.texts[-1].label
    assert said.text == "Each of the 3 training examples goes through the same network."
    assert examples.description == f"{plain.description} {said.text}"


def test_a_circuit_is_no_layered_network() -> None:
    assert read_network(circuit(lines=("q = x + y", "f = q * z"))) is None
    assert draw_network(circuit(lines=("f = x * y",)), Lettering()) is None


def test_weights_that_skip_a_layer_are_no_layered_network() -> None:
    x, W1, W2 = Symbol("x", (2,)), Symbol("W1", (2, 2)), Symbol("W2", (1, 2))
    givens = (Given("x", (2,), Role.INPUT), Given("W1", (2, 2), Role.WEIGHT), Given("W2", (1, 2), Role.WEIGHT))
    steps = (
        Step("z1", W1 @ x, Part.FORWARD, Role.PREACTIVATION),
        Step("z2", W2 @ x, Part.FORWARD, Role.PREACTIVATION),
        Step("J", apply("sum", Symbol("z2", (1,)), parameters=((0,),)), Part.LOSS, Role.LOSS),
    )
    assert read_network(Program(givens, steps, "J")) is None


# --- computation graphs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(44))
def test_nothing_in_a_circuit_covers_anything(number: int) -> None:
    program = circuit(size=2 + number % 11, structure=1 + number)
    known = numbers(program, number)
    if number % 3 == 0:  # a sheet: only the givens, room for the rest
        givens = {given.name for given in program.givens}
        lettering = Lettering(
            numbers={name: text for name, text in known.items() if name in givens},
            room=[step.name for step in program.steps],
        )
    else:
        lettering = Lettering(numbers=known)
    picture = draw_circuit(program, lettering)
    assert is_clear(picture)
    assert {text.of for text in picture.texts} >= {quantity.key for quantity in read_graph(program).vertices}


def test_values_stand_above_and_gradients_below_in_italics() -> None:
    program = circuit(lines=("q = x + y", "f = q * z"))
    picture = draw_circuit(program, Lettering(numbers={"q": "3", "df/dq": "-4", "f": "-12"}))
    value, gradient = (text_of(picture, name) for name in ("q", "df/dq"))
    assert value.box.bottom <= gradient.box.top
    assert gradient.label == (Run("−4", italic=True),)
    assert not value.label[0].italic
    assert value.ink is not gradient.ink


def text_of(picture: Picture, name: str) -> Text:
    """The number that belongs to a quantity (its name and sign have the main ink)."""
    return next(text for text in picture.texts if text.of == name and text.ink.value in ("value", "gradient"))


def test_long_circuits_run_down_the_page() -> None:
    program = circuit(expression="1/(1+exp(-(w0*x0+w1*x1+w2)))")
    picture = draw_circuit(program, Lettering(numbers=numbers(program)))
    assert picture.height > picture.width
    assert picture.width < 400
    assert text_of(picture, "u3").box.right <= text_of(picture, "df/du3").box.left


def test_sheet_and_key_of_a_circuit_run_the_same_way() -> None:
    program = circuit(lines=("q = x*y + sin(x)", "r = max(q, y)", "s = r/x", "t = s*y + x", "u = t*t + sin(t)"))
    key = Lettering(numbers=numbers(program))
    sheet = Lettering()
    alone = draw_circuit(program, sheet)
    assert alone.width > alone.height  # it would fit from left to right, and the key doesn't
    for one, other in ((sheet, key), (key, sheet)):
        picture = draw_circuit(program, one, beside=other)
        assert picture.height > picture.width


def test_a_fork_shows_each_branch_its_share_and_the_sum_at_the_stem() -> None:
    program = circuit(lines=("q = x + y", "f = q * x"))
    picture = draw_circuit(program, Lettering(numbers=numbers(program)))
    assert {"df/dx", "df/dx.1", "df/dx.2"} <= {text.of for text in picture.texts}
    assert is_clear(picture)


def test_the_backward_pass_starts_from_one() -> None:
    program = circuit(lines=("q = x + y", "f = q * z"))
    assert text_of(draw_circuit(program, Lettering(room=("df/dq",))), "df/df").label[0].text == "1"
    assert "df/df" not in {text.of for text in draw_circuit(program, Lettering(numbers={"q": "1"})).texts}


def test_arguments_of_a_difference_come_in_by_their_order() -> None:
    """Whatever the layout does with x and y, the first argument's edge ends above the second's."""
    for lines in (("f = x - y",), ("a = x * y", "f = y - a"), ("a = x * y", "b = a * z", "f = x - b")):
        program = circuit(lines=lines)
        graph = read_graph(program)
        picture = draw_circuit(program, Lettering())
        node = next(node for node in picture.nodes if node.of == "f")
        ends = [
            shape.points[-1]
            for shape in picture.shapes
            if isinstance(shape, Stroke) and abs(shape.points[-1][0] - node.box.left) < 4
        ]
        assert len(ends) == 2
        wires = [wire for wire in graph.wires if wire.target == "f"]
        assert [end[1] for end in ends] == sorted(end[1] for end in ends)  # strokes come in the order of the wires
        assert [wire.port for wire in wires] == [0, 1]


def test_numbers_of_the_formula_are_part_of_the_sign() -> None:
    program = circuit(lines=("a = 1 - x", "b = a ^ 3", "c = b / 2", "d = max(c, 0)", "e = 2 * d", "f = 1 / e"))
    signs = ["".join(run.text for run in vertex.sign) for vertex in read_graph(program).vertices if vertex.sign]
    assert signs == ["1−(·)", "(·)3", "÷2", "max(·, 0)", "×2", "1/(·)"]


def test_every_operation_of_the_table_has_a_sign() -> None:
    of_two = Sum, Difference, Product, MatrixProduct, OuterProduct, Quotient, Raised
    for name, row in OPERATIONS.items():
        names = ("x", "y") if isinstance(row.written, of_two) else ("x",)
        label = sign(Apply(name, tuple(map(Symbol, names)), (), ()))
        assert "".join(run.text for run in label).strip(), name


def test_only_sums_products_and_maxima_may_swap_their_edges() -> None:
    x, y = Symbol("x"), Symbol("y")
    assert not any(is_ordered(node) for node in (x + y, x * y, apply("maximum", x, y)))
    assert all(is_ordered(node) for node in (x - y, x / y, x**y))
    assert not is_ordered(x - 1)


def test_tensor_programs_have_a_graph_too() -> None:
    picture = draw_circuit(network(2, 2, 1), Lettering(scripts))
    assert is_clear(picture)
    assert "z1 is made by + from inner result 1 and b1." in picture.description


# --- notations --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["layered", "delta", "adventures", "numbered", "code"])
@pytest.mark.parametrize("weights", ["names", "numbers"])
def test_every_notation_fits(style: str, weights: str) -> None:
    for layers in ((2, 2, 2), (3, 3, 1)):
        program = network(*layers)
        lettering = lettering_in(notation_for(style, program), numbers(program))
        assert is_clear(drawn_network(program, lettering, weights=weights))


def test_signs_are_set_as_the_notation_says() -> None:
    program = network(2, 2, 1)
    lettering = lettering_in(notation_for("layered", program), {})
    assert lettering.label("W1[1,2]") == (Run("w", italic=True), Run("12", Level.SUB), Run("(1)", Level.SUPER))
    assert lettering.label("W1") == (Run("W", italic=True, bold=True), Run("(1)", Level.SUPER))
    assert lettering.label("a2[1]") == (Run("ŷ", italic=True),)
    assert lettering.spoken("W1[1,2]") == "w 1 2 superscript 1"


@pytest.mark.parametrize("style", ["layered", "adventures", "numbered", "code"])
def test_a_unit_of_several_examples_is_written_without_the_example(style: str) -> None:
    one, several = network(2, 2, 2), network(2, 2, 2, examples=3)
    for name in ("x[2]", "a1[1]", "a2[2]", "y[1]"):
        assert lettering_in(notation_for(style, several), {}).label(name) == lettering_in(
            notation_for(style, one), {}
        ).label(name)


# --- the text alternative ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layers", SIZES)
def test_the_description_names_every_edge_of_a_network(layers: tuple[int, ...]) -> None:
    program = network(*layers)
    known = numbers(program)
    described = drawn_network(program, Lettering(scripts, numbers=known), weights="both").description
    for number, (before, after) in enumerate(pairwise(layers), start=1):
        for cell in cell_ids(f"W{number}", (after, before)):
            to, source = parse_cell(cell).index
            start = f"x[{source}]" if number == 1 else f"a{number - 1}[{source}]"
            sentence = f"From {start} to a{number}[{to}]: {cell} = {known[cell].replace('-', '−')}."
            assert (sentence in described) == (before * after <= MOST_LABELLED)


def test_the_description_says_no_number_that_the_picture_does_not_show() -> None:
    program = network(2, 2, 1)
    picture = drawn_network(program, Lettering(scripts, numbers={"W1[1,2]": "0.35"}), weights="names")
    assert "0.35" not in picture.description
    assert "From x[2] to a1[1]: W1[1,2]." in picture.description


def test_the_description_names_every_edge_and_number_of_a_circuit() -> None:
    program = circuit(lines=("q = x + y", "f = q * x"))
    known = numbers(program)
    described = draw_circuit(program, Lettering(numbers=known)).description

    def printed(name: str) -> str:
        return known[name].replace("-", "−")

    assert f"f is made by × from q and x (gradient along this edge {printed('df/dx.2')})" in described
    assert f"q is made by + from x (gradient along this edge {printed('df/dx.1')}) and y" in described
    for name in ("x", "y", "q"):
        assert f"value {printed(name)} and gradient {printed(f'df/d{name}')}." in described


def test_spoken_names_go_into_the_description() -> None:
    described = draw_circuit(circuit(lines=("f = x * y",)), Lettering(spoken=lambda name: f"the {name}")).description
    assert "the f is made by × from the x and the y." in described


# --- SVG --------------------------------------------------------------------------------------------------------------


def pictures() -> list[Picture]:
    program = circuit(lines=("q = x + y", "r = max(x, 2*q)", "f = 1/(q*r - 1)^2"))
    sheet = network(3, 3, 2)
    return [
        draw_circuit(program, Lettering(numbers=numbers(program))),
        drawn_network(sheet, Lettering(scripts, numbers=numbers(sheet), room=("J",)), weights="both"),
        drawn_network(network(5, 5, 5), Lettering(scripts)),
    ]


@pytest.mark.parametrize("fixed_colours", [False, True])
def test_svg_is_valid_and_carries_its_text_alternative(fixed_colours: bool) -> None:
    for picture in pictures():
        root = ElementTree.fromstring(to_svg(picture, fixed_colours=fixed_colours))
        title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert root.get("role") == "img"
        assert root.get("viewBox", "").split()[:2] == ["0", "0"]
        assert title is not None and title.text == picture.title
        assert desc is not None and desc.text == picture.description
        assert (root.get("aria-labelledby"), root.get("aria-describedby")) == (title.get("id"), desc.get("id"))
        drawn = ["".join(text.itertext()).replace("\u00a0", " ") for text in root.iter(f"{SVG}text")]
        for text, characters in zip(picture.texts, drawn, strict=True):
            assert sorted(characters) == sorted("".join(run.text for run in text.label))


def test_colours_follow_the_page_or_are_plain_attributes() -> None:
    picture = pictures()[0]
    styled, plain = to_svg(picture), to_svg(picture, fixed_colours=True)
    assert "prefers-color-scheme:dark" in styled and 'fill="currentColor"' in styled
    assert "<style" not in plain and "currentColor" not in plain and 'class="gd-' not in plain


def test_fixed_colours_are_read_by_typst() -> None:
    for picture in pictures():
        sources = {
            "main": b'#set document(date: none)\n#image("drawing.svg", alt: "drawing")',
            "drawing.svg": to_svg(picture, fixed_colours=True).encode(),
        }
        pdf, warnings = typst.compile_with_warnings(sources, ignore_system_fonts=True)
        assert pdf.startswith(b"%PDF") and not warnings


def test_gradients_are_told_from_values_without_colour() -> None:
    root = ElementTree.fromstring(to_svg(pictures()[0]))
    for text in root.iter(f"{SVG}text"):
        slanted = any(run.get("font-style") == "italic" for run in text)
        if text.get("class") == "gd-gradient":
            assert slanted
        if text.get("class") == "gd-value":
            assert not slanted


def test_hostile_text_stays_text() -> None:
    lettering = Lettering(lambda name: (Run(HOSTILE), Run(HOSTILE, Level.SUB)), lambda name: HOSTILE, {"q": HOSTILE})
    picture = draw_circuit(circuit(lines=("q = x + y", "f = q * z")), lettering, title=HOSTILE)
    source = to_svg(picture)
    root = ElementTree.fromstring(source)
    assert not [element for element in root.iter() if element.tag == f"{SVG}script"]
    title = root.find(f"{SVG}title")
    assert title is not None and title.text == HOSTILE.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    source.encode("utf-8")


def test_a_hostile_identity_stays_in_its_attribute() -> None:
    root = ElementTree.fromstring(to_svg(pictures()[0], identity='"><script/>'))
    assert not list(root.iter(f"{SVG}script"))
    assert escaped('"<&>') == "&quot;&lt;&amp;&gt;"


def test_pictures_on_one_page_have_different_ids() -> None:
    ids = [re.findall(r' id="([^"]+)"', to_svg(picture)) for picture in pictures()]
    assert len({name for names in ids for name in names}) == 2 * len(ids)
    assert re.findall(r' id="([^"]+)"', to_svg(pictures()[0], identity="sheet-7")) == ["sheet-7-t", "sheet-7-d"]


_FRESH = """
import sys, hashlib
sys.path.insert(0, "tests")
from test_diagram import pictures
from templates.diagram import to_svg
print(hashlib.sha256("".join(map(to_svg, pictures())).encode()).hexdigest())
"""


def test_the_same_drawing_is_the_same_bytes_in_fresh_processes() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", _FRESH],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_drawings_of_a_class_differ_in_digits_only() -> None:
    program = network(3, 3, 2)

    def places(seed: int) -> list[tuple[float, float]]:
        picture = drawn_network(program, Lettering(scripts, numbers=numbers(program, seed)), weights="numbers")
        return [((t.box.left + t.box.right) / 2 - picture.nodes[0].box.left, t.y) for t in picture.texts]

    for one, other in zip(places(1), places(2), strict=True):
        assert one == pytest.approx(other)


# --- the parts --------------------------------------------------------------------------------------------------------


OPTIMIZERS = {"sgd": "", "momentum": "v", "nesterov": "v", "rmsprop": "v", "adam": "mv", "adamw": "mv"}
"""With what each keeps from step to step."""


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("steps", [1, 2, 6])
def test_an_optimizer_is_drawn_step_by_step_with_what_it_keeps(name: str, steps: int) -> None:
    program = FAMILIES["optimiser"].build(OptimiserOptions(steps=steps, optimizer=Optimizer(name)))  # type: ignore[arg-type]
    picture = draw_sketch(program, lettering_in(notation_for("layered", program), {}))
    assert picture is not None and is_clear(picture) and picture.width < 600
    numbered = range(steps + 1)
    states = {f"{letter}{number}" for letter in OPTIMIZERS[name] for number in numbered}
    assert {node.of for node in picture.nodes} == states | {f"w{k}" for k in numbered} | {f"g{k}" for k in numbered[1:]}
    edges = {(edge.source, edge.target) for edge in read_sketch(program).edges}
    for k in numbered[1:]:
        assert (f"w{k - 1}", f"w{k}") in edges
        for letter in OPTIMIZERS[name]:
            assert {(f"{letter}{k - 1}", f"{letter}{k}"), (f"g{k}", f"{letter}{k}"), (f"{letter}{k}", f"w{k}")} <= edges
        assert any(source == f"g{k}" for source, _ in edges)


def test_all_formats_show_an_optimizer() -> None:
    (exercise,) = parse_specification('[[exercise]]\nfamily = "optimiser"\n', "a.toml").exercises
    exercise = draw(exercise, practice_seed("", 1)).exercise
    assert list(sheet_files(Header("T"), [exercise], "ada")) == ["ada.md", "ada.svg"]
    assert "<svg" in sheet_html(Header("T"), [exercise])
    assert paper_exercise(exercise, several=False, worked=False, with_room=True).figure is not None


CELLS = [("lstm", LstmOptions, 2), ("lstm", LstmOptions, 3), ("gru", GruOptions, 3)]


@pytest.mark.parametrize(("family", "options", "steps"), CELLS)
@pytest.mark.parametrize("loss_at", ["last", "every"])
def test_long_cells_go_on_below_in_type_that_can_be_read(family: str, options: type, steps: int, loss_at: str) -> None:
    program = FAMILIES[family].build(options(time_steps=steps, loss_at=loss_at))
    picture = draw_sketch(program, lettering_in(notation_for("layered", program), {}))
    assert picture is not None and is_clear(picture)
    scale = paper_figure(picture).width / picture.width
    assert min(text.size for text in picture.texts if text.of) * SCRIPT_SIZE * scale > 5
    black = [node.of for node in picture.nodes if node.ink is Ink.MAIN]
    assert sorted(black) == sorted(read_sketch(program).places)
    grey = {node.of for node in picture.nodes if node.ink is Ink.FAINT}
    assert grey and grey <= set(black)


def test_a_band_takes_over_what_it_reads_and_nothing_else() -> None:
    program = FAMILIES["lstm"].build(LstmOptions(time_steps=2))
    whole = read_sketch(program)
    banded = in_bands(whole, 10.0)
    assert sorted(banded.again.values()) == ["c1", "h1"]
    assert {(banded.quantity(edge.source), edge.target, edge.weights) for edge in banded.edges} == {
        (edge.source, edge.target, edge.weights) for edge in whole.edges
    }
    row = {name: place[1] for name, place in banded.places.items()}
    lowest = max(row[name] for name in row if name.endswith("1") and name not in banded.again)
    assert all(row[edge.source] > lowest for edge in banded.edges if edge.target.endswith("2"))
    assert in_bands(whole, 12.0) is whole


def test_a_part_of_a_curve_lies_on_the_curve() -> None:
    curve = ((0.0, 0.0), (10.0, 0.0), (10.0, 20.0), (30.0, 20.0))
    piece = part(curve, 0.25, 0.75)
    for share in (0.0, 0.3, 1.0):
        assert point_at(piece, share) == pytest.approx(point_at(curve, 0.25 + share / 2))


def test_places_that_would_fall_are_pooled() -> None:
    assert never_falling([1.0, 3.0, 2.0, 4.0], [1.0, 1.0, 1.0, 1.0]) == [1.0, 2.5, 2.5, 4.0]
    assert never_falling([3.0, 0.0], [2.0, 1.0]) == [2.0, 2.0]
