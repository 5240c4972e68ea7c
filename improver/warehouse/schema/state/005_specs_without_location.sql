-- A person may ask for the Spec of a Finding that no frame places in a file.
alter table specs alter column location drop not null;
