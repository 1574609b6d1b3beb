#!/bin/sh
# Replaces the containers of services one by one, by new ones of the present image and settings, while requests are answered:
# docker/rolling-restart.sh [SERVICE…], by default worker and api. A new one comes first and is healthy before an old one is told to stop.
set -eu
. "$(dirname "$0")/compose.sh"

is_healthy() {
  state=$(docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$1")
  [ "$state" = healthy ] || [ "$state" = running ]
}

# One that does not become healthy is removed: nginx would send requests to it.
wait_for() {
  tries=0
  until is_healthy "$1"; do
    tries=$((tries + 1))
    if [ $tries -gt 180 ]; then
      docker logs --tail 20 "$1" >&2 || true
      docker rm --force --volumes "$1" >/dev/null
      echo "The new container does not become healthy: it is removed, and the old ones go on." >&2
      exit 1
    fi
    sleep 1
  done
}

for service in ${*:-worker api}; do
  old=$(compose ps --quiet "$service")
  if [ -z "$old" ]; then
    echo "$service does not run: there is nothing to replace." >&2
    exit 1
  fi
  count=$(echo "$old" | wc -l)
  known=$old
  for container in $old; do
    compose up --detach --no-deps --no-recreate --scale "$service=$((count + 1))" "$service"
    # The new one alone: an old one that is ill may be why it is replaced.
    for one in $(compose ps --quiet "$service"); do
      case "$known" in *"$one"*) ;; *) wait_for "$one" ;; esac
    done
    known=$(compose ps --quiet "$service")
    # As long as the container's own stop_grace_period.
    docker stop "$container" >/dev/null
    docker rm --volumes "$container" >/dev/null
    echo "$service: $(echo "$container" | cut -c 1-12) replaced"
  done
done
