"""What the admin API gets of a node."""

from gateway import __version__
from gateway.admin.services import AdminServices
from gateway.assembly.accounts import (
    join_accounts,
    session_times,
    single_sign_on,
)
from gateway.assembly.alerts import join_alerts
from gateway.assembly.checks import NodeChecks
from gateway.assembly.node import Node
from gateway.flows.break_glass import BreakGlass
from gateway.flows.guarded import Readers
from gateway.flows.originals import Originals
from gateway.flows.printing import PrintMessage
from gateway.flows.recall import Recall
from gateway.flows.statistics import Statistics
from gateway.printing.typesetter import Typesetter
from gateway.signin.passwords import Argon2Passwords


def admin_services(node: Node) -> AdminServices:
    """Return the flows behind the API, and what only assembly knows."""
    admin = node.base.settings.admin
    return AdminServices(
        exchange=node.exchange,
        submit=node.submit,
        open=node.open,
        originals=Originals(
            node.exchange,
            node.base.keys.keyring.archive,
            node.open,
            node.approvals,
        ),
        printing=PrintMessage(node.exchange, node.open, Typesetter()),
        uploads=node.uploads,
        inspection=node.inspection,
        rates=node.rates,
        queue=node.queue,
        peers=node.peer_care,
        operators=node.operators,
        two_persons=node.two_persons,
        unit_desk=node.unit_desk,
        roster=node.desk.roster,
        people=join_accounts(
            node.base.store,
            node.operators,
            node.base.directory.operator,
            node.base.clock,
            passwords=Argon2Passwords(),
            times=session_times(
                idle_minutes=admin.session_idle_minutes,
                hours=admin.session_hours,
            ),
            sso=single_sign_on(node.base.settings.oidc, node.base.clock),
        ),
        our_card=node.our_card,
        legal=node.legal,
        rounds=node.witnessing.rounds,
        stamping=node.stamping,
        statistics=Statistics(node.exchange, node.desk.terms),
        monitor=node.monitors.log,
        owed=node.monitors.owed,
        deadlines=node.desk.book,
        terms=node.desk.terms,
        alerts=join_alerts(
            node.exchange, node.base.settings.alerts, node.webhooks.webhooks
        ),
        erasure=node.erasure,
        pruning=node.pruning,
        lifecycle=node.lifecycle,
        approvals=node.approvals,
        break_glass=BreakGlass(node.exchange, node.approvals),
        recall=Recall(node.exchange, node.queue, node.submit),
        jobs=node.work.jobs,
        bulk=node.work.bulk,
        log_jobs=node.work.log_jobs,
        maintenance=node.work.maintenance,
        incidents=node.work.incidents,
        readers=Readers(node.exchange, node.base.directory.operators),
        webhooks=node.webhooks.webhooks,
        log_origin=node.base.keys.keyring.log.origin,
        authenticate=node.base.directory.authenticate,
        expose_metrics=node.base.metrics.expose,
        further_checks=NodeChecks(node).run,
        version=__version__,
        proxy_of=node.base.client.proxy_of,
        started_at=node.base.clock.now(),
        certificate_seen=lambda: node.base.keys.keyring.tls.leaf_fingerprint,
        subscribe=node.couriers.subscribe,
    )
