-- How often each route of each release ran in each hour, how often it failed, and how long it took: `bucket` n counts the
-- runs of 2^(n/8) up to 2^((n+1)/8) milliseconds. Rows are additive. `upto` is the newest span among them: what an hour
-- had before is folded into what it has since. `awaited` says that somebody waits for it, and not a job.
create table route_hours (
    target varchar not null,
    environment varchar not null,
    service varchar not null,
    route varchar not null,
    release varchar not null,
    awaited boolean not null,
    hour timestamp not null,
    bucket smallint not null,
    runs bigint not null,
    failures bigint not null,
    upto bigint not null
);
