-- Where the loader has got to in the Spool. Only ever inserted into: the newest row counts.
create table offsets (
    position varchar not null,
    recorded_at timestamp not null
);

-- One row per Payload that was digested; a Payload seen again is not loaded again.
create table payloads (
    payload_id varchar not null,
    collector varchar not null,
    key_id varchar not null,
    trust varchar not null,
    received_at timestamp not null,
    bytes bigint not null,
    events bigint not null
);

-- Items left out, and requests turned away, by reason word.
create table rejections (
    collector varchar not null,
    reason varchar not null,
    items bigint not null,
    recorded_at timestamp not null
);

-- Payloads that could not be decoded, whole, so that they can be replayed after a fix.
create table quarantine (
    payload_id varchar not null,
    collector varchar not null,
    path varchar not null,
    key_id varchar not null,
    trust varchar not null,
    received_at timestamp not null,
    content_type varchar not null,
    content_encoding varchar not null,
    body blob not null,
    reason varchar not null,
    quarantined_at timestamp not null
);

create table errors (
    seq bigint not null,
    event_id varchar not null,
    payload_id varchar not null,
    collector varchar not null,
    occurred_at timestamp not null,
    received_at timestamp not null,
    target varchar not null,
    trust varchar not null,
    client_id varchar not null,
    service varchar not null,
    environment varchar not null,
    release varchar not null,
    "user" varchar not null,
    session varchar not null,
    trace_id varchar not null,
    span_id varchar not null,
    route varchar not null,
    platform varchar not null,
    level varchar not null,
    message varchar not null,
    exception_type varchar not null,
    exception_value varchar not null,
    handled boolean not null,
    crashed boolean not null,
    grouping_version integer not null,
    key varchar not null,
    system_key varchar not null,
    template varchar not null,
    raised json not null,
    data json not null
);

create table spans (
    seq bigint not null,
    event_id varchar not null,
    payload_id varchar not null,
    collector varchar not null,
    occurred_at timestamp not null,
    received_at timestamp not null,
    target varchar not null,
    trust varchar not null,
    client_id varchar not null,
    service varchar not null,
    environment varchar not null,
    release varchar not null,
    "user" varchar not null,
    session varchar not null,
    trace_id varchar not null,
    span_id varchar not null,
    route varchar not null,
    name varchar not null,
    op varchar not null,
    parent_id varchar not null,
    duration_ms double not null,
    status varchar not null,
    root boolean not null,
    data json not null
);

create table sessions (
    seq bigint not null,
    event_id varchar not null,
    payload_id varchar not null,
    collector varchar not null,
    occurred_at timestamp not null,
    received_at timestamp not null,
    target varchar not null,
    trust varchar not null,
    client_id varchar not null,
    service varchar not null,
    environment varchar not null,
    release varchar not null,
    "user" varchar not null,
    session varchar not null,
    trace_id varchar not null,
    span_id varchar not null,
    route varchar not null,
    started bigint not null,
    ended_well bigint not null,
    errored bigint not null,
    crashed bigint not null,
    data json not null
);
