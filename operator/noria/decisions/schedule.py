"""Times of a schedule, by the clock of its time zone. Used by `training_job.retrain`."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from noria.api.retrain import ScheduleSpec


def next_time(schedule: ScheduleSpec, after: datetime) -> datetime:
    """The first time of the schedule after this one, in UTC. Raises ValueError, in words, for one that has none."""
    local = after.astimezone(_zone(schedule.timezone))
    try:
        times = (time.astimezone(UTC) for time in CronSim(schedule.cron, local))
        return next(time for time in times if time > after)  # in an hour that comes twice, it begins with the first
    except CronSimError as error:
        words = f"cron {schedule.cron!r} cannot be read ({str(error).lower()})"
    except (AssertionError, ValueError):  # what its parser leaves to Python
        words = f"cron {schedule.cron!r} cannot be read"
    except StopIteration:
        words = f"cron {schedule.cron!r} names no day that comes"
    raise ValueError(f"{words}: it is minute, hour, day of month, month and day of week, e.g. 0 3 * * 1")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # OSError: a folder of the database, e.g. Europe
        raise ValueError(f"timezone {name} is not in the IANA database: use a name such as Europe/Paris") from error
