#!/usr/bin/env bash
# The figures of the whole, over the wire: `docs/bench/measure.sh target/release/centralita`, with the plugins built
# (`centralita plugin build`), PostgreSQL 15 or later installed, Python for the model's stand-in. Everything runs on this
# machine, on ports of 127.0.0.1, in a folder that is removed. PARTS chooses: `PARTS="sqlite postgres" docs/bench/measure.sh …`.
# `PARTS=flat` takes ten minutes: a hundred open calls by Gather, and the server's memory each minute.
set -uo pipefail
bin="$(realpath "$1")"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
here="$root/docs/bench"
project="$root/flows/sctbnk"
parts="${PARTS:-machine sqlite postgres start memory model}"
work="$(mktemp -d)"
chmod 755 "$work"
server='' cluster=''
export CENTRALITA_BIND=127.0.0.1:5305 CENTRALITA_ADMIN_BIND=127.0.0.1:5306 TWILIO_AUTH_TOKEN=a-token-of-the-benches
export RATE_LIMIT_PER_MINUTE=0 CENTRALITA_MAX_CALLS=20000 LOG_LEVEL=error
to=http://127.0.0.1:5305
cd "$work"

stop() {
    [[ -n "$server" ]] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
    server=''
}
finish() {
    stop
    [[ -n "$cluster" ]] && as_owner "$pg/pg_ctl" -D "$cluster/data" -m immediate stop >/dev/null 2>&1
    rm -rf "$work" "$cluster"
}
trap finish EXIT

as_owner() { if [[ "$(id -u)" == 0 ]]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }

start() { # DATABASE_URL, further arguments of dev
    local url="$1"
    shift
    DATABASE_URL="$url" "$bin" dev --project "$project" "$@" >"$work/server.log" 2>&1 &
    server=$!
    for _ in {1..400}; do curl -fs "$to/health" >/dev/null 2>&1 && return; sleep 0.05; done
    cat "$work/server.log"
    exit 1
}

call() { echo "\$ centralita call $*"; "$bin" call --to "$to" "$@" | sed 's/^/    /'; }

rows() { # the same three runs on either database
    call --script "$project/scripts/block.txt" --calls 100 --concurrency 10 --from +525510000900 >/dev/null
    call --script "$project/scripts/block.txt" --calls 200 --concurrency 100
    call --script "$project/scripts/block.txt" --calls 300 --concurrency 100 --pause 1..3 --from +525510000300
    # The desk's binding takes 1,000 requests an hour, and each call needs one: a fresh server for the rest.
    stop
    start "$1" --fresh --clients 6000
    call --script "$project/scripts/block.txt" --calls 800 --concurrency 32 --from +525510002000
    call --script "$here/ordinary.txt" --calls 1000 --concurrency 32 --from +525510003000
}

for part in $parts; do
    echo "== $part ($(date -u +%H:%M:%S), load $(cut -d' ' -f1 /proc/loadavg))"
    case "$part" in
    machine)
        nproc
        grep -m1 'model name' /proc/cpuinfo
        awk '/MemTotal/ {printf "%.1f GiB\n", $2 / 1048576}' /proc/meminfo
        uname -r
        ;;
    sqlite)
        start "sqlite:$work/bench.db" --fresh --clients 6000
        rows "sqlite:$work/bench.db"
        stop
        ;;
    postgres)
        pg="$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)"
        cluster="$(as_owner mktemp -d /tmp/centralita-bench-XXXXXX)"
        as_owner "$pg/initdb" -D "$cluster/data" -A trust -U postgres -E UTF8 --no-locale >/dev/null
        as_owner "$pg/pg_ctl" -D "$cluster/data" -w -l "$cluster/log" -o "-p 5344 -c listen_addresses=127.0.0.1 -c unix_socket_directories=" start >/dev/null
        local_pg=(-h 127.0.0.1 -p 5344 -U postgres)
        psql "${local_pg[@]}" -Atc "select version()" -c "show fsync" -c "show synchronous_commit"
        as_owner "$pg/pg_test_fsync" -s 1 -f "$cluster/fsync" 2>&1 | grep -m1 'fdatasync  *[0-9]' || true
        createdb "${local_pg[@]}" house
        createdb "${local_pg[@]}" bench
        start "postgres://postgres@127.0.0.1:5344/house" --fresh --clients 6000
        rows postgres://postgres@127.0.0.1:5344/house
        stop
        # What an answered turn left behind is what pgbench writes. The greeting (turn 0) begins a call, so it is left out.
        sizes="$(psql "${local_pg[@]}" -AtF' ' house -c "
            select greatest(1, round((select count(*) from events)::numeric / (select count(*) from turns))),
                   (select round(avg(length(event))) from events), (select round(avg(length(state))) from snapshots),
                   (select round(avg(length(reply))) from turns where turn > 0), (select round(avg(length(body_digest))) from turns),
                   round((select count(*) from effects)::numeric / (select count(*) from turns), 2)")"
        read -r events event state reply digest effects <<<"$sizes"
        echo "a turn: $events events of $event bytes, snapshot $state, reply $reply, $effects effects (not in turn.sql)"
        for file in "$root"/migrations/postgres/*.sql; do psql "${local_pg[@]}" -q bench -f "$file"; done
        random() { openssl rand -hex "$1"; }
        bench() {
            psql "${local_pg[@]}" -q bench -c "truncate calls cascade" -f "$here/setup.sql" 2>/dev/null
            echo "\$ pgbench -n -M prepared -c $1 -j 2 -T 15 -f docs/bench/turn.sql"
            pgbench "${local_pg[@]}" -n -M prepared -c "$1" -j 2 -T 15 -D seq=0 -D turn=0 -D "events=$events" -D "event=$(random "$event")" \
                -D "state=$(random "$state")" -D "reply=$(random "$reply")" -D "digest=$(random "$digest")" -f "$here/turn.sql" bench |
                grep -E 'tps|latency average|processed' | sed 's/^/    /'
            psql "${local_pg[@]}" -Atc "select 'turns stored: ' || count(*) from turns" bench | sed 's/^/    /'
        }
        bench 16
        bench 32
        ;;
    start)
        start "sqlite:$work/bench.db" --fresh
        stop
        times=()
        for _ in {1..10}; do
            began="$(date +%s%N)"
            DATABASE_URL="sqlite:$work/bench.db" "$bin" dev --project "$project" >"$work/server.log" 2>&1 &
            server=$!
            until "$bin" call --to "$to" --script "$here/hangup.txt" >/dev/null 2>&1; do :; done
            times+=($((($(date +%s%N) - began) / 1000000)))
            stop
        done
        echo "start to first answered call, ms: $(printf '%s\n' "${times[@]}" | sort -n | tr '\n' ' ')"
        ;;
    memory)
        start "sqlite:$work/memory.db" --fresh
        call --script "$here/hangup.txt" >/dev/null
        sleep 3
        echo "idle: $(awk '/VmRSS/ {printf "%.0f MB", $2 / 1024}' "/proc/$server/status")"
        (cd "$root" && cargo bench -q -p centralita --bench core -- ring "$to" 10000)
        sleep 3
        echo "10,000 open calls: $(awk '/VmRSS|VmHWM/ {printf "%s %.0f MB  ", $1, $2 / 1024}' "/proc/$server/status")"
        stop
        ;;
    model)
        python3 "$here/model.py" 5390 &
        model=$!
        OPENAI_BASE_URL=http://127.0.0.1:5390/v1 OPENAI_MODEL=standin start "sqlite:$work/model.db" --fresh
        call --script "$here/model.txt" --calls 200 --concurrency 100
        echo "the model was asked $(curl -fs http://127.0.0.1:5390/) times"
        stop
        kill "$model"
        ;;
    flat)
        # More tickets than the desk's own quota allows in an hour: its quota is not what is measured.
        cp -r "$project" "$work/flat"
        sed -i 's/rate_per_hour: 1000$/rate_per_hour: 100000/' "$work/flat/plugins.yml"
        python3 "$here/model.py" 5390 &
        model=$!
        project="$work/flat" OPENAI_BASE_URL=http://127.0.0.1:5390/v1 OPENAI_MODEL=standin start "sqlite:$work/flat.db" --fresh --clients 6000
        (while sleep 60; do awk '/VmRSS/ {printf "%.0f MB\n", $2 / 1024}' "/proc/$server/status"; done >"$work/resident" 2>/dev/null) &
        watcher=$!
        call --script "$here/model.txt" --calls 4800 --concurrency 100 --pause 1..3
        kill "$watcher"
        echo "resident, each minute: $(tr '\n' ' ' <"$work/resident")"
        stop
        kill "$model"
        ;;
    esac
done
