# Sourced by the scripts beside it: Compose, of whichever version is installed, called from where docker-compose.yml lies.
# COMPOSE="docker-compose" names one. COMPOSE_FILE, COMPOSE_PROJECT_NAME and .env count as always.
cd "$(dirname "$0")/.."
if [ -z "${COMPOSE:-}" ]; then
  if docker compose version >/dev/null 2>&1; then COMPOSE='docker compose'; else COMPOSE=docker-compose; fi
fi

compose() { $COMPOSE "$@"; }

# The service `backup`, which only these scripts need.
with_backup() {
  files=docker-compose.yml
  for file in docker-compose.override.yml docker-compose.override.yaml; do
    if [ -e "$file" ]; then files=$files:$file; fi
  done
  COMPOSE_FILE=${COMPOSE_FILE:-$files}:docker/backup/compose.yml $COMPOSE "$@"
}

# rclone in the stack's network, with the folder $1 as /backup; "store:" is the object store.
rclone_with() {
  folder=$1
  shift
  with_backup run --rm -T --user "$(id -u):$(id -g)" --volume "$folder:/backup" backup "$@"
}

psql_as_owner() { compose exec -T postgres psql --username=tintype --dbname=tintype --quiet -v ON_ERROR_STOP=1 "$@"; }
