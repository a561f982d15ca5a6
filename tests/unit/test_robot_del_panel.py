"""The robot's process, as the panel begins it."""

from __future__ import annotations

from pathlib import Path

from robot.panel.robot import Robot
from robot.settings import load


def test_a_panel_without_a_robot_begins_none(tmp_path: Path) -> None:
    """With `--sin-robot` no page begins one: another process, or machine, works the queue."""
    robot = Robot(settings=load(carpeta=tmp_path), permitido=False)
    assert not robot.iniciar()
    assert not robot.trabaja
    assert not (tmp_path / "robot.log").exists()
