-- The older table that migration 0001 upgrades: our documented assumption of what the requirements'
-- document starts from, before its four added columns (progress, progressMessage, completedAt, notified).
CREATE TABLE video_projects (
    id          uuid         PRIMARY KEY,
    user_id     text         NOT NULL,
    title       varchar(200) NOT NULL,
    topic       text,
    article     text,
    status      varchar(32)  NOT NULL DEFAULT 'DRAFT',
    script_data jsonb,
    video_url   text,
    created_at  timestamptz  NOT NULL DEFAULT now(),
    updated_at  timestamptz  NOT NULL DEFAULT now()
);
