"""Which handler answers which operation of the contract."""

from collections.abc import Mapping

from gateway.admin.asked import Handler
from gateway.admin.contract import BY_NAME
from gateway.admin.front import Front
from gateway.admin.handlers.accounts import AccountHandlers
from gateway.admin.handlers.alerts import AlertHandlers
from gateway.admin.handlers.approvals import ApprovalHandlers
from gateway.admin.handlers.cases import CaseHandlers
from gateway.admin.handlers.desk import DeskHandlers
from gateway.admin.handlers.diagnostics import DiagnosticHandlers
from gateway.admin.handlers.dispute import DisputeHandlers
from gateway.admin.handlers.events import EventHandlers
from gateway.admin.handlers.evidence import EvidenceHandlers
from gateway.admin.handlers.evidence_files import EvidenceFileHandlers
from gateway.admin.handlers.figures import FigureHandlers
from gateway.admin.handlers.forms import FormHandlers
from gateway.admin.handlers.guard import GuardHandlers
from gateway.admin.handlers.halts import HaltHandlers
from gateway.admin.handlers.jobs import JobHandlers
from gateway.admin.handlers.keeping import KeepingHandlers
from gateway.admin.handlers.legal import LegalHandlers
from gateway.admin.handlers.lifecycle import HoldHandlers, SubjectHandlers
from gateway.admin.handlers.lists import ListHandlers
from gateway.admin.handlers.log import LogHandlers
from gateway.admin.handlers.messages import MessageHandlers
from gateway.admin.handlers.node import NodeHandlers
from gateway.admin.handlers.originals import OriginalHandlers
from gateway.admin.handlers.peers import PeerHandlers
from gateway.admin.handlers.people import PeopleHandlers
from gateway.admin.handlers.queue import QueueHandlers
from gateway.admin.handlers.retention import RetentionHandlers
from gateway.admin.handlers.sign_in import SignInHandlers
from gateway.admin.handlers.stamps import StampHandlers
from gateway.admin.handlers.statistics import StatisticsHandlers
from gateway.admin.handlers.supervision import SupervisionHandlers
from gateway.admin.handlers.units import UnitHandlers
from gateway.admin.handlers.verification import VerificationHandlers
from gateway.admin.handlers.watch import WatchHandlers
from gateway.admin.handlers.webhooks import WebhookHandlers
from gateway.admin.handlers.witness import WitnessHandlers
from gateway.admin.route import Route
from gateway.admin.services import AdminServices
from gateway.admin.views import ViewLog
from gateway.admin.waiting import Waiting


def handlers_of(  # noqa: PLR0915 - one line a subject
    services: AdminServices, waiting: Waiting, front: Front
) -> Mapping[str, Handler]:
    """Return a handler for every operation.

    Raises:
        AssertionError: The contract and the handlers do not fit; a defect of ours.
    """
    views = ViewLog(services.exchange.store, services.exchange.clock)
    messages = MessageHandlers(services, views, waiting)
    originals = OriginalHandlers(services, messages)
    evidence = EvidenceHandlers(services, views)
    dispute = DisputeHandlers(services, views)
    files = EvidenceFileHandlers(services)
    verification = VerificationHandlers(services, views)
    forms = FormHandlers(services)
    queue = QueueHandlers(services)
    peers = PeerHandlers(services)
    log = LogHandlers(services, views, waiting)
    witness = WitnessHandlers(services)
    stamps = StampHandlers(services)
    statistics = StatisticsHandlers(services, views)
    watch = WatchHandlers(services, views)
    desk, alerts = DeskHandlers(services, views), AlertHandlers(services)
    legal = LegalHandlers(services)
    cases = CaseHandlers(services, views)
    retention = RetentionHandlers(services, views)
    keeping = KeepingHandlers(services, views)
    supervision = SupervisionHandlers(services, views)
    holds = HoldHandlers(services, views)
    subjects = SubjectHandlers(services, views)
    guard = GuardHandlers(services, views)
    approvals = ApprovalHandlers(services, views)
    people = PeopleHandlers(services)
    webhooks = WebhookHandlers(services)
    accounts = AccountHandlers(services, front)
    sign_in = SignInHandlers(services, front)
    node = NodeHandlers(services, waiting)
    handlers: dict[str, Handler] = {
        "submit": messages.submit,
        "list_messages": messages.list,
        "show_message": messages.show,
        "list_cases": cases.list,
        "show_case": cases.show,
        "open_message": messages.open,
        "open_originals": originals.open,
        "fetch_original": originals.fetch,
        "print_message": messages.print,
        "changes": messages.changes,
        "events": EventHandlers(messages.changes, waiting).listen,
        "list_schemas": forms.list,
        "show_schema": forms.schema,
        "check_message": forms.check,
        "create_upload": files.create,
        "show_upload": files.show,
        "append_upload": files.append,
        "drop_upload": files.drop,
        "fetch_attachment": files.fetch,
        "limit_peer": peers.limit,
        "set_peer_proxy": peers.set_proxy,
        "timeline": evidence.timeline,
        "receipts": evidence.receipts,
        "evidence": dispute.evidence,
        "verification": verification.show,
        "draft_evidence_ack": verification.draft_ack,
        "confirm_message": queue.confirm,
        "cancel_message": queue.cancel,
        "retry_message": queue.retry,
        "retry_messages": queue.retry_some,
        **ListHandlers(services, views).all(),
        **JobHandlers(services, views).all(),
        **UnitHandlers(services).all(),
        **HaltHandlers(services, views).all(),
        "list_peers": peers.list,
        "show_peer": peers.show,
        "add_peer": peers.add,
        "update_card": peers.update_card,
        "pause_peer": peers.pause,
        "resume_peer": peers.resume,
        "remove_peer": peers.remove,
        "ping_peer": peers.ping,
        "own_card": peers.own_card,
        "log_entries": log.entries,
        "log_entry": log.entry,
        "log_checkpoint": log.checkpoint,
        "log_tile": log.tile,
        "verify_log": log.verify,
        "witnesses": witness.witnesses,
        "rounds": witness.rounds,
        "begin_round": witness.begin,
        "conflicts": witness.conflicts,
        "set_log_policy": witness.set_policy,
        "log_stamps": stamps.list,
        "stamp_log": stamps.stamp,
        "log_check": watch.log_check,
        "log_owed": watch.owed,
        "list_deadlines": desk.deadlines,
        "list_alarms": desk.alarms,
        "claim_alarm": desk.claim,
        "resolve_alarm": desk.resolve,
        "list_alerts": alerts.list,
        "acknowledge_alert": alerts.acknowledge,
        "test_alerts": alerts.test,
        "list_treaties": legal.list,
        "show_treaties": legal.show,
        "show_profile": legal.profile,
        "erase_messages": retention.erase,
        "prune_log": retention.prune,
        "retention_rules": keeping.rules,
        "preview_retention": keeping.preview,
        "run_retention": keeping.run,
        "review_case": keeping.review,
        "disposal_report": keeping.disposals,
        "begin_led_export": supervision.begin_export,
        "review_log": supervision.review,
        "list_holds": holds.list,
        "add_hold": holds.add,
        "lift_hold": holds.lift,
        "search_subjects": subjects.search,
        "list_subject_requests": subjects.list,
        "add_subject_request": subjects.add,
        "delay_subject_request": subjects.delay,
        "close_subject_request": subjects.close,
        "recall_message": guard.recall,
        "list_readers": guard.list,
        "grant_reader": guard.grant,
        "revoke_reader": guard.revoke,
        "list_approvals": approvals.list,
        "show_approval": approvals.show,
        "approve": approvals.approve,
        "reject": approvals.reject,
        "break_glass": approvals.break_glass,
        "list_webhooks": webhooks.list,
        "add_webhook": webhooks.add,
        "show_webhook": webhooks.show,
        "remove_webhook": webhooks.remove,
        "rotate_webhook": webhooks.rotate,
        "test_webhook": webhooks.test,
        "replay_webhook": webhooks.replay,
        "webhook_calls": webhooks.calls,
        "sign_in": sign_in.by_password,
        "sign_in_ways": sign_in.ways,
        "begin_sso": sign_in.begin_sso,
        "finish_sso": sign_in.finish_sso,
        "set_subject": accounts.set_subject,
        "ask_passkey": sign_in.ask_passkey,
        "sign_in_passkey": sign_in.by_passkey,
        "ask_invited_passkey": sign_in.ask_invited,
        "ask_new_passkey": accounts.ask_passkey,
        "add_passkey": accounts.add_passkey,
        "remove_passkey": accounts.remove_passkey,
        "show_invitation": sign_in.invited,
        "accept_invitation": sign_in.accept,
        "sign_out": sign_in.sign_out,
        "own_account": accounts.own,
        "describe_account": accounts.describe,
        "set_password": accounts.set_password,
        "own_sessions": accounts.own_sessions,
        "end_own_session": accounts.end_own,
        "end_other_sessions": accounts.end_others,
        "list_sessions": accounts.sessions,
        "end_session": accounts.end,
        "end_sessions": accounts.end_of,
        "invite_operator": accounts.invite,
        "session": people.session,
        "list_operators": people.list,
        "add_operator": people.add,
        "set_roles": people.set_roles,
        "remove_operator": people.remove,
        "create_token": people.create_token,
        "revoke_token": people.revoke_token,
        "stats": node.stats,
        "figures": FigureHandlers(services).figures,
        "statistics": statistics.report,
        "statistics_csv": statistics.csv,
        "livez": node.livez,
        "readyz": node.readyz,
        "metrics": node.metrics,
        "openapi": node.openapi,
        "diagnostics": DiagnosticHandlers(services).diagnose,
    }
    check_declared(BY_NAME, handlers)
    return handlers


def denials_of(services: AdminServices, waiting: Waiting) -> Mapping[str, Handler]:
    """Return what is done when a caller's roles do not cover an operation."""
    views = ViewLog(services.exchange.store, services.exchange.clock)
    log_denied = MessageHandlers(services, views, waiting).log_denied
    return {"open_message": log_denied, "print_message": log_denied}


def check_declared(
    routes: Mapping[str, Route],
    handlers: Mapping[str, Handler],
) -> None:
    """Refuse to start with an operation that nobody answers or nobody may use.

    Raises:
        AssertionError: Names it.
    """
    unmatched = routes.keys() ^ handlers.keys()
    if unmatched:
        raise AssertionError(f"internal: not declared or not handled: {unmatched}")
    for route in routes.values():
        if not route.roles:
            raise AssertionError(f"internal: {route.name}: no role is declared")
