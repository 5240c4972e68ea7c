-- What errors come to, by group (target, environment, grouping version, key, collector), kept up with those that came in.
-- `runs` counts the traces that failed so, each once, and what has no trace.
create table error_hours (
    target varchar not null, environment varchar not null, grouping_version integer not null, key varchar not null,
    collector varchar not null, route varchar not null, system_key varchar not null, hour timestamp not null,
    events bigint not null, runs bigint not null, crashed boolean not null, trusted boolean not null,
    first_seen timestamp not null, last_seen timestamp not null
);

-- Who met a group, and when last: a row for each.
create table error_users (
    target varchar not null, environment varchar not null, grouping_version integer not null, key varchar not null,
    collector varchar not null, "user" varchar not null, last_seen timestamp not null
);

-- The newest Event of a group, by when it happened, and the ids of the newest twenty.
create table error_newest (
    target varchar not null, environment varchar not null, grouping_version integer not null, key varchar not null,
    collector varchar not null, occurred_at timestamp not null, seq bigint not null, service varchar not null,
    release varchar not null, exception_type varchar not null, said varchar not null, raised json not null,
    evidence struct(occurred_at timestamp, seq bigint, event_id varchar)[] not null
);

-- Groups and hours that Events were taken back of since they were counted: they are counted anew.
create table errors_taken_back (
    target varchar not null, environment varchar not null, grouping_version integer not null, key varchar not null,
    collector varchar not null
);
create table spans_taken_back (hour timestamp not null);
