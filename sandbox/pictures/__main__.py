"""``make pictures``: draws docs/pictures anew from the templates, the definition and the recorded execution.

``python -m sandbox.pictures --record .sandbox/executions.jsonl`` takes an execution of the last demo first.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from sandbox.assembly import STAGE, sandbox_assembly
from sandbox.pictures.album import ROOT, pictures, record
from sandbox.pictures.resources import read_deployed


def main() -> None:
    """Write every picture, and say so."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.pictures", description=__doc__)
    parser.add_argument("--record", type=Path, help="executions of a demo, one as JSON in a line: show one of these")
    arguments = parser.parse_args()
    if arguments.record is not None:
        record([json.loads(line) for line in arguments.record.read_text().splitlines()])
    for path, svg in pictures(read_deployed(sandbox_assembly(), STAGE)).items():
        path.write_text(svg)
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
