# Sourced by the scripts beside it: Compose, of whichever version is installed, called from where docker-compose.yml lies.
# COMPOSE="docker-compose" names one. COMPOSE_FILE, COMPOSE_PROJECT_NAME and .env count as always.
cd "$(dirname "$0")/.."
if [ -z "${COMPOSE:-}" ]; then
  if docker compose version >/dev/null 2>&1; then COMPOSE='docker compose'; else COMPOSE=docker-compose; fi
fi

compose() { $COMPOSE "$@"; }

# What .env names counts as well, as long as the environment names nothing.
if [ -z "${COMPOSE_FILE:-}" ] && [ -e .env ]; then
  COMPOSE_FILE=$(sed -n "s/^COMPOSE_FILE=//p" .env | tr -d "\"'")
fi

# The service `backup`, which only these scripts need.
with_backup() {
  files=docker-compose.yml
  for file in docker-compose.override.yml docker-compose.override.yaml; do
    if [ -e "$file" ]; then files=$files:$file; fi
  done
  COMPOSE_FILE=${COMPOSE_FILE:-$files}:docker/backup/compose.yml $COMPOSE "$@"
}

# rclone in the stack's network, with the folder $1 as /backup; "store:" is the object store. It runs as whoever owns the folder: without
# capabilities not even root reads what is somebody else's.
rclone_with() {
  folder=$1
  shift
  owner=$(ls -dn "$folder/objects" | awk '{ print $3 ":" $4 }')
  with_backup run --rm -T --user "$owner" --volume "$folder:/backup" backup "$@"
}

psql_as_owner() { compose exec -T postgres psql --username=tintype --dbname=tintype --quiet -v ON_ERROR_STOP=1 "$@"; }
