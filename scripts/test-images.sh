#!/usr/bin/env bash
# Builds tirage-test/postgres:15 and tirage-test/redis:7 from the Debian packages
# this machine's own apt sources offer, for places where no image registry answers.
# They stand in for the official images: same variables, arguments and log lines.
# Does nothing when both exist and were built by this very recipe.
set -euo pipefail
cd "$(dirname "$0")"

postgres=tirage-test/postgres:15
redis=tirage-test/redis:7
recipe=$(cat test-images.sh test-image-entrypoint.sh | sha256sum | cut -c1-16)

built() { [ "$(docker image inspect -f '{{index .Config.Labels "recipe"}}' "$1" 2>/dev/null)" = "$recipe" ]; }

exec 9>"${TMPDIR:-/tmp}/tirage-test-images.lock"
flock 9 # two runs side by side build once
if built "$postgres" && built "$redis"; then
  exit 0
fi

echo "building $postgres and $redis from Debian packages, about a minute"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run() { "$@" >>"$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; echo "failed: $*" >&2; exit 1; }; }

# shellcheck source=/dev/null
. /etc/os-release
if [ "${VERSION_CODENAME:-}" != bookworm ]; then
  echo "these images need Debian 12 (bookworm), whose PostgreSQL is 15 and whose Redis is 7; elsewhere use the official ones" >&2
  exit 1
fi
if [ "$(id -u)" = 0 ]; then
  # A broken third-party source must not stop us: what is missing shows below.
  apt-get update >>"$work/log" 2>&1 || true
  command -v mmdebstrap >/dev/null || run env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mmdebstrap
elif ! command -v mmdebstrap >/dev/null; then
  echo "mmdebstrap is missing: install it, or run this once as root" >&2
  exit 1
fi

# The machine's own Debian mirrors, and its own rules for reaching them.
# shellcheck disable=SC2016 # the $(...) are apt's, not the shell's
apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' 'Origin: Debian' >"$work/sources.list"
apt-config dump | grep -E '^Acquire::(Check-|https?::)' >"$work/apt.conf" || true

# Without the cluster that the package would make: the entry point makes its own.
# shellcheck disable=SC2016 # $1 is the hook's: the directory of the new root
run mmdebstrap --variant=minbase --include=postgresql-15,redis-server \
  --aptopt="$work/apt.conf" \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --essential-hook='mkdir -p "$1/etc/postgresql-common" && echo create_main_cluster=false >"$1/etc/postgresql-common/createcluster.conf"' \
  --customize-hook="upload test-image-entrypoint.sh /usr/local/bin/docker-entrypoint.sh" \
  --customize-hook='chmod 755 "$1/usr/local/bin/docker-entrypoint.sh"' \
  bookworm "$work/root.tar" "$work/sources.list"

# One root, two images. (Import knows no STOPSIGNAL, commit takes the container's.)
root=$(docker import \
  --change "LABEL recipe=$recipe" --change 'ENV LANG=C.UTF-8 PGDATA=/var/lib/postgresql/data' \
  --change 'ENTRYPOINT ["docker-entrypoint.sh"]' "$work/root.tar")
image() { # name, stop signal, changes…
  local container
  container=$(docker create --stop-signal "$2" "$root")
  run docker commit "${@:3}" "$container" "$1"
  run docker rm "$container"
}
# Data is on a volume, as in the official images: an overlay of files is many times slower.
image "$postgres" SIGINT --change 'CMD ["postgres"]' --change 'EXPOSE 5432' --change 'VOLUME /var/lib/postgresql/data'
image "$redis" SIGTERM --change 'CMD ["redis-server"]' --change 'EXPOSE 6379' --change 'VOLUME /data' --change 'WORKDIR /data'
