"""The first schema; takes over an older ``video_projects`` with all its rows."""

from typing import Final

from alembic import op
from sqlalchemy import inspect, text

from shared.store.migrate import SchemaError

revision = "0001"
down_revision = None

OLDER: Final = {
    "id": "UUID",
    "user_id": "TEXT",
    "title": "VARCHAR(200)",
    "topic": "TEXT",
    "article": "TEXT",
    "status": "VARCHAR(32)",
    "script_data": "JSONB",
    "video_url": "TEXT",
    "created_at": "TIMESTAMP",
    "updated_at": "TIMESTAMP",
}

NEW_PROJECTS: Final = """
CREATE TABLE video_projects (
    id uuid PRIMARY KEY,
    user_id text NOT NULL,
    title varchar(200) NOT NULL,
    status varchar(32) NOT NULL DEFAULT 'DRAFT',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
)
"""

COLUMNS: Final = """
ALTER TABLE video_projects
    ADD COLUMN language varchar(8) NOT NULL DEFAULT 'zh-CN',
    ADD COLUMN source jsonb,
    ADD COLUMN options jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN progress integer NOT NULL DEFAULT 0,
    ADD COLUMN progress_message varchar(500) NOT NULL DEFAULT '',
    ADD COLUMN message jsonb,
    ADD COLUMN completed_at timestamptz,
    ADD COLUMN notified boolean NOT NULL DEFAULT false,
    ADD COLUMN script jsonb,
    ADD COLUMN script_version integer NOT NULL DEFAULT 0,
    ADD COLUMN take integer NOT NULL DEFAULT 0,
    ADD COLUMN current_run_id uuid,
    ADD COLUMN error jsonb,
    ADD COLUMN video jsonb,
    ADD COLUMN video_version integer,
    ADD COLUMN version bigint NOT NULL DEFAULT 0,
    ADD COLUMN touched_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN deleted_at timestamptz
"""

# An older row that was generating has no run that could finish it: it failed, and says so. One in
# editing has neither script nor video that we could edit: it is a draft again, its source kept.
TAKE_OVER: Final = (
    """
    UPDATE video_projects SET
        source = CASE
            WHEN coalesce(article, '') <> '' THEN jsonb_build_object('kind', 'article', 'text', left(article, 20000))
            ELSE jsonb_build_object('kind', 'topic', 'text', left(coalesce(nullif(topic, ''), nullif(title, ''), '—'), 500))
        END,
        touched_at = updated_at
    """,
    """
    UPDATE video_projects SET status = 'FAILED',
        error = '{"code": "interrupted", "detail": "", "retryable": true}'
    WHERE status IN ('GENERATING_SCRIPT', 'GENERATING_AUDIO', 'GENERATING_VIDEO', 'FAILED')
    """,
    "UPDATE video_projects SET status = 'DRAFT' WHERE status = 'EDITING'",
    "UPDATE video_projects SET progress = 100, completed_at = updated_at, notified = true WHERE status = 'COMPLETED'",
)

PROJECT_RULES: Final = (
    "ALTER TABLE video_projects ALTER COLUMN source SET NOT NULL",
    """
    ALTER TABLE video_projects
        ADD CONSTRAINT progress_range CHECK (progress BETWEEN 0 AND 100),
        ADD CONSTRAINT status_known CHECK (status IN ('DRAFT', 'GENERATING_SCRIPT',
        'GENERATING_AUDIO',
            'GENERATING_VIDEO', 'EDITING', 'COMPLETED', 'FAILED')),
        ADD CONSTRAINT failure_explained CHECK (status <> 'FAILED' OR error IS NOT NULL)
    """,
    "CREATE INDEX video_projects_status ON video_projects (status)",
    "CREATE INDEX video_projects_user_status ON video_projects (user_id, status)",
    """
    CREATE INDEX video_projects_unfinished ON video_projects (user_id, touched_at DESC)
    WHERE deleted_at IS NULL AND status <> 'COMPLETED'
    """,
    "CREATE INDEX video_projects_newest ON video_projects (user_id, touched_at DESC, id DESC) WHERE deleted_at IS NULL",
)

REST: Final = (
    """
    CREATE TABLE runs (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES video_projects (id),
        user_id text NOT NULL,
        kind varchar(16) NOT NULL CONSTRAINT run_kind_known CHECK (kind IN ('script',
        'production')),
        state varchar(16) NOT NULL
            CONSTRAINT run_state_known CHECK (state IN ('active', 'done', 'failed', 'cancelled')),
        engines jsonb NOT NULL,
        script jsonb,
        script_version integer,
        take integer NOT NULL,
        percent integer NOT NULL DEFAULT 0 CONSTRAINT percent_range CHECK (percent BETWEEN 0 AND
        100),
        error jsonb,
        opened_at timestamptz NOT NULL DEFAULT now(),
        first_started_at timestamptz,
        closed_at timestamptz,
        acknowledged_at timestamptz,
        CONSTRAINT closed_when_ended CHECK ((state = 'active') = (closed_at IS NULL)),
        CONSTRAINT full_only_when_done CHECK (percent < 100 OR state = 'done')
    )
    """,
    "CREATE UNIQUE INDEX one_active_run ON runs (project_id) WHERE state = 'active'",
    "CREATE INDEX runs_project ON runs (project_id, opened_at DESC)",
    """
    CREATE TABLE tasks (
        id uuid PRIMARY KEY,
        run_id uuid NOT NULL REFERENCES runs (id),
        project_id uuid NOT NULL REFERENCES video_projects (id),
        user_id text NOT NULL,
        stage varchar(16) NOT NULL
            CONSTRAINT stage_known CHECK (stage IN ('script', 'voice', 'clip', 'assembly')),
        scene_id uuid,
        position smallint NOT NULL,
        state varchar(16) NOT NULL CONSTRAINT task_state_known CHECK (state IN
            ('waiting', 'ready', 'dispatched', 'running', 'failed', 'done', 'dropped')),
        dispatch integer NOT NULL DEFAULT 0,
        delivery integer NOT NULL DEFAULT 0,
        seq bigint NOT NULL DEFAULT 0,
        attempt smallint NOT NULL DEFAULT 1 CONSTRAINT attempt_range CHECK (attempt BETWEEN 1 AND
        3),
        percent double precision NOT NULL DEFAULT 0 CONSTRAINT task_percent_range CHECK (percent BETWEEN 0 AND
        100),
        weight double precision NOT NULL,
        reused boolean NOT NULL DEFAULT false,
        note jsonb,
        error jsonb,
        after_close jsonb,
        spec_hash text,
        manifest jsonb,
        not_before timestamptz,
        started_at timestamptz,
        finished_at timestamptz,
        last_seen_at timestamptz,
        CONSTRAINT done_has_its_artifact CHECK (state <> 'done' OR manifest IS NOT NULL)
    ) WITH (fillfactor = 80)
    """,
    "CREATE INDEX tasks_run ON tasks (run_id)",
    "CREATE INDEX tasks_delayed ON tasks (not_before) WHERE state = 'ready'",
    "CREATE INDEX tasks_running ON tasks (last_seen_at) WHERE state IN ('dispatched', 'running')",
    """
    CREATE TABLE project_events (
        id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        project_id uuid NOT NULL,
        run_id uuid,
        task_id uuid,
        type varchar(32) NOT NULL,
        data jsonb NOT NULL DEFAULT '{}',
        at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX project_events_project ON project_events (project_id, id)",
    """
    CREATE TABLE outbox (
        id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        message_id uuid NOT NULL UNIQUE,
        exchange varchar(64) NOT NULL,
        routing_key varchar(64) NOT NULL,
        type varchar(64) NOT NULL,
        body bytea NOT NULL,
        run_id uuid,
        attempts integer NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL DEFAULT now(),
        created_at timestamptz NOT NULL DEFAULT now(),
        published_at timestamptz,
        dropped boolean NOT NULL DEFAULT false
    )
    """,
    "CREATE INDEX outbox_due ON outbox (id) WHERE published_at IS NULL",
    """
    CREATE TABLE dead_letters (
        id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        queue varchar(128) NOT NULL,
        reason text NOT NULL,
        type varchar(64),
        headers jsonb NOT NULL DEFAULT '{}',
        body bytea NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE idempotency_keys (
        user_id text NOT NULL,
        key varchar(255) NOT NULL,
        request text NOT NULL,
        status smallint NOT NULL,
        body jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (user_id, key)
    )
    """,
    """
    CREATE TABLE stage_timings (
        id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        stage varchar(16) NOT NULL,
        weight double precision NOT NULL,
        work_ms integer NOT NULL,
        at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE SCHEMA notifier",
    """
    CREATE TABLE notifier.notices (
        id uuid PRIMARY KEY,
        user_id text NOT NULL,
        project_id uuid NOT NULL,
        run_id uuid NOT NULL,
        kind varchar(64) NOT NULL,
        title varchar(300) NOT NULL,
        body varchar(500) NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        read_at timestamptz
    )
    """,
    "CREATE INDEX notices_user ON notifier.notices (user_id, created_at DESC)",
)


def upgrade() -> None:
    older = _older_table()
    if not older:
        op.execute(NEW_PROJECTS)
    op.execute(COLUMNS)
    if older:
        for statement in TAKE_OVER:
            op.execute(statement)
    for statement in (*PROJECT_RULES, *REST):
        op.execute(statement)


def _older_table() -> bool:
    """True for the known older table, False for none; any other shape stops here."""
    connection = op.get_bind()
    inspector = inspect(connection)
    if "video_projects" not in inspector.get_table_names():
        return False
    found = {
        column["name"]: str(column["type"].compile(connection.dialect)).removesuffix(
            " WITH TIME ZONE"
        )
        for column in inspector.get_columns("video_projects")
    }
    if found != OLDER:
        raise SchemaError(
            f"video_projects has the columns {_listed(found)}; known is only an older table with "
            f"{_listed(OLDER)}. Move the table away or bring it to that shape, then migrate again."
        )
    empty = connection.scalar(
        text(
            "SELECT count(*) FROM video_projects"
            " WHERE id IS NULL OR user_id IS NULL OR title IS NULL OR status IS NULL"
        )
    )
    if empty:
        raise SchemaError(
            f"video_projects has {empty} rows without id, user_id, title or status. Fill or delete them."
        )
    unknown = connection.scalar(
        text(
            "SELECT string_agg(DISTINCT status, ', ') FROM video_projects WHERE status NOT IN ('DRAFT',"
            "'GENERATING_SCRIPT','GENERATING_AUDIO','GENERATING_VIDEO','EDITING','COMPLETED','FAILED')"
        )
    )
    if unknown:
        raise SchemaError(f"video_projects has rows with the unknown status {unknown}.")
    return True


def _listed(columns: dict[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in sorted(columns.items()))
