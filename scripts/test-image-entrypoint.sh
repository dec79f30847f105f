#!/bin/bash
# Entry point of the images that test-images.sh builds. It does what the official
# postgres and redis images do, as far as the tests need it.
set -euo pipefail

case "${1:-}" in
  postgres) user=postgres data=$PGDATA ;;
  redis-server) user=redis data=/data ;;
  *) exec "$@" ;;
esac
if [ "$(id -u)" = 0 ]; then # begin again as the server's own user
  install -d -m 700 -o "$user" -g "$user" "$data" /run/postgresql
  exec setpriv --reuid="$user" --regid="$user" --init-groups "$0" "$@"
fi
shift

# A container killed half-way starts over: only the last line says that all is done.
# As in the official image, "ready to accept connections" is logged twice at the first
# start: here, where nobody can connect from outside yet, and then for good.
init_postgres() {
  local owner=${POSTGRES_USER:-postgres}
  local database=${POSTGRES_DB:-$owner}
  rm -rf "${PGDATA:?}"/*
  initdb --no-sync --encoding=UTF8 --username="$owner" --auth-local=trust \
    --auth-host=scram-sha-256 --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:?must be set}")
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
  pg_ctl -w start -o "-c listen_addresses=''"
  if [ "$database" != postgres ]; then
    createdb --username="$owner" --maintenance-db=postgres "$database"
  fi
  pg_ctl -w -m fast stop
  touch "$PGDATA/initialised"
}

if [ "$user" = postgres ]; then
  PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
  [ -e "$PGDATA/initialised" ] || init_postgres >&2
  exec postgres "$@"
fi

first=()
if [[ ${1:-} == *.conf ]]; then # Redis wants its configuration file before any option
  first=("$1")
  shift
fi
exec redis-server "${first[@]}" --protected-mode no "$@"
