#!/bin/sh
# A backup of a running stack: docker/backup.sh FOLDER writes FOLDER/database.dump and FOLDER/objects. Nothing is stopped.
# The database first, the objects after: every row of the dump then has its object in the copy. The other way round an image that came in
# between would be a row without a file; this way it is a file without a row, which the worker's sweep removes after a restore.
# A second backup into the same FOLDER copies new objects only. Derivatives stay out: they are made again when they are asked for.
set -eu
if [ $# -ne 1 ]; then
  echo "usage: docker/backup.sh FOLDER" >&2
  exit 2
fi
# Secrets are in it: for nobody else on this machine.
umask 077
mkdir -p "$1/objects"
to=$(cd "$1" && pwd)
. "$(dirname "$0")/compose.sh"

compose exec -T postgres pg_dump --username=tintype --format=custom --no-owner tintype >"$to/database.dump.part"
# Read to its end: one that was cut off on its way is no backup.
compose exec -T postgres pg_restore --file=/dev/null <"$to/database.dump.part"
rclone_with "$to" copy --use-server-modtime --exclude '*/derived/**' --exclude '*/incoming/**' store: /backup/objects
# Last: where copying failed, the folder holds the backup before, whole.
mv "$to/database.dump.part" "$to/database.dump"
