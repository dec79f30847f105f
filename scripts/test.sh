#!/usr/bin/env bash
# Runs the tests; arguments go to `go test` (default: ./...). The container half needs a
# Docker Engine and two images: the official ones, or stand-ins where none can be pulled.
# SHOP_E2E_POSTGRES_IMAGE, SHOP_E2E_REDIS_IMAGE choose images yourself
# SHOP_E2E_REQUIRE_CONTAINERS=1                 fail where that half would be skipped
set -euo pipefail
cd "$(dirname "$0")/.."

official=(postgres:17-alpine redis:7-alpine) # the defaults of the tests themselves

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

use_local_images() {
  scripts/test-images.sh
  export SHOP_E2E_POSTGRES_IMAGE=tirage-test/postgres:15 SHOP_E2E_REDIS_IMAGE=tirage-test/redis:7
  # The reaper's image cannot be pulled either; remove_leftovers does its work.
  export TESTCONTAINERS_RYUK_DISABLED=true
  # Ports are published on IPv4; "localhost" may mean ::1 first.
  export TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
}

# What a killed or panicking test left behind: this run's only, known by its session.
remove_leftovers() {
  local mine="label=org.testcontainers.sessionId=$TESTCONTAINERS_SESSION_ID"
  docker ps -aq --filter "$mine" | xargs -r docker rm -fv >/dev/null || true
  docker network ls -q --filter "$mine" | xargs -r docker network rm >/dev/null || true
}

if timeout 10 docker info >/dev/null 2>&1; then
  TESTCONTAINERS_SESSION_ID=tirage-$$-$(date +%s)
  export TESTCONTAINERS_SESSION_ID
  trap remove_leftovers EXIT
  if [ -n "${SHOP_E2E_POSTGRES_IMAGE:-}${SHOP_E2E_REDIS_IMAGE:-}" ]; then
    echo "test: containers from the images you chose"
  elif have_official || pull_official; then
    echo "test: containers from ${official[*]}"
  else
    echo "test: no image registry answers, so containers from images built here"
    use_local_images
  fi
elif [ "${SHOP_E2E_REQUIRE_CONTAINERS:-}" = 1 ]; then
  echo "test: no Docker Engine answers, and SHOP_E2E_REQUIRE_CONTAINERS=1 asks for one" >&2
  exit 1
else
  echo "test: no Docker Engine answers, so the tests that need containers are skipped"
fi

go test -count=1 "${@:-./...}"
