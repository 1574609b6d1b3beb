# Tells how to begin, and starts nginx with the settings that NGINX_CONF names.
set -eu
conf="/etc/nginx/tintype/${NGINX_CONF:=http}.conf"
case "$NGINX_CONF" in http | https) ;; *) echo "NGINX_CONF must be http or https, not \"$NGINX_CONF\"." >&2 && exit 1 ;; esac

# A form is a little larger than the file in it.
echo "client_max_body_size $((${MAX_UPLOAD_BYTES:-52428800} + 1048576));" >/tmp/limits.conf

url=${PUBLIC_URL:-http://localhost:3000}
cat <<TEXT

Tintype is ready at $url; every route is at $url/docs. Make a key, and send an image:

  KEY=\$(docker compose run --rm -T tools keys create --name me)
  curl -H "X-API-Key: \$KEY" -H 'Prefer: wait=10' -F image=@examples/lighthouse.jpg $url/v1/jobs

TEXT
exec nginx -c "$conf" -g 'daemon off;'
