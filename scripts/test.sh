#!/usr/bin/env bash
# Runs the tests; arguments go to `go test` (default: ./...). The container half needs a
# Docker Engine and two images: the official ones, or stand-ins where none can be pulled.
#   SHOP_E2E_POSTGRES_IMAGE, SHOP_E2E_REDIS_IMAGE: other images, of your choice
#   SHOP_E2E_REQUIRE_CONTAINERS=1: fail where that half would be skipped
set -euo pipefail
cd "$(dirname "$0")/.."

official=(postgres:17-alpine redis:7-alpine) # the defaults of the tests themselves

command -v timeout >/dev/null || timeout() { shift; "$@"; } # not on every system

have_official() {
  local image
  for image in "${official[@]}" testcontainers/ryuk; do
    [ -n "$(docker image ls -q "$image")" ] || return 1
  done
}

pull_official() {
  timeout 10 docker manifest inspect "${official[1]}" >/dev/null 2>&1 || return 1
  local image
  for image in "${official[@]}"; do
    docker pull -q "$image" || return 1
  done
}

# Says why there are no containers, which is an error only where they are required.
without_containers() {
  echo "test: $1, so the tests that need containers are skipped" >&2
  if [ "${SHOP_E2E_REQUIRE_CONTAINERS:-}" = 1 ]; then
    echo "test: SHOP_E2E_REQUIRE_CONTAINERS=1 forbids that" >&2
    exit 1
  fi
}

# What a killed or panicking test left behind: this run's only, known by its session.
remove_leftovers() {
  docker ps -aq --filter "label=org.testcontainers.sessionId=$TESTCONTAINERS_SESSION_ID" 2>/dev/null |
    xargs -r docker rm -fv >/dev/null 2>&1 || true
}

if ! timeout 10 docker info >/dev/null 2>&1; then
  without_containers "no Docker Engine answers"
elif [ -n "${SHOP_E2E_POSTGRES_IMAGE:-}${SHOP_E2E_REDIS_IMAGE:-}" ]; then
  echo "test: containers from the images you chose"
elif have_official || pull_official; then
  echo "test: containers from ${official[*]}"
elif scripts/test-images.sh; then
  echo "test: no image registry answers, so containers from images built here"
  export SHOP_E2E_POSTGRES_IMAGE=tirage-test/postgres:15 SHOP_E2E_REDIS_IMAGE=tirage-test/redis:7
  # The reaper's image cannot be pulled either; remove_leftovers does its work.
  export TESTCONTAINERS_RYUK_DISABLED=true
  # Ports are published on IPv4; "localhost" may mean ::1 first.
  export TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
else
  without_containers "no image registry answers and none could be built"
fi

TESTCONTAINERS_SESSION_ID=tirage-$$-$(date +%s)
export TESTCONTAINERS_SESSION_ID
trap remove_leftovers EXIT
# The end-to-end tests wait for leases of half a minute, many times.
go test -count=1 -timeout=20m "${@:-./...}"
