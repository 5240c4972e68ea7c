-- How often each Finding's failure happened, by the hour: kept longer than the Events themselves.
create table rollups (
    target varchar not null, environment varchar not null, grouping_version integer not null, key varchar not null,
    hour timestamp not null, events bigint not null, users bigint not null,
    first_seen timestamp not null, last_seen timestamp not null
);

-- Up to which Event they are counted: one row.
create table rollup_marks (
    seq bigint not null
);
