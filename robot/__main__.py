"""`python -m robot` is the command `serviweb`."""

from robot.cli import main

if __name__ == "__main__":  # the process beside (robot/browser/aside.py) imports this module too
    main()
