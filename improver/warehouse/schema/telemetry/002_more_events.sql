-- What the further Collectors bring; the first columns are those of every Event.
create table logs (
    seq bigint not null, event_id varchar not null, payload_id varchar not null, collector varchar not null,
    occurred_at timestamp not null, received_at timestamp not null, target varchar not null, trust varchar not null,
    client_id varchar not null, service varchar not null, environment varchar not null, release varchar not null,
    "user" varchar not null, session varchar not null, trace_id varchar not null, span_id varchar not null,
    route varchar not null, data json not null,
    severity bigint not null, body varchar not null, logger varchar not null, template varchar not null
);

create table usage (
    seq bigint not null, event_id varchar not null, payload_id varchar not null, collector varchar not null,
    occurred_at timestamp not null, received_at timestamp not null, target varchar not null, trust varchar not null,
    client_id varchar not null, service varchar not null, environment varchar not null, release varchar not null,
    "user" varchar not null, session varchar not null, trace_id varchar not null, span_id varchar not null,
    route varchar not null, data json not null,
    name varchar not null, url varchar not null, element varchar not null, "window" varchar not null, device varchar not null
);

create table tool_calls (
    seq bigint not null, event_id varchar not null, payload_id varchar not null, collector varchar not null,
    occurred_at timestamp not null, received_at timestamp not null, target varchar not null, trust varchar not null,
    client_id varchar not null, service varchar not null, environment varchar not null, release varchar not null,
    "user" varchar not null, session varchar not null, trace_id varchar not null, span_id varchar not null,
    route varchar not null, data json not null,
    agent varchar not null, conversation varchar not null, call_id varchar not null, tool varchar not null,
    arguments varchar not null, result varchar not null, error varchar not null, duration_ms double not null,
    model varchar not null, input_tokens bigint not null, output_tokens bigint not null, usd double not null
);

create table remarks (
    seq bigint not null, event_id varchar not null, payload_id varchar not null, collector varchar not null,
    occurred_at timestamp not null, received_at timestamp not null, target varchar not null, trust varchar not null,
    client_id varchar not null, service varchar not null, environment varchar not null, release varchar not null,
    "user" varchar not null, session varchar not null, trace_id varchar not null, span_id varchar not null,
    route varchar not null, data json not null,
    said varchar not null, goal varchar not null, attempted varchar not null, blocker varchar not null,
    suggestion varchar not null, about varchar not null, calls_wasted bigint not null
);

create table metrics (
    seq bigint not null, event_id varchar not null, payload_id varchar not null, collector varchar not null,
    occurred_at timestamp not null, received_at timestamp not null, target varchar not null, trust varchar not null,
    client_id varchar not null, service varchar not null, environment varchar not null, release varchar not null,
    "user" varchar not null, session varchar not null, trace_id varchar not null, span_id varchar not null,
    route varchar not null, data json not null,
    name varchar not null, unit varchar not null, aspect varchar not null, value double not null
);

create table check_ins (
    seq bigint not null, event_id varchar not null, payload_id varchar not null, collector varchar not null,
    occurred_at timestamp not null, received_at timestamp not null, target varchar not null, trust varchar not null,
    client_id varchar not null, service varchar not null, environment varchar not null, release varchar not null,
    "user" varchar not null, session varchar not null, trace_id varchar not null, span_id varchar not null,
    route varchar not null, data json not null,
    monitor varchar not null, check_in_id varchar not null, status varchar not null, duration_ms double not null,
    schedule varchar not null
);

