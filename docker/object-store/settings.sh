# Prints ceph.conf for a store that keeps everything in the folder $1: settings.sh FOLDER CLUSTER_ID STORE_BYTES.
# Every setting is described at docs.ceph.com/en/reef.
cat <<CONF
[global]
fsid = $2
mon host = [v1:127.0.0.1:6789]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
# Nobody but these processes reaches the monitor and the disk: they listen inside of the container alone.
auth cluster required = none
auth service required = none
auth client required = none
# One copy of everything, on the one disk there is.
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 1000
osd crush chooseleaf type = 0
# A disk that introduces itself before the monitor told it the cluster's id is refused, and ends.
osd crush update on start = false
osd class update on start = false
osd objectstore = bluestore
bluestore block create = true
# A file with holes: it takes what was ever written, at most this much.
bluestore block size = $3
# A laptop's share of memory.
bluestore cache autotune = false
bluestore cache size = 134217728
osd memory target = 939524096
osd op num shards = 2
osd op num threads per shard = 2
# A lone monitor has nobody to wait for.
paxos propose interval = 0.01
paxos min wait = 0.01
mon data = $1/mon
osd data = $1/osd
run dir = /tmp
crash dir = /tmp
rgw data = /tmp
admin socket = /tmp/\$name.asok
log file = /dev/null
mon cluster log file = /dev/null
err to stderr = true
rgw frontends = beast port=8000
# nginx publishes it: Swift, STS and administration by HTTP are for nobody here.
rgw enable apis = s3
rgw thread pool size = 64
rgw enable usage log = false
rgw gc max objs = 1
rgw lc max objs = 1
rgw usage max shards = 1
rgw md log max shards = 1
rgw data log num shards = 1
rgw objexp hints num shards = 1
rgw reshard num logs = 1
CONF
