"""Room: exercises. The operations table: one row an operation, one column a way to read it."""

from __future__ import annotations

from exercises.operations.choosing import CHOOSING_ROWS
from exercises.operations.rearranging import REARRANGING_ROWS
from exercises.operations.row import Operation
from exercises.operations.scalar import SCALAR_ROWS
from exercises.operations.tensor import TENSOR_ROWS
from exercises.operations.windows import WINDOW_ROWS

OPERATIONS: dict[str, Operation] = {
    row.name: row for row in (*SCALAR_ROWS, *TENSOR_ROWS, *CHOOSING_ROWS, *REARRANGING_ROWS, *WINDOW_ROWS)
}

CALLABLE: dict[str, str] = {name: row.name for row in OPERATIONS.values() for name in row.called}
"""The functions a circuit's author may call, and the operations they name."""
