-- One table per noun of improver/model; a column per field, JSON where the field is no scalar.
create table symptoms (
    detector varchar not null, kind varchar not null, grouping_version integer not null, key varchar not null,
    target varchar not null, environment varchar not null, service varchar not null, source varchar not null,
    title varchar not null, first_seen timestamp not null, last_seen timestamp not null, events bigint not null,
    events_week bigint not null, users bigint not null, hourly json not null, exposures bigint not null, exposed varchar not null,
    failures bigint not null, route varchar not null, frames json not null, evidence json not null,
    trust varchar not null, release varchar not null
);

create table findings (
    id varchar not null, kind varchar not null, target varchar not null, environment varchar not null,
    service varchar not null, fingerprint varchar not null, title varchar not null, status varchar not null,
    first_seen timestamp not null, last_seen timestamp not null, updated_at timestamp not null, events bigint not null,
    events_week bigint not null, users bigint not null, hourly json not null, exposures bigint not null, exposed varchar not null,
    failures bigint not null, route varchar not null, sources json not null, evidence json not null,
    frames json not null, trust varchar not null, release varchar not null, trend varchar not null, location json,
    score json not null, skipped varchar, reopened_at timestamp, dismissed_reason varchar not null
);

create table specs (
    id varchar not null, finding_id varchar not null, kind varchar not null, target varchar not null,
    base varchar not null, branch varchar not null, location json not null, criterion json not null,
    budget json not null, allowed_paths json not null, protected_paths json not null, acceptance json not null,
    evidence json not null, created_at timestamp not null, markdown varchar not null
);

create table attempts (
    id varchar not null, finding_id varchar not null, spec_id varchar not null, target varchar not null,
    number integer not null, status varchar not null, agent varchar not null, isolation varchar not null,
    autonomy varchar not null, autonomy_reasons json not null, base varchar not null, branch varchar not null,
    claimed_at timestamp not null, updated_at timestamp not null, reason varchar not null, detail varchar not null,
    "commit" varchar not null, starts integer not null, rebases integer not null, usd double, tokens bigint, summary varchar not null,
    verdicts json not null, delivered varchar, delivered_commit varchar not null, url varchar not null,
    ended_at timestamp
);

create table deployments (
    id varchar not null, target varchar not null, environment varchar not null, release varchar not null,
    "commit" varchar not null, seen_at timestamp not null, source varchar not null
);

create table outcomes (
    id varchar not null, finding_id varchar not null, attempt_id varchar not null, target varchar not null,
    kind varchar not null, deployed_at timestamp not null, decided_at timestamp not null, exposures bigint not null,
    recurrences bigint not null, detail varchar not null
);

-- The ledger of Outcomes per kind of change, which earns or costs Autonomy.
create table trust (
    id varchar not null, target varchar not null, kind varchar not null, agent varchar not null,
    outcome varchar not null, "at" timestamp not null
);

-- When each job last ran, and how it ended: what was missed while the daemon was down is seen from here.
create table job_runs (
    name varchar not null, started_at timestamp not null, seconds double not null, error varchar not null
);

-- What polling Collectors remember between polls.
create table poll_states (
    collector varchar not null, state json not null
);
