-- Whether a line tells of a failure; lines that came in before this was known tell of none.
alter table hot_logs add column fails boolean default false;

-- Which template each distinct message of a service belongs to. Rows are only ever added: a key that was once given to
-- a message stays.
create table log_templates (
    target varchar not null,
    service varchar not null,
    message varchar not null,
    fails boolean not null,
    key varchar not null,
    template varchar not null,
    pattern varchar[] not null,
    learned_at timestamp not null
);
