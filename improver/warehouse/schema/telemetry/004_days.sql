-- Telemetry is kept by the day: open days in hot_ tables, closed ones in the files that `parts` names.
-- The views that bear the tables' own names are laid whenever the database is opened.
alter table errors rename to hot_errors;
alter table spans rename to hot_spans;
alter table sessions rename to hot_sessions;
alter table logs rename to hot_logs;
alter table usage rename to hot_usage;
alter table tool_calls rename to hot_tool_calls;
alter table remarks rename to hot_remarks;
alter table metrics rename to hot_metrics;
alter table check_ins rename to hot_check_ins;
alter table payloads rename to hot_payloads;

create table parts (
    file varchar not null, of varchar not null, day date not null, row_count bigint not null, bytes bigint not null,
    checksum varchar not null, newest_seq bigint not null, newest timestamp not null, closed_at timestamp not null
);

-- Files of `parts` that cannot be read: their days are missing from the views.
create table damaged_parts (
    file varchar not null, reason varchar not null
);

-- Numbers of Events that are not there any more: they are not given again.
create table given_numbers (
    seq bigint not null
);
