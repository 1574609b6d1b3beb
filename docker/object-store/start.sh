#!/usr/bin/env bash
# Starts the store, and makes it first where its folder is empty. Ends when one of its parts ends; Docker starts it anew.
# ACCESS_KEY and SECRET_KEY are who may use it, BUCKET is made, STORE_BYTES is how much it may hold.
set -euo pipefail
folder=/var/lib/object-store
: "${ACCESS_KEY:?is not set}" "${SECRET_KEY:?is not set}" "${BUCKET:=tintype}" "${STORE_BYTES:=107374182400}"

say() { echo "object-store: $*" >&2; }

# Whoever reaches the port and knows the key reads, changes and removes every file.
if [ "$SECRET_KEY" = tintype-on-a-laptop ]; then
  case "${PUBLISHED_AT:-127.0.0.1}" in
    127.* | ::1 | '[::1]' | localhost) ;;
    *) say "HTTP_BIND=$PUBLISHED_AT needs an OBJECT_STORE_SECRET_KEY of your own" && exit 1 ;;
  esac
fi

# A file is no device, and there is no LDAP: said as errors at each start.
real_errors() { grep --line-buffered -vE 'unable to get device name|_read_bdev_label|_read_fsid|numa|public interface|LDAP|log_to_monitors|initial osdmap' >&2 || true; }

daemons=()
start() {
  "$@" 2> >(real_errors) &
  daemons=("$!" "${daemons[@]}")
}

# The gateway goes first and the monitor last: nothing is cut off from what it still has to write.
stop() {
  local status=$1 signal=$2 pid
  trap '' TERM INT
  for pid in "${daemons[@]}"; do
    kill "-$signal" "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  exit "$status"
}
trap 'stop 0 TERM' TERM INT
# Whoever is left would wait for who is gone.
trap 'say "could not be started"; stop 1 KILL' ERR

# What was begun and not finished never held anything: only what is marked is kept.
if [ ! -e "$folder/made" ]; then
  say "making a new store"
  rm -rf "${folder:?}"/*
  mkdir "$folder/mon" "$folder/osd"
  cat /proc/sys/kernel/random/uuid >"$folder/id"
fi
bash /opt/object-store/settings.sh "$folder" "$(cat "$folder/id")" "$STORE_BYTES" >"$CEPH_CONF"

if [ ! -e "$folder/made" ]; then
  monmaptool --create --addv a '[v1:127.0.0.1:6789]' --fsid "$(cat "$folder/id")" /tmp/monmap >/dev/null
  ceph-mon --mkfs -i a --monmap /tmp/monmap
fi
start ceph-mon -f -i a --public-addr 127.0.0.1
if [ ! -e "$folder/made" ]; then
  disk=$(cat /proc/sys/kernel/random/uuid)
  ceph osd new "$disk" 0 >/dev/null
  ceph-osd --mkfs -i 0 --osd-uuid "$disk" 2> >(real_errors)
  ceph osd crush add osd.0 1 root=default host=here 2>/dev/null
fi
start ceph-osd -f -i 0

# The keys are those of today; of others, none.
user=(--uid tintype)
radosgw-admin user info "${user[@]}" >/tmp/user 2>/dev/null ||
  radosgw-admin user create "${user[@]}" --display-name tintype --access-key "$ACCESS_KEY" --secret-key "$SECRET_KEY" >/tmp/user
if ! grep -qF "\"secret_key\": \"$SECRET_KEY\"" /tmp/user || ! grep -qF "\"access_key\": \"$ACCESS_KEY\"" /tmp/user; then
  sed -n 's/.*"access_key": "\(.*\)".*/\1/p' /tmp/user | while read -r old; do
    radosgw-admin key rm "${user[@]}" --key-type s3 --access-key "$old" >/dev/null
  done
  radosgw-admin key create "${user[@]}" --key-type s3 --access-key "$ACCESS_KEY" --secret-key "$SECRET_KEY" >/dev/null
fi
rm /tmp/user
touch "$folder/made"
sync "$folder"

start radosgw -f -n client.rgw
until curl --silent --fail --output /dev/null http://127.0.0.1:8000; do
  kill -0 "${daemons[0]}"
  sleep 0.1
done
# Web pages may send files straight here: whoever may is told by the signature of the address.
cors='<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader></CORSRule></CORSConfiguration>'
signed=(curl --silent --show-error --fail --output /dev/null --user "$ACCESS_KEY:$SECRET_KEY" --aws-sigv4 aws:amz:us-east-1:s3)
"${signed[@]}" -X PUT "http://127.0.0.1:8000/$BUCKET"
"${signed[@]}" -X PUT --data-binary "$cors" \
  -H "Content-MD5: $(printf %s "$cors" | openssl dgst -md5 -binary | base64)" "http://127.0.0.1:8000/$BUCKET?cors"
touch /tmp/ready
say "ready"

trap - ERR
wait -n "${daemons[@]}" || true
say "a part of it ended"
stop 1 KILL
