"""What is done with a message: retry, withdraw, confirm, take back."""

from gateway.admin.guard_shapes import Recalled
from gateway.admin.shapes import Retried
from gateway.console.page import PREFIX, Outcome, Redirect
from gateway.console.visit import Visit


async def retry(visit: Visit) -> Outcome:
    """Have a queued message tried now."""
    retried = await visit.ask(Retried, "retry_message")
    if retried.due:
        return _back(visit, visit.say("It is being tried again."))
    return _back(visit, visit.say("It is on its way already."))


async def cancel(visit: Visit) -> Outcome:
    """Withdraw a message that no attempt was made for."""
    await visit.do("cancel_message", body={"reason": visit.form.text("reason")})
    return _back(visit, visit.say("It was withdrawn."))


async def confirm(visit: Visit) -> Outcome:
    """Say that the recipient has taken a message over."""
    await visit.do("confirm_message")
    return _back(visit, visit.say("It was handed over."))


async def recall(visit: Visit) -> Outcome:
    """Take a message back, or tell the recipient to restrict or delete it."""
    body = visit.form.given("reason", "action")
    recalled = await visit.ask(Recalled, "recall_message", body=body)
    if recalled.outcome == "cancelled":
        return _back(visit, visit.say("It was withdrawn before it left."))
    return _back(visit, visit.say("The recipient is being told."))


def _back(visit: Visit, notice: str) -> Redirect:
    return Redirect(to=f"{PREFIX}/messages/{visit.segments['id']}", notice=notice)
