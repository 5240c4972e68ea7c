-- What the client said belongs together, so that a grouping key can be explained afterwards.
alter table hot_errors add column client_fingerprint json default '[]';
