# Whether nginx answers: curl for plain http, or without a look at the certificate, whose name is not 127.0.0.1.
set -eu
scheme=${NGINX_CONF:-http}
exec curl --silent --fail --insecure --max-time 2 --output /dev/null "$scheme://127.0.0.1:8080/nginx-health"
