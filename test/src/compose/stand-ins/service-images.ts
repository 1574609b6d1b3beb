// Stand-ins for the images of postgres, valkey and nginx (unprivileged): Debian's packages, with what the real images do at their start.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { tagOf } from './tags.ts';
import type { Workshop } from './workshop.ts';

/** The user of the real image, by number, before the package can make one of another number. */
const account = (name: string, uid: number, gid: number) =>
  `groupadd --system --gid ${gid} ${name} && useradd --system --uid ${uid} --gid ${name} --no-create-home ${name}`;

const files = (texts: Record<string, string>) => async (context: string) => {
  for (const [name, text] of Object.entries(texts))
    await writeFile(path.join(context, name), text, { mode: 0o755 });
};

const install = (packages: string) =>
  `apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${packages} && rm -rf /var/lib/apt/lists/*`;

/** As the real one: a first start by root hands the folder over; an empty folder becomes a cluster. */
const POSTGRES_ENTRY = `#!/bin/sh
set -eu
export PGDATA="\${PGDATA:-/var/lib/postgresql/data}"
if [ "\${1#-}" != "$1" ]; then set -- postgres "$@"; fi
if [ "$(id -u)" = 0 ] && [ "$1" = postgres ]; then
  mkdir -p "$PGDATA" /var/run/postgresql && chmod 700 "$PGDATA"
  chown -R postgres:postgres "$PGDATA" /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
fi
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  user="\${POSTGRES_USER:-postgres}"; name="\${POSTGRES_DB:-$user}"
  if [ -n "\${POSTGRES_PASSWORD_FILE:-}" ]; then POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE"); fi
  printf '%s\\n' "$POSTGRES_PASSWORD" >/tmp/pw
  eval "initdb --username='$user' --pwfile=/tmp/pw \${POSTGRES_INITDB_ARGS:-}"
  rm /tmp/pw
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  pg_ctl -w -o "-c listen_addresses=''" start
  if [ "$name" != postgres ]; then psql -v ON_ERROR_STOP=1 -U "$user" -d postgres -c "CREATE DATABASE \\"$name\\""; fi
  pg_ctl -w -m fast stop
fi
exec "$@"
`;

const VALKEY_ENTRY = `#!/bin/sh
set -eu
if [ "\${1#-}" != "$1" ] || [ "\${1%.conf}" != "$1" ]; then set -- valkey-server "$@"; fi
if [ "$1" = valkey-server ] && [ "$(id -u)" = 0 ]; then
  find . ! -user valkey -exec chown valkey {} +
  exec setpriv --reuid=valkey --regid=valkey --clear-groups "$0" "$@"
fi
exec "$@"
`;

/** Templates become configuration, as the real one makes them. */
const NGINX_ENTRY = `#!/bin/sh
set -eu
from="\${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}"; to="\${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}"
if [ "\${1:-}" = nginx ] && [ -d "$from" ]; then
  known=$(env | cut -d= -f1 | grep -E "\${NGINX_ENVSUBST_FILTER:-}" | sed 's/.*/\${&}/' | tr '\\n' ' ')
  for file in "$from"/*.template; do
    [ -e "$file" ] || continue
    envsubst "$known" <"$file" >"$to/$(basename "$file" .template)"
  done
fi
exec "$@"
`;

const NGINX_CONF = `worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /tmp/nginx.pid;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log /var/log/nginx/access.log;
  sendfile on;
  keepalive_timeout 65;
  include /etc/nginx/conf.d/*.conf;
}
`;

export async function makePostgresImage({ build }: Workshop): Promise<void> {
  const dockerfile = `FROM ${tagOf('trixie')}
RUN ${account('postgres', 999, 999)} && ${install('postgresql-17 libpq5')} && \\
    mkdir -p /var/lib/postgresql/data && chown -R postgres:postgres /var/lib/postgresql /var/run/postgresql && chmod 1777 /var/lib/postgresql/data && chmod 3777 /var/run/postgresql
COPY entry.sh /usr/local/bin/docker-entrypoint.sh
RUN sed -i "s/^#listen_addresses = .*/listen_addresses = '*'/" /usr/share/postgresql/17/postgresql.conf.sample
ENV PATH=$PATH:/usr/lib/postgresql/17/bin PGDATA=/var/lib/postgresql/data LANG=C.UTF-8
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
EXPOSE 5432
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
`;
  await build(tagOf('postgres'), dockerfile, files({ 'entry.sh': POSTGRES_ENTRY }));
}

export async function makeValkeyImage({ build }: Workshop): Promise<void> {
  const dockerfile = `FROM ${tagOf('trixie')}
RUN ${account('valkey', 999, 1000)} && ${install('valkey-server valkey-tools')} && mkdir -p /data && chown valkey:valkey /data
COPY entry.sh /usr/local/bin/docker-entrypoint.sh
WORKDIR /data
VOLUME /data
EXPOSE 6379
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["valkey-server", "--protected-mode", "no"]
`;
  await build(tagOf('valkey'), dockerfile, files({ 'entry.sh': VALKEY_ENTRY }));
}

export async function makeNginxImage({ build }: Workshop): Promise<void> {
  const dockerfile = `FROM ${tagOf('forky')}
RUN ${account('nginx', 101, 101)} && ${install('nginx gettext-base curl ca-certificates')} && \\
    rm -rf /etc/nginx/sites-enabled /etc/nginx/conf.d/* && mkdir -p /etc/nginx/conf.d /var/cache/nginx && chown -R nginx:nginx /var/cache/nginx /etc/nginx/conf.d && \\
    ln -sf /dev/stdout /var/log/nginx/access.log && ln -sf /dev/stderr /var/log/nginx/error.log
COPY entry.sh /docker-entrypoint.sh
COPY nginx.conf /etc/nginx/nginx.conf
USER 101
STOPSIGNAL SIGQUIT
EXPOSE 8080
ENTRYPOINT ["/docker-entrypoint.sh"]
CMD ["nginx", "-g", "daemon off;"]
`;
  await build(tagOf('nginx'), dockerfile, files({ 'entry.sh': NGINX_ENTRY, 'nginx.conf': NGINX_CONF }));
}
