-- Each time that a Detector saw its pattern, and in which unit (trace, session, conversation): a unit that gets
-- further rows is looked at again, and what was seen in it is replaced.
create table sightings (
    detector varchar not null,
    unit varchar not null,
    key varchar not null,
    event_id varchar not null,
    collector varchar not null,
    occurred_at timestamp not null,
    target varchar not null,
    trust varchar not null,
    service varchar not null,
    environment varchar not null,
    release varchar not null,
    "user" varchar not null,
    route varchar not null,
    place varchar not null,
    minutes double not null,
    detail json not null
);

-- How far each Detector has looked. Only ever inserted into: the newest row of a Detector counts, if it is of its version.
create table looked (
    detector varchar not null,
    version integer not null,
    seq bigint not null,
    recorded_at timestamp not null
);
