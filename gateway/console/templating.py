"""Templates: strict, escaped, one environment a language.

Each template sees the values of its page, the frame of the site (reader, menu, notice)
and the functions below; nothing else.
"""

from collections.abc import Mapping
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gateway.console import wording
from gateway.console.formatting import Formatting, short
from gateway.console.language import Speech
from gateway.console.statics import Statics
from gateway.mla.wording import Language

EXTENSIONS: Final = ("jinja2.ext.i18n", "jinja2.ext.do")


class Templates:
    """All templates in all languages."""

    def __init__(self, speeches: Mapping[Language, Speech], statics: Statics) -> None:
        self._environments = {
            language: _environment(speech, statics)
            for language, speech in speeches.items()
        }

    def render(
        self, language: Language, template: str, values: Mapping[str, object]
    ) -> str:
        """Return a page.

        Raises:
            jinja2.TemplateError: A template or value is missing; a defect of ours.
        """
        return self._environments[language].get_template(template).render(values)

    def check(self) -> None:
        """Compile every template in every language, which takes seconds.

        For the tests: at work each is compiled when it is first shown.

        Raises:
            jinja2.TemplateError: Names it.
        """
        for environment in self._environments.values():
            for name in environment.list_templates():
                environment.get_template(name)


def _environment(speech: Speech, statics: Statics) -> Environment:
    environment = Environment(
        loader=PackageLoader("gateway.console"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        extensions=EXTENSIONS,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(  # type: ignore[attr-defined]  # of i18n
        speech.catalogue, newstyle=True
    )
    formatting = Formatting(speech)
    environment.filters.update(
        moment_text=formatting.moment,
        day=formatting.day,
        number=formatting.number,
        size=formatting.size,
        span=formatting.span,
        short=short,
        state_label=lambda state: speech.say(wording.state_label(state)),
    )
    environment.globals.update(
        lang=speech.language.value,
        asset=statics.url,
        since=formatting.since,
        # A text that was marked where it stands is translated where it is shown.
        tr=speech.say,
        state_label=lambda state: speech.say(wording.state_label(state)),
        state_tone=wording.state_tone,
        proof_label=lambda role: speech.say(wording.proof_label(role)),
        filter_label=lambda name: speech.say(wording.filter_label(name)),
        step_tone=wording.step_tone,
        history_of=wording.history_of,
        proofs_of=wording.proofs_of,
        disclosed_label=lambda name: speech.say(wording.disclosed_label(name)),
        kind_label=lambda kind: speech.say(wording.kind_label(kind)),
        type_label=lambda msg_type: wording.type_label(msg_type, speech.language),
        trouble_label=lambda told: speech.say(wording.trouble_label(told)),
        cause_label=lambda code: speech.say(wording.cause_label(code)),
        empty=Markup('<span class="none">–</span>'),  # noqa: RUF001 - ours
    )
    return environment
