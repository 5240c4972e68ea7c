-- Which Findings are one, which only look alike, and which a person has told apart.
create table kinships (
    id varchar not null, finding_id varchar not null, other_id varchar not null, kin varchar not null,
    told_by varchar not null, likeness double not null, "at" timestamp not null
);
alter table symptoms add column exception varchar default '';
alter table symptoms add column system_keys json default '[]';
alter table findings add column exception varchar default '';
alter table findings add column keys json default '[]';
