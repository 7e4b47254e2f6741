"""Live SMTP tests of servers: the steps, what they prove, and the sessions."""

from rctango.probe.judge import Verdict, judge_mail
from rctango.probe.plan import PlannedCommand, StepPlan, commands_of, steps_for
from rctango.probe.run import check_source, probe_all
from rctango.probe.session import probe_one
from rctango.probe.settings import ProbeLimits, ProbeSettings, SettingsError
from rctango.probe.targets import Target, TargetError, parse_source, parse_target

__all__ = [
    "PlannedCommand",
    "ProbeLimits",
    "ProbeSettings",
    "SettingsError",
    "StepPlan",
    "Target",
    "TargetError",
    "Verdict",
    "check_source",
    "commands_of",
    "judge_mail",
    "parse_source",
    "parse_target",
    "probe_all",
    "probe_one",
    "steps_for",
]
