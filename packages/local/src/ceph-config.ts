// Knows the settings of a one-machine, in-memory Ceph cluster with an S3 gateway, all in one folder.
// Refuses to start it. Settings are described in Ceph's own reference, docs.ceph.com/en/quincy.
import { join } from 'node:path';

export interface CephPorts {
  monitor: number;
  gateway: number;
}

/** The text of ceph.conf for a cluster that keeps everything in `folder`. */
export function composeCephConfig(folder: string, clusterId: string, ports: CephPorts): string {
  const settings: Record<string, string> = {
    fsid: clusterId,
    'mon host': `[v1:127.0.0.1:${ports.monitor}]`,
    'auth cluster required': 'none',
    'auth service required': 'none',
    'auth client required': 'none',
    // One copy of everything on one disk that is memory: nothing here outlives the test.
    'osd pool default size': '1',
    'osd pool default min size': '1',
    'osd pool default pg num': '1',
    'osd pool default pgp num': '1',
    'osd pool default pg autoscale mode': 'off',
    'mon allow pool size one': 'true',
    'mon max pg per osd': '1000',
    'osd crush chooseleaf type': '0',
    // A store that introduces itself before the monitor told it the cluster's id is refused, and ends.
    'osd crush update on start': 'false',
    'osd class update on start': 'false',
    'osd objectstore': 'memstore',
    'memstore device bytes': '1073741824',
    // Each new pool waits for a round of the monitor's; a lone monitor has nobody to wait for.
    'paxos propose interval': '0.01',
    'paxos min wait': '0.01',
    'ms bind ipv6': 'false',
    'public addr': '127.0.0.1',
    'cluster addr': '127.0.0.1',
    'admin socket': join(folder, '$name.asok'),
    'log file': '/dev/null',
    'mon cluster log file': '/dev/null',
    'run dir': folder,
    'crash dir': folder,
    'osd data': join(folder, 'osd'),
    'mon data': join(folder, 'mon'),
    'rgw data': folder,
    'rgw frontends': `beast endpoint=127.0.0.1:${ports.gateway}`,
    'rgw thread pool size': '16',
    'rgw enable usage log': 'false',
    // Each shard is an object to create at the first start; one of each is enough and saves seconds.
    'rgw gc max objs': '1',
    'rgw lc max objs': '1',
    'rgw usage max shards': '1',
    'rgw md log max shards': '1',
    'rgw data log num shards': '1',
    'rgw objexp hints num shards': '1',
    'rgw reshard num logs': '1',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return `[global]\n${lines.join('\n')}\n`;
}
