"""A group that calls a share otherwise reads its own word, or none, and never the usual one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from tests.services.village import RULES
from vsla_desktop.domain.currencies import CURRENCIES
from vsla_desktop.presenters.rules_examples import example
from vsla_desktop.presenters.rules_fields import rule_fields
from vsla_desktop.presenters.rules_sample import Sample
from vsla_desktop.reports.rules_words import Section, section_title
from vsla_desktop.wording import USUAL_WORDS, GroupWords

HISA = replace(RULES, share_name="hisa")
WORDS = GroupWords.of(HISA)
USUAL = re.compile(r"\bshares?\b(?!-out)", re.IGNORECASE)


def test_no_rule_says_the_usual_word_where_the_group_has_its_own() -> None:
    sample = Sample(CURRENCIES["UGX"], date(2026, 1, 5), 12)
    said = [section_title(section, WORDS) for section in Section]
    for section in Section:
        for field in rule_fields(section, WORDS):
            if field.key != "share_name":  # this one asks for the word
                said += [field.title, *(choice.title for choice in field.choices)]
                said.append(example(sample, field.key, HISA))
    assert [each for each in said if USUAL.search(each)] == []
    titles = {field.key: field.title for field in rule_fields(Section.SHARES, WORDS)}
    assert titles["share_value"] == "Hisa: value of one"


def test_the_usual_word_has_its_plural_and_the_own_one_stands_as_it_is() -> None:
    assert [USUAL_WORDS.so_many_shares(count) for count in (1, 3)] == ["1 share", "3 shares"]
    assert [WORDS.so_many_shares(count) for count in (1, 3)] == ["Hisa: 1", "Hisa: 3"]
    assert USUAL_WORDS.say("{amount} a share", "{shares}: {amount}", amount="5") == "5 a share"
    assert WORDS.say("{amount} a share", "{shares}: {amount}", amount="5") == "Hisa: 5"
