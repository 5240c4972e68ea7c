-- Pull requests that improver opened, as their forge last showed them.
create table pulls (
    id varchar not null, finding_id varchar not null, target varchar not null, url varchar not null,
    opened_at timestamp not null, updated_at timestamp not null, state varchar not null, "commit" varchar not null,
    checks varchar not null, failing json not null, conflict boolean not null, draft boolean not null,
    closed_as varchar not null, closing varchar not null, "comment" bigint not null, wish varchar not null,
    words varchar not null, unmovable varchar not null, note varchar not null
);

-- Those that were opened before this table was, whatever has become of them since.
insert into pulls
select id, finding_id, target, url, ended_at, ended_at, 'open', delivered_commit, 'none', '[]', false, false, '', '', 0,
    '', '', '', ''
from attempts where delivered = 'pr' and status = 'delivered' and url <> '' and ended_at is not null
    and id not in (select attempt_id from outcomes);
