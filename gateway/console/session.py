"""What a page needs to know of the session of its reader."""

from urllib.parse import quote

from aiohttp.web import BaseRequest

from gateway.console.page import PREFIX

SIGN_IN = f"{PREFIX}/sign-in"


def sign_in_url(request: BaseRequest) -> str:
    """Return where to sign in, and to come back from there to a page."""
    if request.method != "GET":
        return SIGN_IN
    return f"{SIGN_IN}?next={quote(request.raw_path, safe='')}"
