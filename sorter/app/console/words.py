"""Every word that a screen says, in Chinese and English; pages and scripts ask for it by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sorter.app.console.alarm_kinds import KINDS
from sorter.app.console.labels import SCREENS_SAY
from sorter.app.console.labels_work import WORK_SAYS
from sorter.app.console.remedies import REMEDIES
from sorter.app.texts import NOTICES, Text, text
from sorter.flow import NoRead, Outcome, PackState, Why

LABELS: Mapping[str, Text] = {**SCREENS_SAY, **WORK_SAYS}


def words(lang: str) -> dict[str, Any]:
    """Everything a script may have to say in one language, by kind and key."""
    return {
        "label": {key: getattr(label, lang) for key, label in LABELS.items()},
        "state": {state.name: text(state, lang) for state in PackState},
        "outcome": {outcome.value: text(outcome, lang) for outcome in Outcome},
        "remedy": {outcome.value: remedy.say(lang) for outcome, remedy in REMEDIES.items()},
        "why": {why.value: text(why, lang) for why in Why},
        "no-read": {cause.value: text(cause, lang) for cause in NoRead},
        "notice": {key: getattr(notice, lang) for key, notice in NOTICES.items()},
        "cause": {key: kind.cause.say(lang) for key, kind in KINDS.items()},
        "consequence": {key: kind.consequence.say(lang) for key, kind in KINDS.items()},
        "action": {key: kind.action.say(lang) for key, kind in KINDS.items()},
    }
