-- What people approved: Specs before an Agent runs, changes before they leave.
create table approvals (
    id varchar not null, finding_id varchar not null, policy varchar not null, subject varchar not null,
    "at" timestamp not null
);
