"""`python -m robot` is the command `serviweb`."""

from robot.cli import main

main()
