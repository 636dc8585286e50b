"""Updates: a hint to open pages that projects have changed. Losing one costs a moment, never the
truth.
"""

from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.messages.base import Frozen


class ProjectChange(Frozen):
    """``project_id`` of ``user_id`` has something new to show."""

    project_id: UUID
    user_id: str


class ProjectsChanged(Frozen):
    """One a commit. Transient and unconfirmed; readers look into the database themselves."""

    type: Literal["projects.changed.v1"] = "projects.changed.v1"
    changes: tuple[ProjectChange, ...] = Field(min_length=1)
