"""The colours of the program, named by what they mean.

They come from the palette of Okabe and Ito, which people with any colour vision can tell apart,
darkened on paper and lightened at night until text in them has a contrast of at least 4.5 to 1.
A colour never stands alone: an icon and a word always go with it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from vsla_desktop.presenters.shell import Tone


@dataclass(frozen=True, slots=True)
class Colours:
    """One colour a role, as ``#rrggbb``."""

    is_dark: bool
    text: str
    muted: str
    surface: str
    raised: str
    sunken: str
    edge: str
    accent: str
    accent_strong: str
    on_accent: str
    accent_tint: str
    good: str
    good_tint: str
    warning: str
    warning_tint: str
    error: str
    error_tint: str
    money_in: str
    money_out: str
    stripe: str
    selection: str
    focus: str

    def of(self, tone: Tone) -> str:
        """The colour of text with this tone."""
        return {
            Tone.PLAIN: self.text,
            Tone.MUTED: self.muted,
            Tone.GOOD: self.good,
            Tone.WARNING: self.warning,
            Tone.ERROR: self.error,
            Tone.MONEY_IN: self.money_in,
            Tone.MONEY_OUT: self.money_out,
        }[tone]

    def tint_of(self, tone: Tone) -> str:
        """The ground behind a message with this tone."""
        return {
            Tone.GOOD: self.good_tint,
            Tone.WARNING: self.warning_tint,
            Tone.ERROR: self.error_tint,
        }.get(tone, self.accent_tint)

    def roles(self) -> dict[str, str]:
        """Every colour by the name of its role."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "is_dark"}


LIGHT = Colours(
    is_dark=False,
    text="#2B2723",
    muted="#665E55",
    surface="#FAF6EF",
    raised="#FFFFFF",
    sunken="#F1EBE0",
    edge="#DCD3C4",
    accent="#00639C",
    accent_strong="#004E7C",
    on_accent="#FFFFFF",
    accent_tint="#E3EEF5",
    good="#006B4C",
    good_tint="#E0F1EA",
    warning="#7A5200",
    warning_tint="#FCEFD0",
    error="#A83E00",
    error_tint="#FBE6DA",
    money_in="#006B4C",
    money_out="#8C3A69",
    stripe="#F3C75F",
    selection="#D6E8F3",
    focus="#00639C",
)

DARK = Colours(
    is_dark=True,
    text="#F2EDE5",
    muted="#BAB1A5",
    surface="#1D1B19",
    raised="#282522",
    sunken="#161412",
    edge="#4A443D",
    accent="#6BBDEC",
    accent_strong="#93D0F3",
    on_accent="#0A2231",
    accent_tint="#203542",
    good="#57CFA9",
    good_tint="#1B3A30",
    warning="#F2BE4A",
    warning_tint="#3E3214",
    error="#FF9A61",
    error_tint="#452815",
    money_in="#57CFA9",
    money_out="#E6A5CA",
    stripe="#7A5B12",
    selection="#26465A",
    focus="#6BBDEC",
)


_STRAIGHT_UP_TO = 0.04045  # below this the curve of sRGB is a straight line


def contrast(first: str, second: str) -> float:
    """The contrast of two colours by the web's accessibility guideline, from 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _STRAIGHT_UP_TO else ((channel + 0.055) / 1.055) ** 2.4
