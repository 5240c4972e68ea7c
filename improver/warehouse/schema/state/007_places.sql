-- Why a Finding has no place in the code, at which revision that was looked for, and between which releases it came.
alter table findings add column unlocated varchar;
alter table findings add column sought varchar default '';
alter table findings add column introduced json;
-- What is asked for where nothing fails, in the Detector's own words.
alter table specs add column what varchar default '';
alter table specs add column remedy varchar default '';
