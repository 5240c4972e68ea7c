-- A Trend has a new name.
update findings set trend = 'escalating' where trend = 'rising';
