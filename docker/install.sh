#!/bin/sh
# install.sh everything: what compiling needs, for this machine.
# install.sh APP [amd64|arm64]: what APP needs to run on that one, and nothing beside it.
set -eu
app=$1
export CI=true
install() {
  pnpm install --frozen-lockfile --ignore-scripts --store-dir=/pnpm --package-import-method=copy --reporter=append-only "$@"
}

if [ "$app" = everything ]; then
  install --filter=tintype --filter=@tintype/api... --filter=@tintype/worker... --filter=@tintype/cli... --filter=@tintype/example-webhooks
  exit
fi

case ${2:-amd64} in amd64) cpu=x64 ;; *) cpu=$2 ;; esac
install --prod --filter-prod="@tintype/$app..." --os=linux --libc=glibc --cpu="$cpu"

# Rooms that this app does not live in, and what only installing needs.
for room in apps/* packages/* examples/* prisma bench test; do
  [ -d "$room/node_modules" ] || rm -rf "$room"
done
rm -rf examples docker pnpm-lock.yaml pnpm-workspace.yaml node_modules/.pnpm/lock.yaml

# What no program reads: types, source maps, and Prisma's compilers for other databases and other sizes.
find node_modules/.pnpm -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete
find node_modules/.pnpm -type f -path '*/@prisma/client/runtime/query_compiler_*' \
  ! -name 'query_compiler_fast_bg.postgresql.*' -delete
