"""Which road the records of files take: they go through a run whose output goes nowhere."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from .._explain import Explainer
from .._explanation import Explanation
from .._recipe import require_transform
from ._format import writer
from ._outputs import Outputs
from ._report import Report
from ._run import Job, require_input_format
from ._source import locate

if TYPE_CHECKING:
    from .._source import Input
    from .._transform import Transform


def explain(
    inputs: Any,
    transform: Transform,
    *,
    input: Input = "auto",
    progress: Callable[[Report], None] | None = None,
) -> Explanation:
    """Runs all records of all inputs through a recipe and says which engine did them, and why. Nothing is
    written; failed records are counted.

    ``inputs``, ``input`` and ``progress`` are as for :func:`wasmrecords.run`, as is what it raises;
    ``transform`` is from :func:`wasmrecords.jq` or :func:`wasmrecords.validate`, and without inputs
    :meth:`wasmrecords.Transform.explain` says what can be said of it.
    """
    require_input_format(input)
    require_transform(transform)
    started = time.perf_counter(), time.process_time()
    places = locate(inputs)
    with open(os.devnull, "wb", buffering=0) as nothing, Explainer(transform) as explainer:
        outputs = Outputs.choose(nothing, None, None, nothing)
        # It has what a run asks of a transform.
        counting = cast("Transform", explainer)
        job = Job(places, counting, outputs, started=started, progress=progress)
        job.run(input, partial(writer, "ndjson"))
        return explainer.explanation()
