-- As 006 has them, with `refusals`: runs that were answered that they asked wrongly, and, where the user is known, that
-- there is nothing or that they may not. They are counted anew from the spans.
drop table route_hours;

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
    refusals bigint not null,
    upto bigint not null
);
