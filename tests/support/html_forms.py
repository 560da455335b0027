"""What a browser would post of a form in a page."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    """Collects names and values of the fields of one form."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self._form_id = form_id
        self._is_inside = False
        self._area: str | None = None
        self._select: str | None = None
        self._chosen: str | None = None
        self._text = ""
        self.pairs: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, value = found.get("name") or "", found.get("value") or ""
        if tag == "form":
            self._is_inside = found.get("id") == self._form_id
        if not self._is_inside:
            return
        if tag == "input" and name and _is_posted(found):
            self.pairs.append((name, value))
        elif tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select, self._chosen = name, None
        # Without a chosen one, a browser posts the first.
        elif tag == "option" and (self._chosen is None or "selected" in found):
            self._chosen = value

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            text = self._text.removeprefix("\n").replace("\n", "\r\n")
            self.pairs.append((self._area, text))
            self._area = None
        elif tag == "select" and self._select is not None:
            self.pairs.append((self._select, self._chosen or ""))
            self._select = None
        elif tag == "form":
            self._is_inside = False


def _is_posted(found: dict[str, str | None]) -> bool:
    """Tell whether a browser posts an input."""
    is_box = found.get("type") in {"checkbox", "radio"}
    return found.get("type") != "file" and (not is_box or "checked" in found)


def pairs_of(page: str, form_id: str) -> list[tuple[str, str]]:
    """Return names and values that a form of a page posts, in its order."""
    reader = _Forms(form_id)
    reader.feed(page)
    return reader.pairs


def filled_in(
    pairs: list[tuple[str, str]], changes: dict[str, str], action: str
) -> list[tuple[str, str]]:
    """Return what is posted after some fields were changed and a button was pressed.

    A field that is not in the form is not there to be filled in: that fails.
    """
    names = {name for name, _ in pairs}
    assert changes.keys() <= names, changes.keys() - names
    changed = [(name, changes.get(name, value)) for name, value in pairs]
    return [*changed, ("_do", action)]
