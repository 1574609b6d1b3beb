#!/bin/sh
# Whether the bucket answers: its list is read from the disk each time.
set -eu
[ -e /tmp/ready ]
exec curl --silent --fail --max-time 4 --output /dev/null --user "$ACCESS_KEY:$SECRET_KEY" --aws-sigv4 aws:amz:us-east-1:s3 \
  "http://127.0.0.1:8000/${BUCKET:-tintype}?max-keys=1"
