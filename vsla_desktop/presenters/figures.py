"""Moved to :mod:`vsla_desktop.wording`."""

from vsla_desktop.wording import figure, percent, whole

__all__ = ["figure", "percent", "whole"]
