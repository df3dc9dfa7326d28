"""``python -m pipeline``: the program `wirewatch`, also where its script cannot be found."""

from pipeline.cli import main

main()
