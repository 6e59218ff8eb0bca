"""What operator, trainers and serving agree on: orders, reports, exit codes, paths and environment names.

The operator hands a step its order as JSON in one environment variable and reads its report from the container's
termination message, of which the kubelet keeps 4,096 bytes. Everything larger goes to the object store, under a path
that the order named. `noria.resources` writes orders, the steps read them and write reports, `noria.decisions` reads
those.
"""

from noria.contract.artifact import Artifact, Backbone
from noria.contract.call import Call, InputName, Verb
from noria.contract.configuration import Configuration, GivenParameter, Parameter, Strategy
from noria.contract.ensemble import Ensemble, EnsembleMember
from noria.contract.environment import (
    FILES_VARIABLE,
    GRPC_PORT,
    METRICS_PORT,
    MODELS_PATH,
    NETWORKS_VARIABLE,
    ORDER_VARIABLE,
    REPORT_BYTES,
    REPORT_PATH,
    REST_PORT,
    SCRATCH_PATH,
    SOURCE_PREFIX,
    STORE_SECRET,
    STORE_VARIABLES,
    order_in,
    order_variables,
)
from noria.contract.exit_code import PERMANENT, ExitCode
from noria.contract.failure import FailureKind
from noria.contract.home import Home
from noria.contract.notification import (
    SIGNING_KEY,
    SIGNING_KEY_VARIABLE,
    Notification,
    NotificationData,
    NotificationType,
    NotifyOrder,
    NotifyReport,
)
from noria.contract.order import (
    ChooseOrder,
    ConcludeOrder,
    FinishedTrial,
    Order,
    ProfileOrder,
    ProveOrder,
    PullOrder,
    RunOrder,
    StoredChoice,
    TrainOrder,
    Winner,
)
from noria.contract.presence import PresenceOrder, PresenceReport
from noria.contract.proof import Origin, Policy, ProvenVersion, Verdict
from noria.contract.report import (
    ChooseReport,
    ChosenConfiguration,
    ConcludeReport,
    FailureReport,
    Problem,
    ProfileReport,
    ProveReport,
    Report,
    Severity,
    TrainReport,
    termination_message,
)
from noria.contract.shape import Prose, Shape, replaced
from noria.contract.source import HOLDOUT_FRACTION, Checks, Column, ColumnType, Format, Source
from noria.contract.step import ORDER, STEPS, Step, parse_report
from noria.contract.task import TASKS, Metric, Metrics, Modality, Target, Task, why_unfit
from noria.contract.text import visible, visible_in
from noria.contract.uri import shown
from noria.contract.watch import READY_FILE, SERVE_SECONDS, Watched, WatchOrder, WatchReport

__all__ = [
    "FILES_VARIABLE",
    "GRPC_PORT",
    "HOLDOUT_FRACTION",
    "METRICS_PORT",
    "MODELS_PATH",
    "NETWORKS_VARIABLE",
    "ORDER",
    "ORDER_VARIABLE",
    "PERMANENT",
    "READY_FILE",
    "REPORT_BYTES",
    "REPORT_PATH",
    "REST_PORT",
    "SCRATCH_PATH",
    "SERVE_SECONDS",
    "SIGNING_KEY",
    "SIGNING_KEY_VARIABLE",
    "SOURCE_PREFIX",
    "STEPS",
    "STORE_SECRET",
    "STORE_VARIABLES",
    "TASKS",
    "Artifact",
    "Backbone",
    "Call",
    "Checks",
    "ChooseOrder",
    "ChooseReport",
    "ChosenConfiguration",
    "Column",
    "ColumnType",
    "ConcludeOrder",
    "ConcludeReport",
    "Configuration",
    "Ensemble",
    "EnsembleMember",
    "ExitCode",
    "FailureKind",
    "FailureReport",
    "FinishedTrial",
    "Format",
    "GivenParameter",
    "Home",
    "InputName",
    "Metric",
    "Metrics",
    "Modality",
    "Notification",
    "NotificationData",
    "NotificationType",
    "NotifyOrder",
    "NotifyReport",
    "Order",
    "Origin",
    "Parameter",
    "Policy",
    "PresenceOrder",
    "PresenceReport",
    "Problem",
    "ProfileOrder",
    "ProfileReport",
    "Prose",
    "ProveOrder",
    "ProveReport",
    "ProvenVersion",
    "PullOrder",
    "Report",
    "RunOrder",
    "Severity",
    "Shape",
    "Source",
    "Step",
    "StoredChoice",
    "Strategy",
    "Target",
    "Task",
    "TrainOrder",
    "TrainReport",
    "Verb",
    "Verdict",
    "WatchOrder",
    "WatchReport",
    "Watched",
    "Winner",
    "order_in",
    "order_variables",
    "parse_report",
    "replaced",
    "shown",
    "termination_message",
    "visible",
    "visible_in",
    "why_unfit",
]
