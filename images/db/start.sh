#!/bin/sh
# Make the cluster at the first start, then run Postgres as its own user.
set -eu
# A tmpfs comes back as root's.
install -d -o postgres -g postgres -m 775 /run/postgresql
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    # Made aside and moved: a start that was cut off half-way is simply begun again.
    new=$PGDATA.new
    rm -rf "$new"
    install -o postgres -m 400 /run/secrets/db_password /run/postgresql/password
    as_postgres initdb --pgdata "$new" --username lectern --pwfile /run/postgresql/password \
        --encoding UTF8 --locale C.UTF-8 --auth-local trust --auth-host scram-sha-256
    rm -f /run/postgresql/password
    echo 'host all all all scram-sha-256' >>"$new/pg_hba.conf"
    printf 'CREATE DATABASE lectern;\n' | as_postgres postgres --single -D "$new" postgres >/dev/null
    mv "$new" "$PGDATA"
fi
# Small on purpose: the hub is the only client and its tables are small.
exec setpriv --reuid postgres --regid postgres --init-groups postgres -D "$PGDATA" \
    -c listen_addresses='*' -c shared_buffers=16MB -c max_connections=30 -c jit=off \
    -c max_parallel_workers=0 -c max_wal_size=128MB -c log_min_messages=warning
