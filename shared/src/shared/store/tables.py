"""The tables as SQLAlchemy knows them. The migrations create them; a test holds the two in step."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

metadata = MetaData()


def _time(name: str, *, default: bool = False) -> Column[datetime]:
    kind = DateTime(timezone=True)
    if default:
        return Column(name, kind, nullable=False, server_default=func.now())
    return Column(name, kind)


projects = Table(
    "video_projects",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("title", String(200), nullable=False),
    Column("language", String(8), nullable=False, server_default="zh-CN"),
    Column("source", JSONB, nullable=False),
    Column("options", JSONB, nullable=False, server_default=text("'{}'")),
    Column("status", String(32), nullable=False, server_default="DRAFT"),
    Column("progress", Integer, nullable=False, server_default="0"),
    Column("progress_message", String(500), nullable=False, server_default=""),
    Column("message", JSONB),
    Column("completed_at", DateTime(timezone=True)),
    Column("notified", Boolean, nullable=False, server_default="false"),
    Column("script", JSONB),
    Column("script_version", Integer, nullable=False, server_default="0"),
    Column("take", Integer, nullable=False, server_default="0"),
    Column("current_run_id", UUID(as_uuid=True)),
    Column("error", JSONB),
    Column("video", JSONB),
    Column("video_version", Integer),
    Column("version", BigInteger, nullable=False, server_default="0"),
    _time("created_at", default=True),
    _time("updated_at", default=True),
    _time("touched_at", default=True),
    _time("deleted_at"),
    _time("dismissed_at"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("project_id", UUID(as_uuid=True), ForeignKey("video_projects.id"), nullable=False),
    Column("user_id", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("engines", JSONB, nullable=False),
    Column("script", JSONB),
    Column("script_version", Integer),
    Column("revise", JSONB),
    Column("take", Integer, nullable=False),
    Column("authorisation", Integer, nullable=False, server_default="0"),
    Column("percent", Integer, nullable=False, server_default="0"),
    Column("error", JSONB),
    _time("opened_at", default=True),
    _time("first_started_at"),
    _time("closed_at"),
    _time("acknowledged_at"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("run_id", UUID(as_uuid=True), ForeignKey("runs.id"), nullable=False),
    Column("project_id", UUID(as_uuid=True), ForeignKey("video_projects.id"), nullable=False),
    Column("user_id", Text, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("scene_id", UUID(as_uuid=True)),
    Column("position", SmallInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("dispatch", Integer, nullable=False, server_default="0"),
    Column("delivery", Integer, nullable=False, server_default="0"),
    Column("seq", BigInteger, nullable=False, server_default="0"),
    Column("attempt", SmallInteger, nullable=False, server_default="1"),
    Column("percent", Double, nullable=False, server_default="0"),
    Column("weight", Double, nullable=False),
    Column("reused", Boolean, nullable=False, server_default="false"),
    Column("note", JSONB),
    Column("error", JSONB),
    Column("after_close", JSONB),
    Column("spec_hash", Text),
    Column("manifest", JSONB),
    _time("not_before"),
    _time("started_at"),
    _time("finished_at"),
    _time("last_seen_at"),
)

project_events = Table(
    "project_events",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("project_id", UUID(as_uuid=True), nullable=False),
    Column("run_id", UUID(as_uuid=True)),
    Column("task_id", UUID(as_uuid=True)),
    Column("type", String(32), nullable=False),
    Column("data", JSONB, nullable=False, server_default=text("'{}'")),
    _time("at", default=True),
    Column("state", JSONB),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("message_id", UUID(as_uuid=True), nullable=False, unique=True),
    Column("exchange", String(64), nullable=False),
    Column("routing_key", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("run_id", UUID(as_uuid=True)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _time("due_at", default=True),
    _time("created_at", default=True),
    _time("published_at"),
    Column("dropped", Boolean, nullable=False, server_default="false"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("queue", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    Column("type", String(64)),
    Column("headers", JSONB, nullable=False, server_default=text("'{}'")),
    Column("body", LargeBinary, nullable=False),
    _time("received_at", default=True),
    _time("settled_at"),
    Column("settled_as", String(16)),
)

ops_audit = Table(
    "ops_audit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _time("at", default=True),
    Column("actor", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("target", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'")),
)

unreferenced = Table(
    "unreferenced",
    metadata,
    Column("path", Text, primary_key=True),
    _time("since", default=True),
    _time("gone_at"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request", Text, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("body", JSONB, nullable=False),
    _time("created_at", default=True),
)

stage_timings = Table(
    "stage_timings",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("stage", String(16), nullable=False),
    Column("weight", Double, nullable=False),
    Column("work_ms", Integer, nullable=False),
    _time("at", default=True),
    Column("engine", Text, nullable=False, server_default=""),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", Text),
    Column("blob", JSONB, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("seconds", Double),
    _time("created_at", default=True),
)

asides = Table(
    "asides",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("project_id", UUID(as_uuid=True)),
    _time("asked_at", default=True),
    Column("manifest", JSONB),
    Column("error", JSONB),
)

tickets = Table(
    "tickets",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("token_expires_at", DateTime(timezone=True)),
)

notices = Table(
    "notices",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("project_id", UUID(as_uuid=True), nullable=False),
    Column("run_id", UUID(as_uuid=True), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("title", String(300), nullable=False),
    Column("body", String(500), nullable=False),
    _time("created_at", default=True),
    _time("read_at"),
    schema="notifier",
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("project_id", UUID(as_uuid=True), nullable=False),
    Column("run_id", UUID(as_uuid=True), nullable=False),
    Column("milestone", JSONB, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("outcome", String(16)),
    Column("detail", Text, nullable=False, server_default=""),
    _time("created_at", default=True),
    _time("settled_at"),
    schema="notifier",
)
