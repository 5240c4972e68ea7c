-- What is wrong as a word, what it is about where no frame says, what it was measured to cost, what would help.
alter table symptoms add column pattern varchar default '';
alter table symptoms add column place varchar default '';
alter table symptoms add column minutes_week double default 0;
alter table symptoms add column advice varchar default '';
alter table findings add column pattern varchar default '';
alter table findings add column place varchar default '';
alter table findings add column minutes_week double default 0;
alter table findings add column advice varchar default '';
update findings set pattern = kind where pattern = '';
