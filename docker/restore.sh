#!/bin/sh
# Brings a backup into an empty stack, and starts it: docker/restore.sh FOLDER. Only into an empty database: `docker compose down --volumes`
# forgets what is there. Objects first, rows after: no row is ever there without its object.
set -eu
if [ $# -ne 1 ] || [ ! -s "$1/database.dump" ] || [ ! -d "$1/objects" ]; then
  echo "usage: docker/restore.sh FOLDER, with database.dump and objects as docker/backup.sh wrote them" >&2
  exit 2
fi
from=$(cd "$1" && pwd)
. "$(dirname "$0")/compose.sh"

compose up --detach postgres object-store
tries=0
until compose exec -T postgres pg_isready --quiet --host=127.0.0.1 --username=tintype --dbname=tintype; do
  tries=$((tries + 1))
  if [ $tries -gt 120 ]; then
    echo "PostgreSQL does not answer." >&2
    exit 1
  fi
  sleep 1
done
if [ "$(psql_as_owner --tuples-only --no-align -c "SELECT to_regclass('jobs') IS NULL")" != t ]; then
  echo "The database is not empty: nothing is restored. 'docker compose down --volumes' forgets it." >&2
  exit 1
fi

rclone_with "$from" copy /backup/objects store:
compose exec -T postgres pg_restore --username=tintype --dbname=tintype --no-owner --exit-on-error --single-transaction <"$from/database.dump"
# Numbers of transactions begin anew in a new server: old events must not look newer than new ones.
psql_as_owner -c 'UPDATE events SET xact = 0'
compose up --detach
