-- Bodies are unscrubbed: they are files beside the Spool, and the table only lists them.
drop table quarantine;
create table quarantine (
    payload_id varchar not null,
    collector varchar not null,
    path varchar not null,
    received_at timestamp not null,
    bytes bigint not null,
    reason varchar not null,
    quarantined_at timestamp not null
);
