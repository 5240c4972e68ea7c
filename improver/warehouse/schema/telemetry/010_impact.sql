-- How often who met which error. Who is a number made of the user, else of the session, the trace or the minute;
-- `named` says that it was one of the first two. `traffic` is a word for what no person did, else ''.
create table encounters (
    target varchar not null, environment varchar not null, collector varchar not null, key varchar not null,
    who ubigint not null, named boolean not null, traffic varchar not null, hour timestamp not null, times bigint not null
);

-- Traces and sessions that no person was behind.
create table artificial_units (unit varchar not null, traffic varchar not null);

-- Who used which route on which day: one row each.
create table visitors (
    target varchar not null, environment varchar not null, route varchar not null, who ubigint not null, day date not null
);

-- What came of occurrences: `bucket` n counts those followed by a success after 2^(n/4) up to 2^((n+1)/4) seconds,
-- -1 the others. `minutes` is what all of them cost.
create table recoveries (
    target varchar not null, environment varchar not null, collector varchar not null, key varchar not null,
    crashed boolean not null, hour timestamp not null, bucket smallint not null, times bigint not null,
    minutes double not null
);
