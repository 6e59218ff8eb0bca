"""When a TrainingJob trains again by itself. Used by `training_job`."""

from pydantic import ConfigDict, Field

from noria.api.keyword import rule
from noria.api.kind import Duration, Part

MOST_PER_DAY = 24
CRON_FIELD = "[0-9A-Za-z*,/#-]+"


class ScheduleSpec(Part):
    """Times by the clock of a time zone."""

    cron: str = Field(pattern=f"^ *{CRON_FIELD}( +{CRON_FIELD}){{4}} *$", min_length=9, max_length=100)
    """Minute, hour, day of month, month and day of week, as in crontab: 0 3 * * 1 is every Monday at 3:00. A time that
    the clock skips in spring counts right after the gap; one that it shows twice in autumn counts once."""
    timezone: str = Field(default="UTC", pattern="^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$", min_length=1, max_length=64)
    """Name of the time zone in the IANA database, e.g. Europe/Paris."""


class RetrainSpec(Part):
    """When to train again by itself. Whichever of onNewRevision, newExamples and schedule comes first starts a run, and
    only if the Dataset has a newer revision than that of the last run."""

    model_config = ConfigDict(
        json_schema_extra=rule(
            "(has(self.onNewRevision) && self.onNewRevision) || has(self.newExamples) || has(self.schedule)",
            "say when to retrain: set onNewRevision: true, newExamples or schedule",
        )
    )

    on_new_revision: bool = False
    """Whether every newer revision starts a run."""
    new_examples: int | None = Field(default=None, ge=1, le=1_000_000_000)
    """Start a run when the newer revision has at least this many more examples than that of the last run."""
    schedule: ScheduleSpec | None = None
    """Start a run at the first of these times after a newer revision was found."""
    cooldown: Duration = Field(
        default="1h",
        json_schema_extra=rule("duration(self) <= duration('87600h')", "cooldown must be at most 87600h"),
    )
    """Time between the end of a run and the next one that starts by itself, e.g. 30m; 0s for none."""
    max_per_day: int = Field(default=1, ge=1, le=MOST_PER_DAY)
    """Maximum number of runs in any 24 hours that start by themselves. The first run, a changed spec and requests are
    not counted and not limited."""


class RetrainStatus(Part):
    """What decides about the next run that starts by itself."""

    schedule: str | None = None
    """The schedule and its time zone."""
    scheduled_since: str | None = None
    """Since when they are as they are: only times after that start a run."""
    starts: tuple[str, ...] = Field(default=(), max_length=MOST_PER_DAY)
    """When the last runs started by themselves, oldest first."""
